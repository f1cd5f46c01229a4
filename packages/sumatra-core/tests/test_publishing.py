"""Figures in papers and pages by the label of their run: the right file, the same as it was, or a reason."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import sumatra.publishing.latex
from cawan.errors import CawanError
from sumatra.publishing import FigureError, find_figure
from sumatra.publishing.latex.includefigure import escaped, main


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"".join((
    b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
    _chunk(b"IDAT", zlib.compress(b"\0\x80")), _chunk(b"IEND", b""),
))  # fmt: skip
DRAW = f"""\
from pathlib import Path
Path("Data").mkdir(exist_ok=True)
Path("Data/my_figure.png").write_bytes(bytes.fromhex("{PNG.hex()}"))
Path("Data/numbers.txt").write_text("1 2 3")
"""


@pytest.fixture(scope="module")
def with_figure(make_shared: Any) -> Any:
    """That project, made once; tests leave the record and its files as they are."""
    made = make_shared()
    made.smt("init", "trial", "--executable=python", "--main=main.py")
    made.smt("configure", "--stamp=none")
    made.write("main.py", DRAW)
    made.commit()
    made.smt("run", "--label=fig_1")
    return made


@pytest.fixture
def drawn(with_figure: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project with a run that drew a figure and wrote numbers; its folder is the current one."""
    monkeypatch.chdir(with_figure.path)
    return with_figure


@pytest.mark.parametrize("reference", ["fig_1:my_figure.png", "fig_1?png", "fig_1?figure"])
def test_a_figure_is_found_by_path_or_part_of_it(drawn: Any, reference: str) -> None:
    """The content is that of the file, under a name that no document trips over."""
    figure = find_figure(reference)

    assert (figure.label, figure.path, figure.content) == ("fig_1", "my_figure.png", PNG)
    assert figure.name == f"{hashlib.sha256(PNG).hexdigest()[:16]}.png"
    for digest in (hashlib.sha1(PNG, usedforsecurity=False).hexdigest(), f"sha256:{hashlib.sha256(PNG).hexdigest()}"):
        assert find_figure(reference, digest=digest) == figure


@pytest.mark.parametrize(("reference", "digest", "says"), [
    ("fig_1", None, r"several files: my_figure\.png, numbers\.txt\. Name one: fig_1:my_figure\.png"),
    ("fig_1?svg", None, r"no output 'svg'\. It has"),
    ("fig_1:my_figure", None, "no output 'my_figure'"),
    ("fig_7?png", None, "no record 'fig_7'"),
    ("fig_1?png", "0" * 40, "another file than expected by this document"),
    ("fig_1?png", "rubbish", "is no digest"),
    (":x", None, "names no figure"),
])  # fmt: skip
def test_what_cannot_be_included_is_said(drawn: Any, reference: str, digest: str | None, says: str) -> None:
    """The sentence has the reference, what there is, and what to write."""
    with pytest.raises(FigureError, match=says):
        find_figure(reference, digest=digest)


def test_a_figure_that_changed_after_its_run_is_refused(drawn: Any) -> None:
    """Nobody publishes a figure under the label of a run that did not make it."""
    figure = drawn.path / "Data" / "my_figure.png"
    figure.write_bytes(PNG + b"edited")
    try:
        with pytest.raises(FigureError, match=r"another file than recorded.*smt whence"):
            find_figure("fig_1?png")
    finally:
        figure.write_bytes(PNG)


def test_another_store_is_named_by_its_address(drawn: Any, tmp_path: Path) -> None:
    """The record may be in a store that was synchronised; an address that nobody knows is refused."""
    drawn.smt("sync", str(tmp_path / "other"))

    assert find_figure("fig_1?png", record_store=str(tmp_path / "other"), project="trial").content == PNG
    with pytest.raises(CawanError, match="nowhere"):
        find_figure("fig_1?png", record_store="nowhere:x")
    with pytest.raises(FigureError, match="not 'others'"):
        find_figure("fig_1?png", project="others")


def test_the_latex_program_writes_a_checked_copy_or_the_reason(drawn: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A good request becomes an image, a bad one a box; nothing in a request becomes a command of LaTeX."""
    good, bad, evil = (drawn.path / f"draft-{n}.sumatra" for n in (1, 2, 3))
    good.write_text("[graphics]\nreference=fig_1?png\nwidth=0.5\\textwidth \nheight=\n")
    bad.write_text("[graphics]\nreference=no_such_run\n")
    evil.write_text("[graphics]\nreference=fig_1?png\nwidth=1cm]{x}\\input{/etc/passwd}\n")

    assert main(["draft"]) == 1

    name = f"smt_images/{hashlib.sha256(PNG).hexdigest()[:16]}.png"
    text = (drawn.path / "draft-1.sumatra.tex").read_text()
    assert text == f"\\includegraphics[width=0.5\\textwidth]{{{name}}}%\n"
    assert (drawn.path / name).read_bytes() == PNG
    assert "no\\_such\\_run" in (drawn.path / "draft-2.sumatra.tex").read_text()
    assert "\\input" not in (drawn.path / "draft-3.sumatra.tex").read_text()
    said = capsys.readouterr().err
    assert "no record 'no_such_run'" in said and "is no length" in said
    assert main(["other"]) == 66 and "Run latex first" in capsys.readouterr().err
    assert escaped("\\_%$#{}") == "\\textbackslash{}\\_\\%\\$\\#\\{\\}"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed, so no paper is set")
def test_a_paper_gets_its_figure_with_and_without_shell_escape(drawn: Any) -> None:
    """Typed as the package says: at once with shell escape, else like BibTeX; a missing figure is a warning."""
    style = next(iter(sumatra.publishing.latex.__path__))
    environment = {**os.environ, "TEXINPUTS": f".:{style}:"}
    (drawn.path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage[project=trial]{sumatra}\n\\begin{document}\n"
        "\\smtincludegraphics[width=2cm]{fig_1?png} \\smtincludegraphics{fig_1}\n\\end{document}\n"
    )

    def latex(*options: str) -> str:
        command = ["pdflatex", "-interaction=nonstopmode", *options, "paper"]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout.decode()

    assert "<./smt_images" not in latex()
    subprocess.run([sys.executable, "-m", "sumatra.publishing.latex.includefigure", "paper"], check=False)
    shown = latex()
    assert "<./smt_images" in shown and shown.count("A figure is missing") == 1
    for file in drawn.path.glob("paper-*"):
        file.unlink()
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    assert "<./smt_images" in latex("-shell-escape")


def test_a_page_of_sphinx_has_its_figures_or_an_error_at_the_line(drawn: Any) -> None:
    """The directive takes the options of an image; a label without such a figure is an error of the document."""
    pytest.importorskip("sphinx", reason="sphinx is not installed, so no page is built")
    from sphinx.testing.util import SphinxTestApp

    source = drawn.path / "doc"
    source.mkdir()
    (source / "conf.py").write_text("extensions = ['sumatra.publishing.sphinxext']\n")
    (source / "index.rst").write_text(
        "Page\n====\n\n.. smtimage:: fig_1?png\n   :width: 50%\n\n.. smtimage:: fig_1?svg\n\n:smtlink:`fig_1`\n"
    )

    app = SphinxTestApp("html", srcdir=source)
    app.build()
    page = (Path(app.outdir) / "index.html").read_text()
    warnings = app.warning.getvalue()
    app.cleanup()

    name = f"{hashlib.sha256(PNG).hexdigest()[:16]}.png"
    assert f'src="_images/{name}"' in page and 'alt="Figure from the computation fig_1"' in page
    assert (Path(app.outdir) / "_images" / name).read_bytes() == PNG
    assert ">fig_1</span>" in page
    assert "index.rst:7" in warnings and "no output 'svg'" in warnings


def test_plain_docutils_has_the_directive_and_links(drawn: Any) -> None:
    """Importing the module is enough."""
    pytest.importorskip("docutils", reason="docutils is not installed, so no page is built")
    build = (
        "import sumatra.publishing.sphinxext; from docutils.core import publish_string;"
        "print(publish_string('.. smtimage:: fig_1?png\\n   :alt: worth\\n', writer='html5').decode())"
    )

    page = subprocess.run([sys.executable, "-c", build], capture_output=True, check=True).stdout.decode()

    assert 'alt="worth"' in page and 'src="smt_images/' in page
