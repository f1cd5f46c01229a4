"""Which bytes of a file a run loaded, where the file may have been edited while the run went on.

The observer notes size and time of a source file at the moment it is imported. If they are still the same at the end,
the file's bytes are those that ran; if they are those of the launch, the bytes of the launch ran; else nobody knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import digest_of
from cawan.errors import CawanError
from cawan.events import JSON

from sumatra.notebook import Notebook
from sumatra.redacting import keep_redacted
from sumatra.running.job import FILE, Job
from sumatra.running.observed import Notes, Stamp

COPIES = "untracked"  # folder in that of the run
_LARGEST, _MOST, _FILES = 1_000_000, 20_000_000, 2000  # bytes of a copy and of all, and how many: code is small


def stamp(place: Path) -> Stamp | None:
    """Size and time of a file, as Python's importer sees them; None where there is none."""
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime


def stamps(top: Path, paths: Iterable[str]) -> dict[str, Stamp]:
    """The stamp of every file that is there."""
    return {path: found for path in paths if (found := stamp(top / path)) is not None}


def keep_copies(top: Path, untracked: Mapping[str, Any], folder: Path) -> dict[str, JSON]:
    """Copy the untracked Python files, which a run may import, into its folder; gives them with their stamps."""
    found: dict[str, JSON] = {}
    total = count = 0
    for path, about in untracked.items():
        before = stamp(top / path)
        if before is None:
            continue
        found[path] = {**about, "stamp": list(before)}
        library = "site-packages" in PurePosixPath(path).parts
        if not path.endswith(".py") or library or before[0] > _LARGEST or total > _MOST or count > _FILES:
            continue
        total, count = total + before[0], count + 1
        copy = folder / COPIES / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.write_bytes((top / path).read_bytes())
        except OSError:
            copy.unlink(missing_ok=True)  # it cannot be read, so the run cannot import it either
    return found


class Loaded:
    """The digests of what one run loaded."""

    def __init__(self, folder: Path, job: Job, project: Notebook, notes: Notes) -> None:
        self.folder, self.job, self.project, self.notes = folder, job, project, notes
        self.launched = (folder / FILE).stat().st_mtime

    def digest(self, place: Path, path: str) -> str:
        """The digest of what ran of a file, "" where it was edited while the run went on.

        Parameters
        ----------
        place
            The file, absolute, links followed.
        path
            The same in the working copy, "" for a file outside it.
        """
        now, noted = stamp(place), self.notes.stamps.get(str(place), set())
        if not noted:  # an extension module, or a loader that is not Python's own
            return _digest(place) if now is not None and now[1] <= self.launched else ""
        if len(noted) > 1:
            return ""
        (loaded,) = noted
        if now == loaded:
            digest = _digest(place)
            return digest if stamp(place) == loaded else ""
        return self._at_launch(path, loaded) if path else ""

    def script_was_edited(self) -> bool:
        """Did Python start with another script than the one that was recorded?"""
        path = self.job.script
        known = self.job.files.get(path)
        noted = self.notes.scripts.get(str((Path(self.job.code_root) / path).resolve())) if path else None
        return bool(known and noted and tuple(known["stamp"]) not in noted)

    def _at_launch(self, path: str, loaded: Stamp) -> str:
        """The digest that a file of this stamp had when the run was launched."""
        known = self.job.files.get(path) or self.job.untracked.get(path)
        if known:
            if tuple(known["stamp"]) != loaded:
                return ""
            return str(known.get("digest") or _digest(self.folder / COPIES / path))
        if loaded[1] > self.launched or not self.job.version or self.job.code_root != self.job.user_root:
            return ""
        try:  # unchanged at the launch, so it was as its version has it
            content = self.project.working_copy.content(PurePosixPath(path), self.job.version)
        except (CawanError, OSError):
            return ""
        return f"sha256:{hashlib.sha256(content).hexdigest()}" if len(content) == loaded[0] else ""

    def changed(self, code: Iterable[Mapping[str, Any]]) -> list[JSON]:
        """Files that the run imported as no version and no earlier event holds them: kept, as they were loaded."""
        found: list[JSON] = []
        for entry in code if self.job.code_root == self.job.user_root else ():
            path = entry["path"]
            place = Path(self.job.code_root) / path
            about = self.job.untracked.get(path)
            kind = "untracked" if about else "modified"
            if not entry["digest"] or not (about or self._edited_before_import(place, path, entry["digest"])):
                continue
            for source in (self.folder / COPIES / path, place):
                if _digest(source) == entry["digest"]:
                    with source.open("rb") as file:
                        kept = keep_redacted(file, lambda data: self.project.store.put(self.project.name, data))
                    about = about or {"mode": source.stat().st_mode, "base": self.job.version}
                    found.append({"path": path, "kind": kind, "mode": about["mode"], "base": about["base"], **kept})
                    break
        return found

    def _edited_before_import(self, place: Path, path: str, loaded: str) -> bool:
        """Was a file of the version edited after the launch and then loaded? What the run wrote itself is not meant."""
        now = stamp(place)
        if now is None or now[1] <= self.launched or not self.job.version:
            return False
        if path in self.job.files:
            return bool(self.job.files[path]["digest"] != loaded)
        try:
            content = self.project.working_copy.content(PurePosixPath(path), self.job.version)
        except (CawanError, OSError):
            return False
        return f"sha256:{hashlib.sha256(content).hexdigest()}" != loaded


def _digest(place: Path) -> str:
    try:
        with place.open("rb") as file:
            return digest_of(file)
    except OSError:
        return ""
