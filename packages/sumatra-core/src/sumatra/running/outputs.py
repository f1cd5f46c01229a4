"""Which files a run wrote: its own folder, what it declared, and what is new between two listings."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from cawan.data import DataError, DataKey, Evidence
from cawan.events import JSON

from sumatra.local.files import LocalFiles, scan

_log = logging.getLogger(__name__)


def snapshot(root: Path) -> dict[str, str]:
    """Every file below a folder with a stamp that changes with it: size, time stamps and inode.

    Side files of the notebook's own are left out.
    """
    found = scan(root.resolve())
    return {path: f"{size}-{stamp}" for path, size, stamp in found if not path.endswith(".smt.json")}


def _prefixes(folders: Iterable[Path], root: Path) -> tuple[str, ...]:
    """How names of files in these folders begin, seen from the root; those that are not below it are left out."""
    within = [folder for folder in folders if folder.is_relative_to(root) or root.is_relative_to(folder)]
    return tuple("" if root.is_relative_to(folder) else f"{folder.relative_to(root)}/" for folder in within)


def written(
    root: Path, before: Mapping[str, str], own: Path, declared: Iterable[Path], others: Iterable[Path] = ()
) -> Iterator[tuple[PurePosixPath, Evidence]]:
    """Files that the run wrote, relative to the data root, each with how we know.

    Parameters
    ----------
    before
        The :func:`snapshot` from before the run.
    own
        The run's own output folder; everything in it is the run's.
    declared
        Absolute paths that the program named.
    others
        Own folders of other runs at the same time; what lies in them is theirs.
    """
    named = {_relative(path, root) for path in declared if path.is_symlink() or path.is_file()}
    yield from ((path, "declared") for path in sorted(named))
    foreign, ours = _prefixes((folder for folder in others if folder != own), root), _prefixes([own], root)
    taken = {str(path) for path in named}
    for name, stamp in sorted(snapshot(root).items()):
        if name in taken or name.startswith(foreign):
            continue
        if name.startswith(ours):
            yield PurePosixPath(name), "own"
        elif before.get(name) != stamp:
            yield PurePosixPath(name), "window"


def _relative(path: Path, root: Path) -> PurePosixPath:
    place = path.parent.resolve() / path.name
    folder = root.resolve()
    return PurePosixPath(place.relative_to(folder) if place.is_relative_to(folder) else place)


def contested_with(evidence: Evidence, rivals: Iterable[str]) -> tuple[str, ...]:
    """Labels of runs that may have written a file instead: a listing cannot tell, everything else can."""
    return tuple(sorted(rivals)) if evidence == "window" else ()


def key_of(root: Path, path: PurePosixPath, evidence: Evidence, contested: tuple[str, ...] = ()) -> DataKey | None:
    """The key of a file, with its digest; None, and one warning, where it cannot be read."""
    place = root / path
    try:
        found = place.lstat()
        digest = LocalFiles(place.parent).digest(PurePosixPath(place.name))
    except (OSError, DataError) as error:
        _log.warning("The file %s is not in the record: %s", place, error)
        return None
    kind = "inode/symlink" if place.is_symlink() else mimetypes.guess_type(place.name)[0] or ""
    created = datetime.fromtimestamp(found.st_mtime, UTC)
    return DataKey(path, digest, found.st_size, created, kind, evidence, contested)


def key_document(key: DataKey) -> dict[str, JSON]:
    """A data key as plain data."""
    return {
        "path": str(key.path), "digest": key.digest, "size": key.size,
        "created": key.created.isoformat() if key.created else None,
        "mimetype": key.mimetype, "evidence": key.evidence, "contested": list(key.contested),
    }  # fmt: skip


def key_from(document: Mapping[str, JSON]) -> DataKey:
    """The data key that :func:`key_document` described."""
    created = datetime.fromisoformat(document["created"]) if document.get("created") else None
    return DataKey(
        PurePosixPath(document["path"]), document["digest"], document["size"], created, document.get("mimetype", ""),
        document.get("evidence", "window"), tuple(document.get("contested", ())),
    )  # fmt: skip
