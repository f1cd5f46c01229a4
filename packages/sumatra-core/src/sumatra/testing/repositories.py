"""The kit for version-control plug-ins: what Sumatra may rely on, one sentence a test.

Subclass :class:`RepositoryKit` in the plug-in's tests, give it the plug-in's class and a :class:`RepositoryMaker`,
which makes real repositories with the real program. What a system does not have, its maker leaves out, and those tests
are skipped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

import pytest
from cawan.repository import (
    BrokenRepositoryError,
    FileNotInVersionError,
    RepositoryError,
    SupportsAuthor,
    SupportsBranches,
    UnbornError,
    UncommittedChangesError,
    UnknownVersionError,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sumatra.testing._repository_making import RepositoryKitBase, RepositoryMaker, edit, expect, files_of, snapshot

__all__ = ["RepositoryKit", "RepositoryMaker"]

ODD_NAMES = ("a b.py", "new\nline.py", "'quotes\".py", "--help", "*.py", "back\\slash", "é.py", os.fsdecode(b"\xe9.py"))


class VersionsKit(RepositoryKitBase):
    """Versions, and what was in them."""

    def test_folder_without_marker_is_not_ours(self, tmp_path: Path) -> None:
        """A folder that no version-control system made is no working copy."""
        expect(self.repository.find(tmp_path, self.options), None, "working copy")

    def test_current_version_is_the_last_commit(self, work: Path) -> None:
        """Right after a commit the current version is that commit."""
        (work / "main.py").write_text("import other\n")
        version = self.maker.commit(work)

        expect(self.open(work).current_version(), version, "current version")

    def test_unborn_repository_says_what_to_do(self, tmp_path: Path) -> None:
        """Before the first commit there is no version, but the files are there as changes."""
        self.maker.init(tmp_path / "new")
        (tmp_path / "new" / "main.py").write_text("pass\n")

        with pytest.raises(UnbornError, match="no version yet") as caught:
            self.open(tmp_path / "new").current_version()

        expect(caught.value.exit_code, 65, "exit code")
        expect(self.kinds(tmp_path / "new"), {"main.py": "untracked"}, "changes")

    def test_content_gives_the_bytes_of_a_version(self, work: Path) -> None:
        """Text, binary files and the target of a link come back as they were, whatever lies there now."""
        version = self.open(work).current_version()
        for name in ("data.bin", "lib/model.py", "latest"):
            (work / name).unlink()
        copy = self.open(work)

        expect(copy.content(PurePosixPath("data.bin"), version), bytes(range(256)), "binary file")
        expect(copy.content(PurePosixPath("lib/model.py"), version), b"tau_m = 20.0\n", "text")
        expect(copy.content(PurePosixPath("latest"), version), b"main.py", "link")

    def test_content_of_a_missing_file_names_it(self, work: Path) -> None:
        """A file that a version does not have is an error that names both."""
        copy = self.open(work)

        for name in ("none.py", "lib", "main.py/none"):
            with pytest.raises(FileNotInVersionError, match=name):
                copy.content(PurePosixPath(name), copy.current_version())

    def test_unknown_version_is_refused(self, work: Path, tmp_path: Path) -> None:
        """A version that does not exist, or looks like an option, is an error that names it, and nothing is written."""
        for version in ("nothing-like-it", "", "--output=x", "0" * 40):
            with pytest.raises(UnknownVersionError) as caught:
                self.open(work).content(PurePosixPath("main.py"), version)
            expect(caught.value.version, version, "version named")
            with pytest.raises(UnknownVersionError):
                self.open(work).export(version, tmp_path / "out")
        expect(files_of(tmp_path / "out", ""), {}, "files written")

    def test_contains_knows_the_files_of_the_current_version(self, work: Path) -> None:
        """A committed file is contained, an untracked one is not."""
        (work / "new.py").touch()
        copy = self.open(work)

        found = [copy.contains(PurePosixPath(name)) for name in ("main.py", "lib/model.py", "new.py")]

        expect(found, [True, True, False], "contained")

    def test_author_is_the_configured_one(self, work: Path) -> None:
        """The author is the person whom the system would name in the next version."""
        copy = self.open(work)
        if not isinstance(copy, SupportsAuthor):
            pytest.skip("names no author")

        expect(copy.author(), "Ada Lovelace <ada@example.org>", "author")

    def test_latest_version_is_the_tip_of_the_branch(self, work: Path) -> None:
        """Having gone back to an old version, the latest one is still known."""
        old = self.open(work).current_version()
        (work / "main.py").write_text("import other\n")
        new = self.maker.commit(work)
        copy = self.open(work)
        if not isinstance(copy, SupportsBranches):
            pytest.skip("has no branches")

        expect(copy.latest_version(), new, "latest version on the branch")
        copy.use_version(old)
        expect(copy.latest_version(), new, "latest version from the past")

    def test_detached_state_works(self, work: Path) -> None:
        """A working copy on no branch has a version and changes like any other."""
        version = self.open(work).current_version()
        self.maker.detach(work)
        (work / "main.py").write_text("pass\n")

        expect(self.open(work).current_version(), version, "version")
        expect(self.kinds(work), {"main.py": "modified"}, "changes")

    def test_second_work_tree_works(self, work: Path, tmp_path: Path) -> None:
        """A second work tree of one repository is read like the first."""
        self.maker.second_work_tree(work, tmp_path / "second")
        (tmp_path / "second" / "new.py").write_text("pass\n")
        (tmp_path / "second" / "main.py").write_text("pass\n")

        expect(self.kinds(work), {}, "changes of the first")
        expect(self.kinds(tmp_path / "second"), {"main.py": "modified", "new.py": "untracked"}, "changes of the second")
        self.check_restored(tmp_path / "second", tmp_path / "out")

    def test_shallow_clone_works(self, work: Path, tmp_path: Path) -> None:
        """A clone without history is read like any other."""
        (work / "main.py").write_text("import other\n")
        self.maker.commit(work)
        self.maker.shallow(work, tmp_path / "shallow")
        (tmp_path / "shallow" / "main.py").write_text("pass\n")

        self.check_restored(tmp_path / "shallow", tmp_path / "out")

    def test_bare_repository_is_one_sentence(self, work: Path) -> None:
        """A repository without files is refused with the reason."""
        self.maker.make_bare(work)

        with pytest.raises(BrokenRepositoryError, match="bare"):
            self.open(work)

    def test_empty_marker_is_one_sentence(self, tmp_path: Path) -> None:
        """A marker with nothing behind it is refused, and a repository further up is not taken instead."""
        path = self.make(tmp_path / "outer") / "inner"
        (path / self.maker.marker).mkdir(parents=True)

        with pytest.raises(BrokenRepositoryError, match="inner"):
            self.open(path)

    def test_repository_of_another_user_is_one_sentence(self, work: Path) -> None:
        """Where the system does not trust the owner, the error says how to change that."""
        self.maker.give_away(work)

        with pytest.raises(BrokenRepositoryError, match="another user") as caught:
            self.open(work)

        expect(len(str(caught.value).splitlines()), 1, "lines of the message")

    def test_settings_find_the_same_again(self, work: Path) -> None:
        """What the repository says about its options is plain JSON that finds it again."""
        repository = self.open(work).repository

        expect(self.repository.find(work, repository.settings) is not None, True, "found again")
        expect(set(repository.settings) <= set(self.repository.options), True, "settings are declared options")


class ChangesKit(RepositoryKitBase):
    """What differs from the current version."""

    def test_clean_work_tree_has_no_changes(self, work: Path) -> None:
        """Right after a commit nothing has changed."""
        copy = self.open(work)

        expect((dict(copy.changes()), copy.has_changed(), copy.diff()), ({}, False, ""), "changes")

    def test_modified_file_is_seen(self, work: Path) -> None:
        """A changed file is modified, and its base gives the old bytes."""
        (work / "data.bin").write_bytes(b"\0\1")
        copy = self.open(work)

        change = copy.changes()[PurePosixPath("data.bin")]

        expect((change.kind, change.mode, change.link), ("modified", 0o644, None), "change")
        expect(copy.content(PurePosixPath("data.bin"), change.base), bytes(range(256)), "content before")

    def test_change_that_keeps_size_and_time_is_seen(self, work: Path) -> None:
        """A file whose size and modification time were kept is still compared."""
        before = (work / "main.py").stat()
        (work / "main.py").write_text("import modem\n")
        os.utime(work / "main.py", ns=(before.st_atime_ns, before.st_mtime_ns))

        expect(self.kinds(work), {"main.py": "modified"}, "changes")

    def test_touched_file_is_no_change(self, work: Path) -> None:
        """A file with a new time stamp and the same bytes has not changed."""
        os.utime(work / "main.py", (1, 1))

        expect(self.kinds(work), {}, "changes")

    def test_mode_bit_is_seen(self, work: Path) -> None:
        """A file that may now be executed, or no longer, has changed."""
        (work / "main.py").chmod(0o755)
        (work / "run.sh").chmod(0o644)

        changes = self.open(work).changes()

        found = {str(path): (change.kind, change.mode) for path, change in changes.items()}
        expect(found, {"main.py": ("modified", 0o755), "run.sh": ("modified", 0o644)}, "changes")

    def test_removed_file_is_seen(self, work: Path) -> None:
        """A deleted file is removed, also together with its folder."""
        (work / "main.py").unlink()
        shutil.rmtree(work / "lib")

        changes = self.open(work).changes()

        found = {str(path): (change.kind, change.mode) for path, change in changes.items()}
        expect(found, {"main.py": ("removed", 0), "lib/model.py": ("removed", 0)}, "changes")

    def test_renamed_file_is_two_changes(self, work: Path) -> None:
        """A renamed file is one that is gone and one that is new."""
        (work / "main.py").rename(work / "start.py")

        expect(self.kinds(work), {"main.py": "removed", "start.py": "untracked"}, "changes")

    def test_untracked_file_is_seen(self, work: Path) -> None:
        """Files that no version has are changes, in folders that no version has, too."""
        (work / "new" / "deep").mkdir(parents=True)
        (work / "helper.py").write_text("pass\n")
        (work / "new" / "deep" / "helper.py").write_text("pass\n")

        changes = self.open(work).changes()

        found = {str(path): (change.kind, change.base) for path, change in changes.items()}
        expect(found, {"helper.py": ("untracked", ""), "new/deep/helper.py": ("untracked", "")}, "changes")

    def test_added_file_is_seen(self, work: Path) -> None:
        """A file that is to be in the next version is added, with its bytes of now."""
        (work / "new.py").write_text("first\n")
        self.maker.add(work, "new.py")
        (work / "new.py").write_text("second\n")
        copy = self.open(work)

        expect(self.kinds(work), {"new.py": "added"}, "changes")
        expect(copy.open(PurePosixPath("new.py")).read(), b"second\n", "content")

    def test_staged_change_is_seen(self, work: Path) -> None:
        """A change that is to be in the next version is a change; one that was taken back in the file is none."""
        for name in ("main.py", "data.bin"):
            before = (work / name).read_bytes()
            (work / name).write_bytes(b"changed")
            self.maker.add(work, name)
        (work / "data.bin").write_bytes(before)

        expect(self.kinds(work), {"main.py": "modified"}, "changes")

    def test_hidden_change_is_seen(self, work: Path) -> None:
        """A change is seen even where the system was told to overlook it."""
        self.maker.hide_from_status(work, "main.py")
        (work / "main.py").write_text("changed\n")

        expect(self.kinds(work), {"main.py": "modified"}, "changes")

    def test_ignored_file_is_no_change(self, work: Path) -> None:
        """What the system ignores is left out, files that a version has never are."""
        self.maker.ignore(work, "*.o")
        (work / "kept.o").touch()
        self.maker.add(work, "kept.o")
        self.maker.commit(work)
        (work / "kept.o").write_text("changed")
        (work / "new.o").touch()

        expect(self.kinds(work), {"kept.o": "modified"}, "changes")

    def test_changed_link_is_seen(self, work: Path) -> None:
        """A link that points elsewhere, or became a file, or was a file, has changed."""
        (work / "latest").unlink()
        (work / "latest").symlink_to("run.sh")
        (work / "main.py").unlink()
        (work / "main.py").symlink_to("run.sh")

        changes = self.open(work).changes()

        found = {str(path): (change.kind, change.link) for path, change in changes.items()}
        expect(found, {"latest": ("modified", "run.sh"), "main.py": ("modified", "run.sh")}, "changes")

    def test_no_link_is_followed(self, work: Path, tmp_path: Path) -> None:
        """A link to a folder outside is one link; the files behind it are not part of the work tree."""
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "model.py").write_text("tau_m = 20.0\n")
        (work / "more").symlink_to(tmp_path / "outside")
        shutil.rmtree(work / "lib")
        (work / "lib").symlink_to(tmp_path / "outside")

        found = self.kinds(work)

        expect(found, {"more": "untracked", "lib": "untracked", "lib/model.py": "removed"}, "changes")

    def test_file_that_became_a_folder_is_seen(self, work: Path) -> None:
        """A folder in place of a file is the file gone and new files."""
        (work / "main.py").unlink()
        (work / "main.py").mkdir()
        (work / "main.py" / "part.py").write_text("pass\n")

        expect(self.kinds(work), {"main.py": "removed", "main.py/part.py": "untracked"}, "changes")

    def test_pipes_are_left_alone(self, work: Path) -> None:
        """A named pipe is neither a file nor something to wait for."""
        os.mkfifo(work / "pipe")

        expect(self.kinds(work), {}, "changes")

    def test_odd_names_are_kept(self, work: Path) -> None:
        """Blanks, line breaks, quotes, wildcards, leading dashes and bytes that are not UTF-8 survive in names."""
        for name in ODD_NAMES:
            (work / name).write_text("old\n")
        version = self.maker.commit(work)
        for name in ODD_NAMES:
            (work / name).write_text("new\n")
        copy = self.open(work)

        expect(self.kinds(work), dict.fromkeys(ODD_NAMES, "modified"), "changes")
        found = {name: copy.content(PurePosixPath(name), version) for name in ODD_NAMES}
        expect(found, dict.fromkeys(ODD_NAMES, b"old\n"), "contents before")

    def test_diff_can_be_read(self, work: Path) -> None:
        """The diff shows changed lines, carriage returns too, and only names binary files."""
        (work / "lib" / "model.py").write_bytes(b"tau_m = 10.0\r\n")
        (work / "data.bin").write_bytes(b"\0")
        (work / "run.sh").unlink()

        lines = self.open(work).diff().splitlines()

        for line in (
            "-tau_m = 20.0",
            "+tau_m = 10.0\\r",
            "Binary or large file, 256 bytes before, 1 now",
            "-#!/bin/sh",
        ):
            expect(line in lines, True, f"the line {line!r} in {lines}")


class SubmodulesKit(RepositoryKitBase):
    """Repositories inside of repositories."""

    @pytest.fixture
    def whole(self, work: Path, tmp_path: Path) -> Path:
        """A working copy with a submodule ``sub``, which has a submodule ``sub/deep`` itself."""
        deep, inner = self.make(tmp_path / "deep"), self.make(tmp_path / "inner")
        self.maker.add_submodule(inner, "deep", deep)
        self.maker.add_submodule(work, "sub", inner)
        return work

    def test_clean_submodule_has_no_changes(self, whole: Path) -> None:
        """Submodules as they were committed are no changes."""
        expect(self.kinds(whole), {}, "changes")

    def test_dirty_submodule_is_seen_file_by_file(self, whole: Path) -> None:
        """Changed, new and deleted files in submodules are changes under their own path, at any depth."""
        (whole / "sub" / "main.py").write_text("changed\n")
        (whole / "sub" / "new.py").write_text("new\n")
        (whole / "sub" / "deep" / "lib" / "model.py").unlink()
        copy = self.open(whole)

        changes = copy.changes()

        expected = {"sub/deep/lib/model.py": "removed", "sub/main.py": "modified", "sub/new.py": "untracked"}
        expect({str(path): change.kind for path, change in changes.items()}, expected, "changes")
        path = PurePosixPath("sub/main.py")
        expect(copy.content(path, changes[path].base), b"import model\n", "content by its own base")
        expect(copy.content(path, copy.current_version()), b"import model\n", "content by the outer version")
        expect("+changed" in copy.diff(), True, "the change is in the diff")

    def test_submodule_at_another_version_is_seen(self, whole: Path, tmp_path: Path) -> None:
        """Where a submodule was committed further, its files are compared with what the outer version has."""
        (whole / "sub" / "main.py").write_text("changed\n")
        self.maker.commit(whole / "sub")

        expect(self.kinds(whole), {"sub/main.py": "modified"}, "changes")
        self.check_restored(whole, tmp_path / "out")

    def test_submodule_that_is_not_initialised_works(self, whole: Path, tmp_path: Path) -> None:
        """A submodule that is not there is no change, and stays an empty folder in an export."""
        self.maker.empty_submodule(whole, "sub")

        expect(self.kinds(whole), {}, "changes")
        self.check_restored(whole, tmp_path / "out")

    def test_removed_submodule_is_seen(self, whole: Path) -> None:
        """A submodule whose folder is gone is removed."""
        shutil.rmtree(whole / "sub")

        expect(self.kinds(whole), {"sub": "removed"}, "changes")

    def test_untracked_repository_is_seen_file_by_file(self, work: Path, tmp_path: Path) -> None:
        """The files of a repository that merely lies in the work tree are untracked files."""
        self.make(work / "nested")
        (work / "nested" / "new.py").touch()

        expect(self.kinds(work)["nested/lib/model.py"], "untracked", "a committed file of it")
        expect(self.kinds(work)["nested/new.py"], "untracked", "a new file of it")
        self.check_restored(work, tmp_path / "out")

    def test_submodules_are_exported(self, whole: Path, tmp_path: Path) -> None:
        """An export has the files of submodules, at any depth."""
        self.open(whole).export(self.open(whole).current_version(), tmp_path / "out")

        expect(files_of(tmp_path / "out", ".none"), files_of(whole, self.maker.marker), "files")

    def test_dirty_submodule_comes_back(self, whole: Path, tmp_path: Path) -> None:
        """Export and changes together are the work tree, submodules included."""
        (whole / "sub" / "main.py").write_text("changed\n")
        (whole / "sub" / "deep" / "new.py").write_text("new\n")
        (whole / "sub" / "lib" / "model.py").unlink()

        self.check_restored(whole, tmp_path / "out")


class ExportKit(RepositoryKitBase):
    """The code as it was."""

    def test_export_is_the_version(self, work: Path, tmp_path: Path) -> None:
        """An export has the files of its version, bytes, mode bits and links, and nothing else."""
        expected = files_of(work, self.maker.marker)
        version = self.open(work).current_version()
        (work / "main.py").write_text("changed\n")
        (work / "new.py").write_text("new\n")
        self.maker.commit(work)

        self.open(work).export(version, tmp_path / "deep" / "out")

        expect(files_of(tmp_path / "deep" / "out", ""), expected, "files")

    def test_export_and_changes_are_the_work_tree(self, work: Path, tmp_path: Path) -> None:
        """Changed, binary, renamed, executable, linked, deleted and oddly named files all come back."""
        (work / "main.py").rename(work / "start.py")
        (work / "data.bin").write_bytes(b"\0\r\n\xff")
        (work / "run.sh").chmod(0o644)
        (work / "latest").unlink()
        (work / "latest").write_text("no link any more")
        (work / "lib" / "model.py").unlink()
        (work / "lib" / "model.py").mkdir()
        for name in ODD_NAMES:
            (work / "lib" / "model.py" / name).write_text("odd\n")

        self.check_restored(work, tmp_path / "out")

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        edits=st.lists(
            st.tuples(
                st.sampled_from(["main.py", "run.sh", "data.bin", "latest", "lib/model.py", "new", *ODD_NAMES]),
                st.sampled_from(["write", "delete", "link", "mode", "folder"]),
                st.binary(max_size=20),
            ),
            max_size=8,
        )
    )
    def test_any_edits_come_back(
        self, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str, bytes]]
    ) -> None:
        """Whatever is done to the files, export and changes together are the work tree."""
        top = tmp_path_factory.mktemp("edits")
        work = self.make(top / "work")
        for name, action, content in edits:
            edit(work / name, action, content)

        self.check_restored(work, top / "out")

    def test_export_of_a_dirty_tree_changes_nothing(self, work: Path, tmp_path: Path) -> None:
        """Exporting leaves no byte and no time stamp of the user's folder changed, and nothing registered in it."""
        copy = self.open(work)
        version = copy.current_version()
        (work / "main.py").write_text("changed\n")
        before = snapshot(work)

        copy.export(version, tmp_path / "out")

        expect(snapshot(work), before, "the user's folder")

    def test_reading_changes_nothing(self, work: Path) -> None:
        """No call that reads leaves a byte or time stamp of the user's folder changed."""
        os.utime(work / "main.py", (1, 1))  # a system that tidies its index by itself would do so now
        (work / "new.py").touch()
        before = snapshot(work)
        copy = self.open(work)

        copy.changes()
        copy.diff()
        copy.contains(PurePosixPath("main.py"))
        copy.content(PurePosixPath("main.py"), copy.current_version())

        expect(snapshot(work), before, "the user's folder")

    def test_export_into_a_used_folder_is_refused(self, work: Path, tmp_path: Path) -> None:
        """An export never mixes with files that lie there already."""
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").write_text("mine")

        with pytest.raises(RepositoryError, match="not empty"):
            self.open(work).export(self.open(work).current_version(), tmp_path / "out")

        expect(list(files_of(tmp_path / "out", "")), ["mine.txt"], "files")

    def test_large_binary_file_comes_back(self, work: Path, tmp_path: Path) -> None:
        """Ten megabytes of bytes that are no text come back exactly, and the diff only names them."""
        (work / "data.bin").write_bytes(bytes(range(256)) * 40_000)

        self.check_restored(work, tmp_path / "out")

        expect(len(self.open(work).diff()) < 200, True, "the diff is short")

    def test_line_ends_are_converted(self, work: Path, tmp_path: Path) -> None:
        """Line ends that a version asks for are those of the export, and a file without them is a change."""
        self.maker.convert_line_ends(work, "*.bat")
        (work / "good.bat").write_bytes(b"one\r\ntwo\r\n")
        (work / "other.bat").write_bytes(b"one\ntwo\n")
        version = self.maker.commit(work)

        self.open(work).export(version, tmp_path / "plain")

        expect((tmp_path / "plain" / "other.bat").read_bytes(), b"one\r\ntwo\r\n", "exported file")
        expect(self.kinds(work), {"other.bat": "modified"}, "changes")
        self.check_restored(work, tmp_path / "out")

    def test_carriage_returns_come_back(self, work: Path, tmp_path: Path) -> None:
        """Without such a rule line ends are bytes like any others."""
        (work / "main.py").write_bytes(b"one\r\ntwo\n")
        self.maker.commit(work)
        (work / "lib" / "model.py").write_bytes(b"one\r\ntwo\n")

        self.check_restored(work, tmp_path / "out")

    def test_large_files_are_filled_in(self, work: Path, tmp_path: Path) -> None:
        """A pointer to a large file becomes the file where it lies here, and a changed large file is a change."""
        self.maker.store_large(work, "spikes.dat", b"many spikes")
        version = self.maker.commit(work)
        expect(self.kinds(work), {}, "changes")

        self.open(work).export(version, tmp_path / "out")
        (work / "spikes.dat").write_bytes(b"more spikes")

        expect((tmp_path / "out" / "spikes.dat").read_bytes(), b"many spikes", "exported file")
        expect(self.kinds(work), {"spikes.dat": "modified"}, "changes")

    def test_large_file_that_is_not_here_stays_a_pointer(self, work: Path, tmp_path: Path) -> None:
        """Without the local copy an export has the pointer, and the work tree still comes back."""
        pointer = self.maker.store_large(work, "spikes.dat", b"many spikes")
        version = self.maker.commit(work)
        self.maker.forget_large(work)

        self.open(work).export(version, tmp_path / "plain")

        expect((tmp_path / "plain" / "spikes.dat").read_bytes(), pointer, "exported file")
        self.check_restored(work, tmp_path / "out")


class HostileKit(RepositoryKitBase):
    """Repositories that would run programs."""

    @pytest.fixture
    def armed(self, work: Path, tmp_path: Path) -> Path:
        """A working copy with changes, in which everything that can be configured to run makes ``marker``."""
        self.maker.arm(work, tmp_path / "marker")
        (work / "main.py").write_text("changed\n")
        (work / "new.py").write_text("new\n")
        return work

    def test_reading_runs_nothing(self, armed: Path, tmp_path: Path) -> None:
        """Looking for changes runs nothing that the repository names."""
        copy = self.open(armed)

        copy.current_version()
        copy.changes()
        copy.diff()
        copy.contains(PurePosixPath("lib/model.py"))
        with pytest.raises(UnknownVersionError):
            copy.content(PurePosixPath("main.py"), "1" * 40)

        expect((tmp_path / "marker").exists(), False, "something was run")

    def test_export_runs_nothing(self, armed: Path, tmp_path: Path) -> None:
        """Exporting runs nothing that the repository names, and the work tree comes back."""
        self.check_restored(armed, tmp_path / "out")

        expect((tmp_path / "marker").exists(), False, "something was run")

    def test_use_version_runs_nothing(self, work: Path, tmp_path: Path) -> None:
        """Going to another version runs nothing that the repository names."""
        old = self.open(work).current_version()
        (work / "main.py").write_text("import other\n")
        self.maker.commit(work)
        self.maker.arm(work, tmp_path / "marker")

        self.open(work).use_version(old)

        expect((work / "main.py").read_text(), "import model\n", "file")
        expect((tmp_path / "marker").exists(), False, "something was run")

    def test_checkout_runs_nothing(self, armed: Path, tmp_path: Path) -> None:
        """A checkout runs nothing that the repository names."""
        self.open(armed).repository.checkout(tmp_path / "clone")

        expect((tmp_path / "clone" / "lib" / "model.py").read_text(), "tau_m = 20.0\n", "file")
        expect((tmp_path / "marker").exists(), False, "something was run")

    def test_url_that_runs_a_program_is_refused(self, tmp_path: Path) -> None:
        """A URL that would run a program is an error, and nothing is run."""
        url = self.maker.hostile_url(tmp_path / "marker")

        with pytest.raises(RepositoryError):
            self.repository(url).checkout(tmp_path / "clone")  # type: ignore[call-arg]  # each has a constructor of its own

        expect((tmp_path / "marker").exists(), False, "something was run")

    def test_environment_does_not_mislead(self, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Variables that a hook or an alias leaves behind do not lead to another repository."""
        other = self.make(tmp_path / "other")
        (other / "main.py").write_text("other\n")
        self.maker.commit(other)
        expected = self.open(work).current_version()
        for name, value in self.maker.misleading(other).items():
            monkeypatch.setenv(name, value)

        expect(self.open(work).current_version(), expected, "version")
        expect(self.kinds(work), {}, "changes")


class UsingKit(RepositoryKitBase):
    """Going to another version, and checking out elsewhere."""

    @pytest.fixture
    def older(self, work: Path) -> str:
        """The version before the last: since then a file was changed, one removed, one added."""
        version = self.open(work).current_version()
        (work / "main.py").write_text("import other\n")
        (work / "run.sh").unlink()
        (work / "new.py").write_text("new\n")
        self.maker.commit(work)
        return version

    def test_use_version_brings_the_files(self, work: Path, older: str, tmp_path: Path) -> None:
        """Afterwards the files are those of the version, which is the current one, without changes."""
        self.open(work).use_version(older)

        self.open(work).export(older, tmp_path / "out")
        expect(files_of(work, self.maker.marker), files_of(tmp_path / "out", ""), "files")
        expect(self.open(work).current_version(), older, "version")
        expect(self.kinds(work), {}, "changes")

    def test_use_version_is_refused_where_work_would_be_lost(self, work: Path, older: str) -> None:
        """With uncommitted changes nothing is touched, and the error names the files."""
        (work / "lib" / "model.py").write_text("tau_m = 10.0\n")
        before = snapshot(work)

        with pytest.raises(UncommittedChangesError, match=r"lib/model\.py"):
            self.open(work).use_version(older)

        expect(snapshot(work), before, "the user's folder")

    def test_use_version_keeps_untracked_files(self, work: Path, older: str) -> None:
        """A new file stays, unless the version has one of that name: then nothing is touched."""
        (work / "results.txt").write_text("42\n")
        self.open(work).use_version(older)
        expect((work / "results.txt").read_text(), "42\n", "untracked file")
        newest = self.maker.commit(work)
        self.open(work).use_version(older)
        (work / "results.txt").write_text("43\n")

        with pytest.raises(UncommittedChangesError, match=r"results\.txt"):
            self.open(work).use_version(newest)

        expect((work / "results.txt").read_text(), "43\n", "untracked file")

    def test_checkout_has_the_same_files(self, work: Path, tmp_path: Path) -> None:
        """A checkout is a working copy of its own at the same version."""
        copy = self.open(work).repository.checkout(tmp_path / "clone")

        expect(copy.current_version(), self.open(work).current_version(), "version")
        expect(files_of(tmp_path / "clone", self.maker.marker), files_of(work, self.maker.marker), "files")
        expect(dict(copy.changes()), {}, "changes")


class RepositoryKit(VersionsKit, ChangesKit, SubmodulesKit, ExportKit, HostileKit, UsingKit):
    """The whole kit; give it ``repository``, ``maker`` and, where there is a choice, ``options``."""
