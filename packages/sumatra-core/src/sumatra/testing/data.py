"""The kit for data stores."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import ClassVar

import pytest
from cawan.data import DataError, DataKey, DataStore, digest_of

from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["DataKit"]

HOSTILE = ("../up", "/etc/passwd", "a/../../up", "", "a\0b", "..\\up", "C:/up")


class DataKit(Kit):
    """A data store lists what is there, follows nothing, and deletes only what is still what was recorded."""

    store: ClassVar[type[DataStore]]

    def make(self, root: Path) -> DataStore:
        """The store over a local folder, which the tests fill."""
        return self.store(root=root)  # type: ignore[call-arg]  # the option that a store of local files declares

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        """A folder with a file, a file in a folder, a link out of it, and a pipe."""
        root = tmp_path / "Data"
        (root / "run").mkdir(parents=True)
        (root / "a.txt").write_bytes(b"a")
        (root / "run" / "b.bin").write_bytes(bytes(range(256)))
        secret = tmp_path / "outside"
        secret.mkdir()
        (secret / "secret.txt").write_text("secret")
        (root / "link").symlink_to(secret)
        (root / "dangling").symlink_to(tmp_path / "nothing")
        os.mkfifo(root / "pipe")
        return root

    def key(self, root: Path, name: str) -> DataKey:
        """The key of a file as it is now."""
        with (root / name).open("rb") as file:
            return DataKey(PurePosixPath(name), digest_of(file), (root / name).stat().st_size)

    def test_listing_follows_no_link(self, root: Path) -> None:
        """Files and links are listed, what lies behind a link is not, nor pipes."""
        found = {str(stat.path) for stat in self.make(root).list_files()}

        expect(found, {"a.txt", "run/b.bin", "link", "dangling"}, "paths")

    def test_listing_below_a_folder(self, root: Path) -> None:
        """Paths stay relative to the root."""
        found = [str(stat.path) for stat in self.make(root).list_files(PurePosixPath("run"))]

        expect(found, ["run/b.bin"], "paths")

    def test_listing_hashes_nothing(self, root: Path) -> None:
        """A listing of a file that cannot be read still works, so it read nothing."""
        (root / "a.txt").unlink()
        with (root / "huge").open("wb") as file:
            file.truncate(1 << 40)  # sparse: hashing it would take hours

        found = {str(stat.path): stat for stat in self.make(root).list_files()}

        expect((found["huge"].size, found["huge"].digest), (1 << 40, ""), "size and digest")

    def test_stamp_changes_with_the_file(self, root: Path) -> None:
        """A file written anew with the same bytes and the old time has another stamp."""
        store = self.make(root)
        before = {str(stat.path): stat.stamp for stat in store.list_files()}
        old = (root / "a.txt").stat()
        (root / "a.txt").write_bytes(b"a")
        os.utime(root / "a.txt", ns=(old.st_atime_ns, old.st_mtime_ns))

        after = {str(stat.path): stat.stamp for stat in store.list_files()}

        expect({name for name in before if before[name] != after[name]}, {"a.txt"}, "changed stamps")

    def test_content_comes_back(self, root: Path) -> None:
        """The bytes of a file."""
        with self.make(root).open(PurePosixPath("run/b.bin")) as file:
            expect(file.read(), bytes(range(256)), "bytes")

    @pytest.mark.parametrize("name", ["link", "dangling", "link/secret.txt", "pipe"])
    def test_no_link_or_pipe_is_opened(self, root: Path, name: str) -> None:
        """What is not a regular file below the root is refused at once."""
        with pytest.raises((OSError, DataError)):
            self.make(root).open(PurePosixPath(name))

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_keys_are_refused(self, root: Path, name: str) -> None:
        """A key that leaves the root opens and deletes nothing."""
        (root.parent / "up").write_text("keep")
        store = self.make(root)

        with pytest.raises((DataError, ValueError)):
            store.open(PurePosixPath(name))
        with pytest.raises((DataError, ValueError)):
            store.delete([DataKey(PurePosixPath(name), "sha256:00", 4)])

        expect((root.parent / "up").exists(), True, "the file outside")

    def test_delete_checks_first(self, root: Path) -> None:
        """One file that has changed, even with its old size and time, and none is deleted."""
        store = self.make(root)
        keys = [self.key(root, "run/b.bin"), self.key(root, "a.txt")]
        for _ in range(2):
            old = (root / "a.txt").stat()
            with pytest.raises(DataError):
                self._refused_after_change(store, root, keys, old)

        expect((root / "run" / "b.bin").exists(), True, "the unchanged file")

    def _refused_after_change(
        self, store: DataStore, root: Path, keys: list[DataKey], old: os.stat_result
    ) -> None:
        list(store.list_files())
        (root / "a.txt").write_bytes(b"z")
        os.utime(root / "a.txt", ns=(old.st_atime_ns, old.st_mtime_ns))
        store.delete(keys)

    def test_delete_removes_the_files(self, root: Path) -> None:
        """Files that are as recorded are deleted, and no others."""
        store = self.make(root)

        store.delete([self.key(root, "a.txt")])

        expect({str(stat.path) for stat in store.list_files()}, {"run/b.bin", "link", "dangling"}, "paths")

    def test_digests_name_their_algorithm(self, root: Path) -> None:
        """A key of an old record, with another algorithm, is checked by that algorithm."""
        with (root / "a.txt").open("rb") as file:
            key = DataKey(PurePosixPath("a.txt"), digest_of(file, "sha1"), 1)

        self.make(root).delete([key])

        expect((root / "a.txt").exists(), False, "the file")

    def test_contains(self, root: Path) -> None:
        """A file that is there is there, another is not."""
        store = self.make(root)

        expect([store.contains(PurePosixPath(n)) for n in ("a.txt", "run/b.bin", "c")], [True, True, False], "contains")

    def test_archive_keeps_content(self, root: Path) -> None:
        """The keys that archive gives are found with the same digests."""
        store = self.make(root)

        keys = store.archive([self.key(root, "run/b.bin")], "label")

        with store.open(keys[0].path) as file:
            expect(digest_of(file), keys[0].digest, "digest")
