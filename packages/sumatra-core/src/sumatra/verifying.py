"""Is everything that records point to still what it was, and is the store itself sound?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from cawan.data import DataError, digest_of
from cawan.errors import listing
from cawan.events import canonical, restore
from cawan.queries import And, Test

from sumatra.local.events import EventFileStore
from sumatra.local.files import LocalFiles
from sumatra.local.index import check_index
from sumatra.moving import contents
from sumatra.notebook import FOLDER, Notebook
from sumatra.querying import EVERYTHING


class Finding(NamedTuple):
    """Something that is not as a record says."""

    label: str
    path: str
    what: str


def verify(project: Notebook, labels: Sequence[str] = ()) -> tuple[list[Finding], int, int]:
    """Hash everything again that the records of these labels, or all, point to; gives what is wrong, files, records."""
    if labels:
        rows: list[Mapping[str, Any]] = [
            {**project.get(label).document(), "label": project.resolve(label)} for label in labels
        ]
    else:
        rows = list(project.find(fields=EVERYTHING, oldest_first=True))
    findings: list[Finding] = []
    files = 0
    for row in rows:
        for entry in row.get("output_data", []):
            files += 1
            what = _output(project, row, entry)
            findings += [Finding(row["label"], str(entry["path"]), what)] if what else []
        for entry in row.get("input_data", []):
            files += 1
            what = _changed(_input_place(project, entry), str(entry["digest"]))
            findings += [Finding(row["label"], str(entry["path"]), f"input {what}")] if what else []
        for digest in contents(row):
            files += 1
            what = _content(project, digest)
            findings += [Finding(row["label"], digest, what)] if what else []
    return findings, files, len(rows)


def _input_place(project: Notebook, entry: Mapping[str, Any]) -> Path:
    return Path(project.working_copy.path) / str(entry["path"])


def _changed(place: Path, digest: str) -> str:
    if not (place.is_symlink() or place.exists()):
        return "is gone"
    algorithm = digest.partition(":")[0] if ":" in digest else "sha1"
    wanted = digest if ":" in digest else f"sha1:{digest}"
    if digest == "0" * 40:
        return ""
    try:
        found = LocalFiles(place.parent).digest(PurePosixPath(place.name), algorithm)
    except (OSError, DataError) as error:
        return f"cannot be read: {error}"
    return "" if found == wanted else "has changed since"


def _output(project: Notebook, row: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What is wrong with an output file, "" where nothing is."""
    path = PurePosixPath(str(entry["path"]))
    store = project.data_store
    place = project.data_root / path
    if not place.exists() and not place.is_symlink() and not path.is_absolute() and store.contains(path):
        with store.open(path) as file:  # in an archive
            return "" if digest_of(file) == entry["digest"] else "is another file in the archive"
    what = _changed(place, str(entry["digest"]))
    if not what:
        return ""
    noted = [str(said["by"]) for said in row.get("overwritten", []) if said["path"] == entry["path"]]
    owner = overwritten_by(project, row, entry) or (noted[-1] if noted else "")
    return f"overwritten by {owner}" if owner else what


def overwritten_by(project: Notebook, row: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The label of the latest later run that wrote the same file with other content, "" where there is none."""
    where = And((Test("output_data.path", "eq", entry["path"]), Test("record", "gt", row["record"])))
    for later in project.find(where, fields=frozenset({"record", "label", "output_data"})):
        if any(e["path"] == entry["path"] and e["digest"] != entry["digest"] for e in later.get("output_data", [])):
            return str(later["label"])
    return ""


def _content(project: Notebook, digest: str) -> str:
    try:
        with project.store.fetch(project.name, digest) as file:
            return "" if digest_of(file) == digest else "stored content is damaged"
    except FileNotFoundError:
        return "stored content is gone"


def check_store(project: Notebook) -> list[str]:
    """What is damaged in the store, a line each; a wrong index is made anew.

    Of a store that is not of files, every event is read once.
    """
    store = project.store
    if not isinstance(store, EventFileStore):
        for name in store.projects():
            for _ in store.read(name):
                continue
        return []
    damage = [*_events(store.root), *_blobs(store.root), *_claims(store.root)]
    path = store.index_path()
    if path is not None and path.exists():
        state = _index_state(path)
        store.close()
        if state != "ok":
            damage.append(f"{path}: the index is damaged ({state}); it is made anew")
        path.unlink()
    others = store.projects()
    if others and project.name not in others and store.root == project.path / FOLDER:
        damage.append(f"{store.root / 'config.toml'}: it names the project {project.name!r}, but the records here are "
                      f"of {listing(map(repr, others))}. Put the name right there")  # fmt: skip
    return damage


def _index_state(path: Path) -> str:
    import sqlite3

    try:
        return check_index(path)
    except sqlite3.DatabaseError as error:
        return str(error)


def _events(root: Path) -> Iterator[str]:
    for file in sorted((root / "events").glob("*/*.jsonl")):
        data = file.read_bytes()
        named = file.stem.rpartition("-")[2]
        if hashlib.sha256(data).hexdigest()[:16] != named:
            yield f"{file}: its content is not what was written (its digest is not {named})"
        try:
            for line in data.splitlines():
                if canonical(restore(line)) != line:
                    yield f"{file}: a line is not in canonical form"
        except ValueError as error:
            yield f"{file}: it cannot be read as events: {error}"


def _blobs(root: Path) -> Iterator[str]:
    for file in sorted((root / "blobs").glob("*/*")):
        if _digest(file) != f"{file.parent.name}{file.name}":
            yield f"{file}: the stored content is not what was written"


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        opened: BinaryIO = file
        return digest_of(opened).partition(":")[2]


def _claims(root: Path) -> Iterator[str]:
    for claim in sorted((root / "labels").glob("*/*")):
        try:
            restore(claim.read_bytes().splitlines()[0])["record"]
        except (ValueError, KeyError, IndexError, TypeError):
            yield f"{claim}: the claim of a label cannot be read. Remove that file"
