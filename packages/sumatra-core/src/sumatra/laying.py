"""The code of a record, laid out in a folder: its version, the changed files over it, its parameters in their place."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from sumatra.errors import CannotRepeatError, UsageError
from sumatra.notebook import Notebook
from sumatra.running.code import lay_over


def rebuild(project: Notebook, document: Mapping[str, Any], tree: Path) -> list[str]:
    """Write the code that ran into a folder; nothing of the user's is touched. Gives files without their secrets.

    Raises
    ------
    CannotRepeatError
        The record names no code.
    """
    if document.get("version"):
        project.working_copy.export(document["version"], tree)
    elif not document.get("changed_files"):
        raise CannotRepeatError(f"The record {document['label']!r} names no code, so it cannot be repeated.")
    tree.mkdir(exist_ok=True)

    def fetch(digest: str) -> BinaryIO:
        return project.store.fetch(project.name, digest)

    lost = lay_over(tree, document.get("changed_files", []), fetch, Path(project.working_copy.path))
    about = document.get("parameter_file") or {}
    place = tree / about["path"] if about else tree
    if about and not about.get("rewritten") and place.is_relative_to(tree):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(about["text"], encoding="utf-8")
    return lost


def lay_out(project: Notebook, label: str, into: Path | None = None) -> Path:
    """The code and the parameters of a record in a folder for people; gives the folder.

    Raises
    ------
    UsageError
        The folder exists and holds something.
    """
    shown = project.resolve(label)
    document = {**project.get(shown).document(), "label": shown}
    tree = into.absolute() if into is not None else Path(tempfile.mkdtemp(prefix="smt-open-")).resolve() / "code"
    if tree.exists() and any(tree.iterdir()):
        raise UsageError(f"{str(tree)!r} holds something already. Name a folder that is empty or not there.")
    tree.parent.mkdir(parents=True, exist_ok=True)
    rebuild(project, document, tree)
    about = document.get("parameter_file") or {}
    if about and (tree / about["path"]).is_relative_to(tree) and ".." not in Path(about["path"]).parts:
        place = tree / about["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(about["text"], encoding="utf-8")  # with the values that were typed
    return tree


def script_text(project: Notebook, document: Mapping[str, Any]) -> str:
    """The script of a record as it ran; :class:`CannotRepeatError` where it is in no version and was not kept."""
    from pathlib import PurePosixPath

    main = str(document.get("main_file") or "")
    for entry in document.get("changed_files", []):
        if entry["path"] == main and entry.get("digest"):
            with project.store.fetch(project.name, entry["digest"]) as file:
                return file.read().decode("utf-8", "replace")
    if not main or not document.get("version"):
        raise CannotRepeatError(f"The record {document['label']!r} has no script, so there is nothing to print.")
    content = project.working_copy.content(PurePosixPath(main), str(document["version"]))
    return content.decode("utf-8", "replace")
