"""Files of a commit, written into a folder: no filter runs, no link is followed, nothing lands outside of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from cawan.repository import BrokenRepositoryError

from sumatra_git._attributes import Attributes
from sumatra_git._conversion import Conversion, copy_object
from sumatra_git._plumbing import GITLINK, LINK, Entry, Plumbing


def attributes_of(plumbing: Plumbing, tree: Mapping[str, Entry], config: Mapping[str, str]) -> Attributes:
    """The attribute rules of a commit, with those of the system, the user and the repository."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    user = Path(config.get("core.attributesfile") or home / "git" / "attributes").expanduser()
    sources = [("", _text(file)) for file in (Path("/etc/gitattributes"), plumbing.top / user)]
    files = [path for path, entry in tree.items() if path.rpartition("/")[2] == ".gitattributes" and entry.mode != LINK]
    files.sort(key=lambda path: path.count("/"))
    if files:
        with plumbing.reading() as read:
            folders = (path.rpartition("/")[0] for path in files)
            sources.extend(zip(folders, read([tree[path].oid for path in files]), strict=True))
    return Attributes([*sources, ("", _text(plumbing.common / "info" / "attributes"))])


def _text(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def write_files(plumbing: Plumbing, commit: str, files: Mapping[str, Entry], into: Path) -> None:
    """Write these files of a commit below ``into``, where none of them exists; submodules become empty folders."""
    _refuse_unsafe(plumbing.top, files)
    config = plumbing.config()
    attributes = attributes_of(plumbing, plumbing.tree(commit), config)
    conversion = Conversion.configured(config, plumbing.common)
    blobs = [(path, entry) for path, entry in files.items() if entry.mode != GITLINK]
    links, folders = [], {os.path.join(into, path) for path, entry in files.items() if entry.mode == GITLINK}
    folders |= {os.path.dirname(os.path.join(into, path)) for path, _ in blobs}
    for folder in sorted(folders):
        os.makedirs(folder, exist_ok=True)
    with plumbing.reading() as read:
        for (path, entry), data in zip(blobs, read([entry.oid for _, entry in blobs]), strict=True):
            target = os.path.join(into, path)
            if entry.mode == LINK:
                links.append((target, data))
            else:
                with _new_file(target, entry.mode) as file:
                    values = attributes.of(path)
                    stored = conversion.object(data) if values.get("filter") == "lfs" else None
                    if stored:
                        copy_object(*stored, file, path)
                    else:
                        file.write(conversion.apply(data, values, entry.oid, path))
    for target, points_to in links:  # last, so that nothing is ever written through one
        os.symlink(points_to, os.fsencode(target))


def _new_file(target: str, mode: int) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    allowed = 0o777 if mode & 0o100 else 0o666  # less the umask, as git does
    return os.fdopen(os.open(target, flags, allowed), "wb")


def fill_pointers(plumbing: Plumbing, tree: Mapping[str, Entry]) -> None:
    """Put the objects of the local LFS store in place of their pointers in the work tree."""
    config = plumbing.config()
    attributes = attributes_of(plumbing, tree, config)
    conversion = Conversion.configured(config, plumbing.common)
    large = [path for path in tree if attributes and attributes.of(path).get("filter") == "lfs"]
    large = [path for path in large if tree[path].mode not in (LINK, GITLINK)]
    with plumbing.reading() as read:
        for path, pointer in zip(large, read([tree[path].oid for path in large]), strict=True):
            stored, target = conversion.object(pointer), plumbing.top / path
            if stored and not target.is_symlink():
                with target.open("wb") as file:
                    copy_object(*stored, file, path)


def _refuse_unsafe(top: Path, files: Mapping[str, Entry]) -> None:
    """A made-up commit may name files outside of its folder, inside .git, or behind one of its own links."""
    for path in files:
        parts = path.split("/")
        odd = any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)
        if odd or any("/".join(parts[:k]) in files for k in range(1, len(parts))):
            raise BrokenRepositoryError(top, f"a version of it has the unsafe path {path!r}", "Look with: git fsck")
