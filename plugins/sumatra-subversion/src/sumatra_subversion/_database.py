"""What Subversion knows of a working copy, read from ``.svn/wc.db`` without writing a byte.

The layout is that of Subversion 1.8 to 1.14 (format 29 to 31): a row of ``nodes`` for each path, with ``op_depth`` 0
for what was checked out and more for what is scheduled; contents lie in ``.svn/pristine`` under their SHA-1.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FORMATS = range(29, 32)
_ATOM = re.compile(rb"\s*(?:(\d+) |([A-Za-z][^\s()]*)|(\)))")


class DatabaseError(Exception):
    """The file is not of a format that is known here, or damaged."""


@dataclass(frozen=True, slots=True)
class Node:
    """A file or folder as it was checked out: its revision, SHA-1 and properties."""

    revision: int
    is_file: bool
    sha1: str
    properties: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Checkout:
    """A whole working copy.

    Attributes
    ----------
    root, folder
        URL of the repository, and the path in it that was checked out, percent-encoded where it is put in a URL.
    nodes
        By path: what was checked out.
    scheduled
        Files that the next revision will have and the checked out one has not.
    absent
        Paths that are known not to be here, and at which revision.
    """

    root: str
    folder: str
    nodes: Mapping[str, Node]
    scheduled: frozenset[str]
    absent: Mapping[str, int]

    @property
    def revision(self) -> int:
        """The highest revision of anything here."""
        return max([node.revision for node in self.nodes.values()] + list(self.absent.values()), default=0)

    def url(self, path: str = "") -> str:
        """Where a path is in the repository."""
        place = "/".join(part for part in (self.folder, path) if part)
        return f"{self.root}/{quote(place)}" if place else self.root


def read(top: Path) -> Checkout:
    """The working copy whose top is this folder.

    Raises
    ------
    DatabaseError
        Its format is another one, or it is damaged.
    """
    file = top / ".svn" / "wc.db"
    if not file.is_file():
        raise DatabaseError("it was made by Subversion 1.6 or older, or has no wc.db")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10.0)) as database:
            [(version,)] = database.execute("PRAGMA user_version")
            if version not in FORMATS:
                raise DatabaseError(f"its format is {version}, and formats {FORMATS[0]} to {FORMATS[-1]} are known")
            return _read(database)
    except sqlite3.Error as error:
        raise DatabaseError(f"its wc.db cannot be read: {error}") from error


def _read(database: sqlite3.Connection) -> Checkout:
    nodes: dict[str, Node] = {}
    absent: dict[str, int] = {}
    scheduled: dict[str, bool] = {}
    [(root,)] = database.execute("SELECT root FROM repository WHERE id = (SELECT min(repos_id) FROM nodes)")
    folder = ""
    rows = database.execute(
        "SELECT local_relpath, op_depth, repos_path, revision, presence, kind, checksum, properties FROM nodes "
        "ORDER BY local_relpath, op_depth"
    )
    for path, depth, place, revision, presence, kind, checksum, properties in rows:
        if depth:
            scheduled[path] = presence == "normal" and kind != "dir"
        elif presence == "normal":
            folder = place if path == "" else folder
            sha1 = (checksum or "").removeprefix("$sha1$")
            nodes[path] = Node(revision, kind == "file", sha1, dict(_properties(properties or b"()")))
        else:
            absent[path] = revision or 0
    added = frozenset(path for path, here in scheduled.items() if here and path not in nodes)
    return Checkout(root, folder, nodes, added, absent)


def _properties(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and values of a property list as Subversion writes it: ``(name 5 value)``, each with or without length."""
    atoms = []
    place = 1
    while place < len(text):
        found = _ATOM.match(text, place)
        if found is None:
            raise DatabaseError("a property of a file cannot be read")
        place = found.end()
        if found[3]:
            break
        if found[1]:
            atoms.append(text[place : place + int(found[1])])
            place += int(found[1])
        else:
            atoms.append(found[2])
    yield from ((name.decode("utf-8"), value) for name, value in zip(atoms[::2], atoms[1::2], strict=True))


def pristine(top: Path, sha1: str) -> bytes:
    """The content with this SHA-1 as the repository has it, checked.

    Raises
    ------
    DatabaseError
        It is not there, or is something else.
    """
    try:
        data = (top / ".svn" / "pristine" / sha1[:2] / f"{sha1}.svn-base").read_bytes()
    except FileNotFoundError as error:
        raise DatabaseError(f"the content {sha1} is not in .svn/pristine") from error
    if hashlib.sha1(data, usedforsecurity=False).hexdigest() != sha1:
        raise DatabaseError(f"the content {sha1} in .svn/pristine is damaged")
    return data
