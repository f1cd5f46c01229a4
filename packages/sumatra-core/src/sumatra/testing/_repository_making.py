"""What the repository kit stands on: real repositories made by a plug-in's maker, and how two folders compare."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import ClassVar

import pytest
from cawan.repository import Change, Repository, WorkingCopy

from sumatra.testing._kit import Kit

File = tuple[bytes, bool, str | None]


class RepositoryMaker(ABC):
    """Makes repositories with the system's own program; methods that are not overridden skip the tests that need them.

    Attributes
    ----------
    marker
        Name of the folder or file that marks a working copy, such as ``.git``.
    """

    marker: ClassVar[str]

    @abstractmethod
    def environment(self, home: Path) -> Mapping[str, str]:
        """Variables under which the system reads no configuration of the person who runs the tests."""

    @abstractmethod
    def init(self, path: Path) -> None:
        """Make ``path`` and a repository in it without any version."""

    @abstractmethod
    def commit(self, path: Path, message: str = "A version.") -> str:
        """A version with all files of the folder as they are now."""

    def add(self, path: Path, name: str) -> None:
        """Say that a file will be in the next version."""
        pytest.skip("has no notion of adding a file")

    def ignore(self, path: Path, pattern: str) -> None:
        """Ignore files of this pattern."""
        pytest.skip("ignores no files")

    def add_submodule(self, path: Path, at: str, source: Path) -> None:
        """Put the repository ``source`` at ``at`` and commit it."""
        pytest.skip("has no submodules")

    def empty_submodule(self, path: Path, at: str) -> None:
        """Make a submodule one that is not initialised."""
        pytest.skip("has no submodules")

    def detach(self, path: Path) -> None:
        """Leave every branch, at the same version."""
        pytest.skip("has no detached state")

    def second_work_tree(self, path: Path, at: Path) -> None:
        """Another work tree of the same repository, at its current version."""
        pytest.skip("has one work tree a repository")

    def shallow(self, source: Path, at: Path) -> None:
        """A clone with the last version alone."""
        pytest.skip("has no shallow clones")

    def hide_from_status(self, path: Path, name: str) -> None:
        """Tell the system to overlook changes of a file."""
        pytest.skip("overlooks no changes")

    def make_bare(self, path: Path) -> None:
        """Say in the configuration that this repository has no files."""
        pytest.skip("has no bare repositories")

    def give_away(self, path: Path) -> None:
        """Let another user own the repository, so that the system refuses it."""
        pytest.skip("trusts every owner, or the tests may not change one")

    def convert_line_ends(self, path: Path, pattern: str) -> None:
        """Have files of this pattern checked out with CRLF, by what a version says itself."""
        pytest.skip("converts no line ends")

    def store_large(self, path: Path, name: str, content: bytes) -> bytes:
        """Keep a large file beside the versions and write it; the pointer that stands for it in a version."""
        pytest.skip("keeps no large files elsewhere")

    def forget_large(self, path: Path) -> None:
        """Delete the local copies of large files."""
        pytest.skip("keeps no large files elsewhere")

    def arm(self, path: Path, marker: Path) -> None:
        """Write every setting and hook by which this repository could run a program; each would make ``marker``."""
        pytest.skip("runs nothing that a repository names")

    def hostile_url(self, marker: Path) -> str:
        """A URL that runs a program which makes ``marker``."""
        pytest.skip("has no such URLs")

    def misleading(self, other: Path) -> Mapping[str, str]:
        """Environment variables that point the system to another repository."""
        pytest.skip("takes no repository from the environment")


def expect(found: object, expected: object, what: str) -> None:
    """Fail with both values unless they are equal."""
    if found != expected:
        raise AssertionError(f"{what}: found {found!r}, expected {expected!r}")


def files_of(folder: Path, marker: str) -> dict[str, File]:
    """Bytes, may-be-executed and link of every file but the system's own."""
    found: dict[str, File] = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != marker]
        links = [name for name in folders if Path(place, name).is_symlink()]
        for name in [*files, *links]:
            path = Path(place, name)
            state = path.lstat()
            if name == marker or not (stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)):
                continue
            link = os.readlink(path) if stat.S_ISLNK(state.st_mode) else None
            content = b"" if link is not None else path.read_bytes()
            found[str(path.relative_to(folder))] = (content, link is None and bool(state.st_mode & 0o100), link)
    return found


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, modification time and digest of everything in a folder, the system's own files included."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        state = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(state.st_mode) else b""
        content = os.fsencode(path.readlink()) if path.is_symlink() else content
        found[str(path)] = (state.st_mode, state.st_mtime_ns, hashlib.sha256(content).hexdigest())
    return found


def restore(copy: WorkingCopy, version: str, into: Path) -> None:
    """The code as it is in the work tree: an export of its version with the changes laid over it."""
    copy.export(version, into)
    changes = copy.changes()
    for path, change in changes.items():
        target = into / path
        if change.kind in ("removed", "modified") and os.path.lexists(target):
            target.rmdir() if target.is_dir() and not target.is_symlink() else target.unlink()
    for path, change in changes.items():
        if change.kind != "removed":
            _lay(copy, path, change, into / path)


def _lay(copy: WorkingCopy, path: PurePosixPath, change: Change, target: Path) -> None:
    for parent in reversed(target.parents):
        if parent.is_dir() and not any(parent.iterdir()):
            continue
        parent.mkdir(exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)  # only empty folders are left of what was here
    if change.link is not None:
        target.symlink_to(change.link)
        return
    with copy.open(path) as file:
        target.write_bytes(file.read())
    target.chmod(change.mode)


class RepositoryKitBase(Kit):
    """What the parts of the kit share."""

    repository: ClassVar[type[Repository]]
    maker: ClassVar[RepositoryMaker]
    options: ClassVar[Mapping[str, object]] = MappingProxyType({})

    @pytest.fixture(autouse=True)
    def _surroundings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home = tmp_path / "home"
        home.mkdir()
        for name, value in self.maker.environment(home).items():
            monkeypatch.setenv(name, value)

    @pytest.fixture
    def work(self, tmp_path: Path) -> Path:
        """A working copy without changes: a text, a program, a binary file, a link, and a file in a folder."""
        return self.make(tmp_path / "my work")

    def make(self, path: Path) -> Path:
        """The same at another place."""
        self.maker.init(path)
        (path / "main.py").write_text("import model\n")
        (path / "run.sh").write_text("#!/bin/sh\n")
        (path / "run.sh").chmod(0o755)
        (path / "data.bin").write_bytes(bytes(range(256)))
        (path / "latest").symlink_to("main.py")
        (path / "lib").mkdir()
        (path / "lib" / "model.py").write_text("tau_m = 20.0\n")
        self.maker.commit(path)
        return path

    def open(self, path: Path) -> WorkingCopy:
        """The working copy at ``path``."""
        copy = self.repository.find(path, self.options)
        if copy is None:
            raise AssertionError(f"No working copy is found in {str(path)!r}.")
        return copy

    def kinds(self, path: Path) -> dict[str, str]:
        """Path and kind of every change."""
        return {str(name): change.kind for name, change in self.open(path).changes().items()}

    def check_restored(self, path: Path, into: Path) -> None:
        """Export and changes together are the work tree, file by file."""
        copy = self.open(path)

        restore(copy, copy.current_version(), into)

        expect(files_of(into, self.maker.marker), files_of(path, self.maker.marker), "the code as it was")


def edit(path: Path, action: str, content: bytes) -> None:
    """One thing that a user may do to a file."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    if not path.parent.is_dir():
        return
    if action == "mode" and path.is_file() and not path.is_symlink():
        path.chmod(path.stat().st_mode ^ 0o100)
        return
    path.unlink(missing_ok=True)
    if action == "write":
        path.write_bytes(content)
    elif action == "link":
        path.symlink_to("main.py")
    elif action == "folder":
        path.mkdir()
        (path / "inner").write_bytes(content)
