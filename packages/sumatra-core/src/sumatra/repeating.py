"""Running a record again: its code exported into a folder of its own, the user's tree never touched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from sumatra.comparing import EXIT_CODES, Aspect, Lenient, Verdict, judge
from sumatra.errors import CannotRepeatError, StillRunningError
from sumatra.folding import Record
from sumatra.laying import rebuild
from sumatra.notebook import Notebook
from sumatra.other_backend import check_backend, check_ran_on, judged_by_activity
from sumatra.running.code import Code
from sumatra.running.follow import run_to_end
from sumatra.running.job import REPEAT
from sumatra.running.request import Meaning, Request
from sumatra.running.start import begin_prepared
from sumatra.tolerating import tolerated


@dataclass(frozen=True, slots=True)
class Repeated:
    """The new record, the label it is shown under, the verdict, and the exit code of ``smt repeat``."""

    record: Record
    label: str
    verdict: Verdict
    exit_code: int


def repeat(
    project: Notebook, label: str, new_label: str = "", announce: Callable[[str], None] = print, *,
    ignore: Sequence[str] = (), tolerance: float | None = None, backend: str = "",
) -> Repeated:
    """Run a record again and compare; the verdict becomes part of the new record, as its outcome and as an event.

    Parameters
    ----------
    announce
        Called with the new record's label once that record is on the disk.
    ignore
        Patterns of output files that may differ.
    tolerance
        By what fraction numbers in output and console may differ.
    backend
        The simulator backend to run a pyNN record on instead of its own.

    Raises
    ------
    CannotRepeatError
        The record names no version, no script, or an input file that is gone.
    StillRunningError
        The run has not ended yet, so there is nothing to compare with.
    """
    shown = project.resolve(label)
    original = project.get(shown)
    if original.status in ("created", "running") and "ended" not in original.fields:
        raise StillRunningError(shown)
    document = {**original.document(), "label": shown}
    _ask_for_secrets(shown, document)
    if backend:
        check_backend(shown, document, backend)
    with tempfile.TemporaryDirectory(prefix=REPEAT) as temporary:
        tree = Path(temporary).resolve() / "code"
        lost = rebuild(project, document, tree)
        used = _bring_inputs(project, document, tree)
        reason = f"Repeat experiment {shown}" + (f" on {backend}" if backend else "")
        request = Request(label=new_label, repeats=shown, reason=reason, backend=backend)
        meaning = _meaning(document, tree, project.working_copy.path.resolve())
        code = Code(str(document.get("version", "")), document.get("repository", {}))
        folder, job = begin_prepared(project, request, meaning, code, tree, document, used)
        announce(job.label)
        run_to_end(project, folder, job.label)
    record = project.get(job.label)
    if backend:
        check_ran_on(record, backend)
    new = {**record.document(), "label": job.label, "unrestored": lost}
    verdict = judge(document, new, ignore=ignore, lenient=_lenient(project, document, new, tolerance, backend))
    project.amend(
        job.label, set={"verdict": verdict.document(), "repeats": shown}, append={"outcome": verdict.text}
    )
    return Repeated(project.get(job.label), job.label, verdict, _exit_code(original, record, verdict))


def repeat_crate(
    crate: Path, here: Path, new_label: str = "", announce: Callable[[str], None] = print, *,
    ignore: Sequence[str] = (), tolerance: float | None = None,
) -> Repeated:
    """Take a record over from a crate into the notebook here, or a new one, and run it again with the crate's code.

    Raises
    ------
    StoreFormatError
        It is no crate with a record.
    """
    from sumatra.crates import adopt

    project, label, folder = adopt(crate, here)
    with folder:
        return repeat(project, label, new_label, announce, ignore=ignore, tolerance=tolerance)


def _lenient(
    project: Notebook, document: Mapping[str, Any], new: Mapping[str, Any], tolerance: float | None, backend: str
) -> Lenient | None:
    """What turns differences into tolerated ones: a fraction that was allowed, or that another simulator was asked."""
    if tolerance is None and not backend:
        return None

    def decide(found: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
        if tolerance is not None:
            found = tolerated(project, document, new, found, tolerance)
        return judged_by_activity(project, document, new, found) if backend else found

    return decide


def _ask_for_secrets(label: str, document: Mapping[str, Any]) -> None:
    places = [place for place in document.get("redacted", []) if not place.startswith(("changed code", "console"))]
    if places:
        raise CannotRepeatError(
            f"The record {label!r} was made with secrets that no record holds: {'; '.join(places)}. "
            "Run it with them again: smt run"
        )


def _exit_code(original: Record, record: Record, verdict: Verdict) -> int:
    codes = [int(doc.fields.get("exit_code", 0)) for doc in (original, record)]
    return codes[1] if codes[0] and codes[1] else EXIT_CODES[verdict.overall]


def _bring_inputs(project: Notebook, document: Mapping[str, Any], tree: Path) -> list[Path]:
    """Input files that are not in the tree, copied from the user's; gives those that are hashed again."""
    top = project.working_copy.path
    found = []
    for entry in document.get("input_data", []):
        path = PurePosixPath(entry["path"])
        place, source = tree / path, top / path
        if not path.is_absolute() and not place.exists():
            if not source.is_file():
                raise CannotRepeatError(
                    f"The record {document['label']!r} read {str(path)!r}, which is gone. Bring it back first."
                )
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place)
        elif path.is_absolute() and not place.is_file():
            raise CannotRepeatError(
                f"The record {document['label']!r} read {str(path)!r}, which is gone. Bring it back first."
            )
        found.append(place)
    return found


def _meaning(document: Mapping[str, Any], tree: Path, top: Path) -> Meaning:
    """What the original run was, with the script and the parameter file of the exported tree."""
    from cawan.launch import Program

    about = document.get("executable", {})
    path = Path(about["path"])
    if path.is_relative_to(top) and (tree / path.relative_to(top)).is_file():
        path = tree / path.relative_to(top)  # a program that is part of the code, as it was
    program = Program(path, about["name"], about.get("version", ""), tuple(about.get("options", ())))
    if not path.is_file():
        raise CannotRepeatError(f"The program {about['path']!r} that the record {document['label']!r} ran is gone.")
    cwd = tree / document.get("working_directory", ".")
    cwd.mkdir(parents=True, exist_ok=True)
    main = document.get("main_file", "")
    if main and not (tree / main).is_file():
        raise CannotRepeatError(f"The script {main!r} is not in version {document.get('version', '')!r}.")
    meaning = Meaning(program, _seen_from(tree / main, cwd) if main else "", tuple(document["script_arguments"]))
    parameters = document.get("parameter_file") or {}
    if not parameters:
        return meaning
    from sumatra.parameters.building import FORMATS

    given = FORMATS.load(parameters["format"] or "param").parse(parameters["text"], parameters["path"])
    # The text already holds the values that were typed, so nothing is overridden again.
    return replace(
        meaning, parameter_file=_seen_from(tree / parameters["path"], cwd), parameters=given, text=parameters["text"],
        rewritten=bool(parameters.get("rewritten")),
    )  # fmt: skip


def _seen_from(path: Path, cwd: Path) -> str:
    import os

    return os.path.relpath(path, cwd)
