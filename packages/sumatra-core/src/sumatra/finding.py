"""Which run made this file? By the label inside it, by its content, and by its name, in that order of trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cawan.data import digest_of
from cawan.queries import Or, Test

from sumatra.errors import FileMissingError
from sumatra.notebook import Notebook
from sumatra.stamping import read_label

_FIELDS = frozenset({"record", "label", "started", "main_file", "output_data", "input_data", "version", "reason"})


def whence(project: Notebook, file: Path) -> list[dict[str, Any]]:
    """What is known of a file: for each record how it knows it, and a sentence for people.

    Raises
    ------
    FileMissingError
        There is no such file, and no record knows its name.
    """
    found = list(_by_content(project, file)) if file.is_file() else []
    if not found:
        found = list(_by_name(project, file))
    if not found and not file.is_file():
        raise FileMissingError(f"The file {str(file)!r} does not exist, and no record knows its name.")
    return found


def _by_content(project: Notebook, file: Path) -> Iterator[dict[str, Any]]:
    label = read_label(file)
    with file.open("rb") as opened:
        sha256 = digest_of(opened)
        opened.seek(0)
        sha1 = digest_of(opened, "sha1").partition(":")[2]
    where = Or(tuple(Test(f"{side}_data.{name}", "eq", digest) for side in ("output", "input")
                     for digest in (sha256, sha1) for name in ("digest", "unstamped")))  # fmt: skip
    seen = set()
    for row in project.find(where, fields=_FIELDS):
        for side, verb in (("output", "made by"), ("input", "read by")):
            for entry in row.get(f"{side}_data", []):
                if {entry["digest"], entry.get("unstamped")} & {sha256, sha1}:
                    seen.add(row["label"])
                    yield _said(row, entry["path"], "content", verb)
    if label and label not in seen:
        for row in project.find(Test("label", "eq", label), fields=_FIELDS):
            yield _said(row, "", "label", "made by", " (by the label inside; its content has changed since)")


def _by_name(project: Notebook, file: Path) -> Iterator[dict[str, Any]]:
    root, place = project.data_root.resolve(), file.absolute()
    place = place.parent.resolve() / place.name
    path = str(place.relative_to(root)) if place.is_relative_to(root) else str(place)
    for row in project.find(Test("output_data.path", "eq", path), fields=_FIELDS):
        state = "its content has changed since" if file.exists() else "it is gone now"
        yield _said(row, path, "name", "written by", f" ({state})")


def _said(row: Any, path: str, by: str, verb: str, more: str = "") -> dict[str, Any]:
    script = f", {row['main_file']}" if row.get("main_file") else ""
    reason = f": {row['reason']}" if row.get("reason") else ""
    name = f" as {path}" if path else ""
    return {
        "label": row["label"], "record": row["record"], "path": path, "by": by, "verb": verb,
        "text": f"{verb} {row['label']}{name} ({str(row['started'])[:19]}{script}){reason}{more}",
    }  # fmt: skip
