"""Which code runs: the version, and every file that differs from it, kept whole."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, runtime_checkable

from cawan.data import digest_of
from cawan.events import JSON
from cawan.repository import Change, SupportsAuthor, UnbornError, WorkingCopy

from sumatra.errors import CodeChangedError
from sumatra.notebook import FOLDER, Notebook
from sumatra.redacting import keep_redacted


@runtime_checkable
class SupportsSnapshots(Protocol):
    """A working copy whose versions are made by the notebook itself, before each run."""

    def take(self, leaving: Iterable[Path] = ()) -> str:
        """Keep the files as they are now, but for folders of results."""


Keep = Callable[[BinaryIO], str]


@dataclass(frozen=True, slots=True)
class Code:
    """The state of the working copy before a run.

    Attributes
    ----------
    version
        "" where there is no commit yet.
    changed
        Files that differ from the version and are tracked, or whose name was asked for; others are ``untracked``,
        and kept only if the run turns out to import them.
    """

    version: str
    repository: Mapping[str, JSON]
    changed: Mapping[PurePosixPath, Change] = field(default_factory=dict)
    untracked: Mapping[PurePosixPath, Change] = field(default_factory=dict)
    user: str = ""


def look(project: Notebook, wanted: Iterable[PurePosixPath] = ()) -> Code:
    """The working copy as it is now; ``wanted`` untracked files count as changed code.

    Files in the project's data folder are results, not code.
    """
    copy = project.working_copy
    if isinstance(copy, SupportsSnapshots):
        copy.take(leaving=[project.data_root if project.data_root.resolve() != project.path.resolve()
                           else project.output_folder("x").parent])  # fmt: skip
    try:
        version = copy.current_version()
    except UnbornError:
        version = ""
    results = project.data_root.resolve()
    notebook = project.path.resolve() / FOLDER
    searched = results != project.path.resolve()
    changed, untracked, asked = {}, {}, set(wanted)
    for path, change in copy.changes().items():
        place = copy.path.resolve() / path
        if place.is_relative_to(notebook) or (searched and place.is_relative_to(results)):
            continue
        if change.kind == "untracked" and path not in asked:
            untracked[path] = change
        else:
            changed[path] = change
    about = {
        "url": copy.repository.url, "upstream": copy.repository.upstream,
        "type": getattr(copy.repository, "name", type(copy.repository).__name__),
    }  # fmt: skip
    user = copy.author() if isinstance(copy, SupportsAuthor) else ""
    return Code(version, about, changed, untracked, user)


def with_imported(code: Code, top: Path, script: str, program: str, policy: str) -> Code:
    """The code, with those untracked files counted as changed that the script's text says it needs.

    Only where changes are refused; otherwise what a run needs is seen when it needs it.
    """
    if policy != "error" or not script or not code.untracked:
        return code
    from sumatra.dependency_finder.choosing import needed_files

    needed = {place.resolve() for place in needed_files(top / script, program)}
    found = {path: change for path, change in code.untracked.items() if (top / path).resolve() in needed}
    if not found:
        return code
    others = {path: change for path, change in code.untracked.items() if path not in found}
    return replace(code, changed={**code.changed, **found}, untracked=others)


def refuse_changes(project: Notebook, code: Code, parameters: str = "") -> None:
    """Raise :class:`CodeChangedError` where the project's policy says so.

    A parameter file that is in no version is no code: its text is in the record.
    """
    changed = [str(path) for path, change in code.changed.items()
               if not (change.kind == "untracked" and str(path) == parameters)]  # fmt: skip
    if project.settings.on_changed == "error" and (changed or not code.version):
        raise CodeChangedError(changed)


def kept(copy: WorkingCopy, path: PurePosixPath, change: Change, keep: Keep) -> dict[str, JSON]:
    """One changed file as the record holds it: how it changed, and its bytes by digest."""
    document: dict[str, JSON] = {"path": str(path), "kind": change.kind, "mode": change.mode, "base": change.base}
    if change.link is not None:
        document["link"] = change.link
    elif change.kind != "removed":
        with copy.open(path) as file:
            document.update(keep_redacted(file, keep))
    return document


def lay_over(
    tree: Path, changed: Iterable[Mapping[str, Any]], fetch: Callable[[str], BinaryIO], users: Path | None = None
) -> list[str]:
    """Bring an exported tree to the state that the record describes: removals first, then whole files.

    A file that was kept without its secrets is taken from the user's own folder, if it still is that file there; gives
    those that are not.
    """
    lost: list[str] = []
    entries = sorted(changed, key=lambda entry: (entry["kind"] != "removed", entry["path"]))
    for entry in entries:
        place = tree / PurePosixPath(entry["path"])
        if not place.parent.resolve().is_relative_to(tree.resolve()):
            continue  # a link in the tree leads outside; export has already said what it could not write
        if place.is_symlink() or place.is_file():
            place.unlink()
        if entry["kind"] == "removed":
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.get("link") is not None:
            place.symlink_to(entry["link"])
            continue
        own = users / PurePosixPath(entry["path"]) if users is not None and entry.get("redacted") else None
        if own is not None and _is(own, str(entry["true"])):
            place.write_bytes(own.read_bytes())
            place.chmod(int(entry["mode"]) & 0o777)
            continue
        if entry.get("redacted"):
            lost.append(str(entry["path"]))
        with fetch(entry["digest"]) as source, place.open("wb") as target:
            while block := source.read(1 << 20):
                target.write(block)
        place.chmod(int(entry["mode"]) & 0o777)
    return lost


def _is(place: Path, digest: str) -> bool:
    if place.is_symlink() or not place.is_file():
        return False
    with place.open("rb") as file:
        return digest_of(file) == digest


def keep_text(text: str, keep: Keep) -> str:
    """Keep a text, as UTF-8; gives its digest."""
    return keep(io.BytesIO(os.fsencode(text)))
