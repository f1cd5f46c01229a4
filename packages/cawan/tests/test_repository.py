"""What every working copy gives: safe reading, a diff for reading, errors that a user can act on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from cawan.errors import CawanError
from cawan.repository import (
    BrokenRepositoryError,
    Change,
    FileNotInVersionError,
    Repository,
    RepositoryError,
    SupportsAuthor,
    UnbornError,
    UncommittedChangesError,
    UnknownVersionError,
    WorkingCopy,
)

P = PurePosixPath


class KnownCopy(WorkingCopy):
    """A working copy whose old contents and changes are given."""

    def __init__(self, path: Path, old: Mapping[P, bytes], changes: Mapping[P, Change]) -> None:
        self.path, self._old, self._changes = path, old, changes

    def current_version(self) -> str:
        """One version, if there are any old contents."""
        if not self._old:
            raise UnbornError(self.path)
        return "v1"

    def changes(self) -> Mapping[P, Change]:
        """As given."""
        return self._changes

    def content(self, path: P, version: str) -> bytes:
        """As given."""
        if path not in self._old:
            raise FileNotInVersionError(path, version)
        return self._old[path]

    def export(self, version: str, into: Path) -> None:
        """Not needed here."""
        raise NotImplementedError

    def use_version(self, version: str) -> None:
        """Not needed here."""
        raise NotImplementedError


def test_working_copy_opens_a_file_in_a_folder(tmp_path: Path) -> None:
    """A regular file is read by its path below the working copy."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "model.py").write_bytes(b"tau_m = 20.0\n")

    with KnownCopy(tmp_path, {}, {}).open(P("lib/model.py")) as file:
        assert file.read() == b"tau_m = 20.0\n"


@pytest.mark.parametrize("path", ["link", "folder/secret", "pipe", "real", "none"])
def test_working_copy_opens_neither_links_nor_devices(tmp_path: Path, path: str) -> None:
    """A link, a file behind one, a pipe, a folder and a missing file are errors, at once and without waiting."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (inside / "real").mkdir(parents=True)
    (inside / "link").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)
    os.mkfifo(inside / "pipe")

    with pytest.raises(OSError):
        KnownCopy(inside, {}, {}).open(P(path))


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "lib/../../secret", ""])
def test_working_copy_opens_nothing_outside(tmp_path: Path, path: str) -> None:
    """A path that leads out of the working copy is refused by name."""
    with pytest.raises(ValueError, match="not a path inside"):
        KnownCopy(tmp_path, {}, {}).open(P(path))


def test_no_file_stays_open(tmp_path: Path) -> None:
    """Failing to open a file leaves no descriptor behind."""
    (tmp_path / "folder").mkdir()
    before = len(os.listdir("/dev/fd"))

    for path in ("folder", "none", "folder/none"):
        with pytest.raises(OSError):
            KnownCopy(tmp_path, {}, {}).open(P(path))

    assert len(os.listdir("/dev/fd")) == before


def test_diff_shows_lines_and_names_binary_files(tmp_path: Path) -> None:
    """Changed lines are shown as a unified diff, a missing last line break is said, binary files are only named."""
    (tmp_path / "main.py").write_bytes(b"a\nc")
    (tmp_path / "data").write_bytes(b"\0\1")
    changes = {
        P("main.py"): Change("modified", 0o644, base="v1"),
        P("data"): Change("untracked", 0o644),
        P("old.py"): Change("removed", 0, base="v1"),
        P("link"): Change("added", 0o644, "main.py"),
    }
    copy = KnownCopy(tmp_path, {P("main.py"): b"a\nb\n", P("old.py"): b"x\n"}, changes)

    lines = copy.diff().splitlines()

    assert lines[:2] == ["data: untracked, mode 644", "Binary or large file, 0 bytes before, 2 now"]
    assert lines[2] == "link: added, link"
    assert {"+main.py", "-b", "+c", "\\ No newline at end of file", "-x", "old.py: removed, mode 0"} <= set(lines)


def test_diff_is_text_whatever_the_bytes(tmp_path: Path) -> None:
    """Names and contents that are not UTF-8, and line breaks in names, are escaped, so that the diff can be stored."""
    name = os.fsdecode(b"caf\xe9\n.py")
    (tmp_path / name).write_bytes(b"\xe9\r\n")

    text = KnownCopy(tmp_path, {}, {P(name): Change("untracked")}).diff()

    assert "+\\xe9\\r" in text.encode("utf-8").decode().splitlines()
    assert "'caf\\udce9\\n.py': untracked, mode 644" in text.splitlines()


def test_contains_is_false_before_the_first_version(tmp_path: Path) -> None:
    """Where there is no version, no file is in it."""
    assert not KnownCopy(tmp_path, {}, {}).contains(P("main.py"))
    assert KnownCopy(tmp_path, {P("main.py"): b""}, {}).contains(P("main.py"))


def test_incomplete_repository_names_what_is_missing() -> None:
    """A class without its required methods cannot be made, and the error names them."""

    class Incomplete(Repository):
        name = "incomplete"

    with pytest.raises(TypeError, match=r"checkout.*find"):
        Incomplete()  # type: ignore[abstract]


def test_abilities_are_told_by_their_methods(tmp_path: Path) -> None:
    """A working copy has an ability exactly if it has the method."""
    copy = KnownCopy(tmp_path, {}, {})

    assert not isinstance(copy, SupportsAuthor)


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (
            BrokenRepositoryError(Path("/w"), "it is bare.", "Clone it."),
            65,
            "The repository in '/w' cannot be used: it is bare. Clone it.",
        ),
        (UnbornError(Path("/w")), 65, "The repository in '/w' has no version yet. Commit something first."),
        (UnknownVersionError("v9", Path("/w")), 66, "The repository in '/w' has no version 'v9'."),
        (FileNotInVersionError(P("a.py"), "v1"), 66, "Version 'v1' has no file 'a.py'."),
        (
            UncommittedChangesError([P("b"), P("a")], "Commit them."),
            65,
            "These files have uncommitted changes: a, b. Commit them.",
        ),
    ],
)
def test_error_says_what_and_what_to_do(error: RepositoryError, code: int, text: str) -> None:
    """Each error is one sentence with the values, and carries its exit code."""
    assert isinstance(error, CawanError)
    assert (error.exit_code, str(error)) == (code, text)
