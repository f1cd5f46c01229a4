"""What is particular to Subversion: mixed revisions, keywords, externals, old formats."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from cawan.repository import BrokenRepositoryError, RepositoryError, WorkingCopy
from sumatra_subversion import SubversionRepository
from sumatra_subversion._database import read

sys.path.insert(0, str(Path(__file__).parent))
from svn_maker import SvnMaker, made_client


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy with two files at revision 1."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "work"
    SvnMaker().init(folder)
    (folder / "main.py").write_text("import model\n")
    (folder / "lib").mkdir()
    (folder / "lib" / "model.py").write_text("tau_m = 20.0\n")
    SvnMaker().commit(folder)
    return folder


def opened(folder: Path) -> WorkingCopy:
    """The working copy there."""
    found = SubversionRepository.find(folder)
    assert found is not None
    return found


def commit(*places: Path) -> None:
    """``svn commit``, and no ``svn update`` after it."""
    made_client().commit([str(place) for place in places], recurse=True)


def test_a_plain_commit_leaves_no_changes(work: Path) -> None:
    """The copy is of two revisions then; the version is the new one, and nothing of it is a change."""
    (work / "main.py").write_text("import other\n")
    commit(work / "main.py")
    copy = opened(work)

    assert {node.revision for node in read(work).nodes.values()} == {1, 2}
    assert (copy.current_version(), dict(copy.changes())) == ("2", {})
    assert copy.content(PurePosixPath("lib/model.py"), "2") == b"tau_m = 20.0\n"


def test_what_others_committed_meanwhile_is_no_part_of_the_code_that_ran(work: Path, tmp_path: Path) -> None:
    """A file that is older than the version is kept whole, and export with changes gives what lies here."""
    other = tmp_path / "other"
    SvnMaker().second_work_tree(work, other)
    (other / "lib" / "model.py").write_text("tau_m = 10.0\n")
    (other / "new.py").write_text("pass\n")
    made_client().add(str(other / "new.py"))
    commit(other)
    (work / "main.py").write_text("import other\n")
    commit(work / "main.py")
    copy = opened(work)

    assert copy.current_version() == "3"
    assert {str(path): change.kind for path, change in copy.changes().items()} == {
        "lib/model.py": "modified", "new.py": "removed",
    }  # fmt: skip
    copy.export("3", tmp_path / "out")
    assert (tmp_path / "out" / "lib" / "model.py").read_text() == "tau_m = 10.0\n"


def test_the_current_version_needs_no_network(work: Path, tmp_path: Path) -> None:
    """With the repository gone, changes, content and export still work; another version says what is lacking."""
    (work / "main.py").write_text("edited\n")
    shutil.rmtree(tmp_path / ".repository of work")
    copy = opened(work)

    assert [str(path) for path in copy.changes()] == ["main.py"]
    assert copy.content(PurePosixPath("main.py"), "1") == b"import model\n"
    copy.export("1", tmp_path / "out")
    assert (tmp_path / "out" / "lib" / "model.py").exists()
    with pytest.raises(RepositoryError, match=r"could not reach.*repository%20of%20work"):
        copy.export("7", tmp_path / "none")


def test_keywords_are_filled_in_as_a_checkout_does(work: Path, tmp_path: Path) -> None:
    """An unchanged file with keywords is no change, and comes out as it lies here."""
    (work / "main.py").write_text("# $Revision$\n")
    made_client().propset("svn:keywords", "Revision", str(work / "main.py"))
    SvnMaker().commit(work)
    copy = opened(work)

    assert (work / "main.py").read_text() == "# $Revision: 2 $\n"
    assert dict(copy.changes()) == {}
    copy.export("2", tmp_path / "out")
    assert (tmp_path / "out" / "main.py").read_text() == "# $Revision: 2 $\n"


def test_a_copied_file_is_an_added_one(work: Path) -> None:
    """What ``svn copy`` scheduled is in the next revision, whole."""
    made_client().copy(str(work / "main.py"), str(work / "copy.py"))

    assert opened(work).changes()[PurePosixPath("copy.py")].kind == "added"


def test_damaged_and_unknown_formats_are_refused(work: Path) -> None:
    """The sentence names what is wrong and the command that helps; no content passes that is not what was committed."""
    sha1 = read(work).nodes["main.py"].sha1
    place = work / ".svn" / "pristine" / sha1[:2] / f"{sha1}.svn-base"
    place.chmod(0o644)
    place.write_text("something else")
    with pytest.raises(BrokenRepositoryError, match="damaged"):
        opened(work).content(PurePosixPath("main.py"), "1")
    database: Any = sqlite3.connect(work / ".svn" / "wc.db")
    database.execute("PRAGMA user_version = 12")
    database.commit()
    database.close()
    with pytest.raises(BrokenRepositoryError, match=r"format is 12.*svn upgrade"):
        opened(work)
    (work / ".svn" / "wc.db").unlink()
    with pytest.raises(BrokenRepositoryError, match=r"1\.6 or older"):
        opened(work)
