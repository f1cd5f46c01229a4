"""What ``sumatra.sty`` calls: ``python -m sumatra.publishing.latex.includefigure JOB-1.sumatra``; ``JOB`` for all.

It reads what figure a document asks for, and writes ``JOB-1.sumatra.tex``: the ``\\includegraphics`` of a checked copy
in ``smt_images``, or the reason why there is none.
"""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Sequence
from glob import escape
from pathlib import Path

from cawan.errors import CawanError

from sumatra.publishing.figures import find_figure, place_figure

_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    each: f"\\{each}" for each in "#$%&_{}"
}
_LENGTH = re.compile(r"\s*[-+]?[\d.]*\s*(?:\\[A-Za-z]+|[a-z]{2})\s*")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files of the figures; the exit code is 1 where any is missing."""
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 1:
        sys.stderr.write("Usage: python -m sumatra.publishing.latex.includefigure JOB (or JOB-1.sumatra)\n")
        return 2
    given = Path(words[0].removesuffix(".tex"))
    files = [given] if given.suffix == ".sumatra" else sorted(given.parent.glob(f"{escape(given.name)}-*.sumatra"))
    if not files:
        sys.stderr.write(f"No figures of {str(given)!r} are asked for. Run latex first.\n")
        return 66
    mistakes = [mistake for file in files if (mistake := _answer(file))]
    sys.stderr.writelines(f"{mistake}\n" for mistake in mistakes)
    return int(bool(mistakes))


def _answer(file: Path) -> str:
    """Write what LaTeX is to read; gives what is wrong."""
    requests = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        requests.read_string(file.read_text(encoding="utf-8"), str(file))
        text, mistake = _included(dict(requests["graphics"]), file)
    except (OSError, UnicodeDecodeError, KeyError, configparser.Error) as error:
        return f"{file} cannot be read: {error}. Run latex again."
    file.with_name(f"{file.name}.tex").write_text(f"{text}%\n", encoding="utf-8")
    return mistake


def _included(request: dict[str, str], job: Path) -> tuple[str, str]:
    """What LaTeX is to read, and what is wrong."""
    try:
        sizes = [f"{name}={_length(name, request[name])}" for name in ("width", "height") if request.get(name)]
        figure = find_figure(
            request.get("reference", ""), record_store=request.get("recordstore") or None,
            project=request.get("project") or None, digest=request.get("digest") or None,
            start=job.absolute().parent,
        )  # fmt: skip
        place_figure(figure, job.absolute().parent)
    except CawanError as error:
        return f"\\smtmissing{{{escaped(str(error))}}}", str(error)
    included = f"\\includegraphics[{','.join(sizes)}]{{smt_images/{figure.name}}}"
    return (f"\\smthref{{{escaped(figure.link)}}}{{{included}}}" if figure.link else included), ""


def _length(name: str, text: str) -> str:
    """A length of LaTeX, and nothing that could be a command of another kind."""
    if not _LENGTH.fullmatch(text):
        raise CawanError(f"{name}={text!r} is no length. It is a number and a unit, such as 8cm or 0.5\\textwidth.")
    return text.strip()


def escaped(text: str) -> str:
    """Text in which LaTeX finds no command.

    >>> escaped("a_b 50 %")
    'a\\\\_b 50 \\\\%'
    """
    return "".join(_SPECIAL.get(each, each) for each in text)


if __name__ == "__main__":
    raise SystemExit(main())
