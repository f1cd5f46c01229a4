"""What only git has: its index, attributes, conversions, and the choice between the program and dulwich."""

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from cawan.repository import BrokenRepositoryError, RepositoryError, UnknownVersionError, WorkingCopy
from sumatra_git import GitRepository
from sumatra_git._attributes import Attributes

sys.path.insert(0, str(Path(__file__).parent))
from git_maker import GitMaker, git

MAKER = GitMaker()
CONVERTED = {
    "lf.txt": b"one\ntwo\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "mixed.txt": b"one\r\ntwo\n",
    "lone.txt": b"one\rtwo\n",
    "nul.txt": b"one\n\0two\n",
    "odd.txt": b"\1\2\3\4one\n",
    "ident.id": b"$Id$ $Id: old $ $Id: of another system $ $Id\n",
    "eof.txt": b"one\n\x1a",
    "wide.u16": "h\u00e9\n".encode(),
}


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but an author."""
    (tmp_path / "home").mkdir()
    for name, value in MAKER.environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["git", "dulwich"])
def program(request: pytest.FixtureRequest) -> str:
    """Each way of reading git."""
    return str(request.param)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with one committed file."""
    MAKER.init(tmp_path / "work")
    (tmp_path / "work" / "main.py").write_text("pass\n")
    MAKER.commit(tmp_path / "work")
    return tmp_path / "work"


def opened(path: Path, program: str | None = None) -> WorkingCopy:
    """The working copy at a path."""
    found = GitRepository.find(path, {"program": program})
    assert found is not None
    return found


def kinds(copy: WorkingCopy) -> dict[str, str]:
    """Path and kind of every change."""
    return {str(path): change.kind for path, change in copy.changes().items()}


@pytest.mark.parametrize("autocrlf", ["false", "input", "true"])
@pytest.mark.parametrize("rule", ["", "*.txt text", "*.txt text=auto", "*.txt eol=crlf", "*.txt text=auto eol=crlf",
                                  "*.txt -text", "*.txt binary", "*.txt crlf=input", "*.id ident",
                                  "*.u16 text working-tree-encoding=UTF-16LE-BOM"])  # fmt: skip
def test_export_converts_as_a_checkout(work: Path, tmp_path: Path, rule: str, autocrlf: str) -> None:
    """Line ends, identifiers and encodings are converted to the very bytes that git checkout writes."""
    for name, content in CONVERTED.items():
        (work / name).write_bytes(content)
    version = MAKER.commit(work)
    (work / ".gitattributes").write_text(f"{rule}\n")
    tree = git(work, "rev-parse", f"{version}^{{tree}}")
    blob = git(work, "hash-object", "-w", ".gitattributes")
    entries = git(work, "ls-tree", tree) + f"\n100644 blob {blob}\t.gitattributes\n"
    tree = subprocess.run(["git", "mktree"], cwd=work, input=entries.encode(), capture_output=True, check=True)
    version = git(work, "commit-tree", "-m", "With rules.", tree.stdout.decode().strip())
    git(work, "config", "core.autocrlf", autocrlf)
    git(work, "worktree", "add", "--detach", str(tmp_path / "checkout"), version)

    opened(work, "git").export(version, tmp_path / "out")

    found = {name: (tmp_path / "out" / name).read_bytes() for name in CONVERTED}
    assert found == {name: (tmp_path / "checkout" / name).read_bytes() for name in CONVERTED}


PATTERNS = ["*.py", "/*.py", "lib/*.py", "lib/**/x.py", "**/deep/*", "lib/**", "x?.py", "[a-c].py", "[!a-c].py", "lib",
            "lib/", "\\*.py", '"a b.py"', "*", "deep/x.py", "**/x.py", "[[:digit:]].py", "lib/deep", "*x*",
            "**"]  # fmt: skip
PATHS = ["a.py", "x.py", "xa.py", "a b.py", "*.py", "5.py", "lib/a.py", "lib/x.py", "lib/deep/x.py",
         "lib/deep/er/x.py", "lib/deep/other", "z", "deep/x.py"]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_match_as_in_git(work: Path, pattern: str) -> None:
    """A pattern of .gitattributes applies to the same files as in git, at the top and in a folder."""
    text = f"{pattern} filter=found\n# comment\n[attr]mine filter=other\n"
    (work / "lib").mkdir()
    (work / ".gitattributes").write_text(text)
    (work / "lib" / ".gitattributes").write_text("x.py -filter\na.py mine\n")
    said = git(work, "check-attr", "filter", "--", *PATHS).splitlines()
    expected = {line.split(": ")[0].strip('"'): line.split(": ")[-1] for line in said}

    rules = Attributes([("", text.encode()), ("lib", b"x.py -filter\na.py mine\n")])

    named = {False: "unset", None: "unspecified"}
    values = {path: rules.of(path).get("filter") for path in PATHS}
    assert {path: named.get(value, value) for path, value in values.items()} == expected


def test_merge_conflict_is_seen(work: Path, program: str) -> None:
    """Files with conflicts are modified, whatever the index says of them."""
    git(work, "checkout", "--quiet", "-b", "other")
    (work / "main.py").write_text("other\n")
    MAKER.commit(work)
    git(work, "checkout", "--quiet", "main")
    (work / "main.py").write_text("mine\n")
    version = MAKER.commit(work)
    subprocess.run(["git", "merge", "other"], cwd=work, capture_output=True, check=False)

    copy = opened(work, program)

    assert kinds(copy) == {"main.py": "modified"}
    assert copy.content(PurePosixPath("main.py"), version) == b"mine\n"


def test_file_left_out_by_a_sparse_checkout_is_no_change(work: Path, program: str) -> None:
    """What a sparse checkout leaves out was not deleted; a file that lies there all the same is compared."""
    for name in ("one", "two"):
        (work / name).mkdir()
        (work / name / "model.py").write_text("pass\n")
    MAKER.commit(work)
    git(work, "sparse-checkout", "set", "one")
    assert kinds(opened(work, program)) == {}

    (work / "two").mkdir(exist_ok=True)
    (work / "two" / "model.py").write_text("changed\n")

    assert kinds(opened(work, program)) == {"two/model.py": "modified"}


def test_sha256_repository_works(tmp_path: Path, program: str) -> None:
    """Repositories whose identifiers are SHA-256 are read like others."""
    (tmp_path / "work").mkdir()
    git(tmp_path / "work", "init", "--quiet", "--object-format=sha256")
    for name in ("changed.py", "touched.py"):
        (tmp_path / "work" / name).write_text("pass\n")
    version = MAKER.commit(tmp_path / "work")
    (tmp_path / "work" / "changed.py").write_text("changed\n")
    os.utime(tmp_path / "work" / "touched.py", (1, 1))

    copy = opened(tmp_path / "work", program)

    assert copy.current_version() == version
    assert kinds(copy) == {"changed.py": "modified"}


def test_submodule_not_yet_committed_is_seen(work: Path, tmp_path: Path, program: str) -> None:
    """The files of a submodule that no version has yet are added files."""
    MAKER.init(tmp_path / "inner")
    (tmp_path / "inner" / "model.py").write_text("pass\n")
    MAKER.commit(tmp_path / "inner")
    git(work, "submodule", "--quiet", "add", str(tmp_path / "inner"), "sub")

    assert kinds(opened(work, program)) == {".gitmodules": "added", "sub/model.py": "added"}


def test_version_with_unsafe_paths_is_refused(work: Path, tmp_path: Path, program: str) -> None:
    """A made-up commit whose files would land outside the export, or behind a link of it, writes nothing."""
    blob = git(work, "hash-object", "-w", "main.py")
    raw = b"100644 ..\0" + bytes.fromhex(blob)
    made = ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"]
    tree = subprocess.run(made, cwd=work, input=raw, capture_output=True, check=True).stdout.decode().strip()
    version = git(work, "commit-tree", "-m", "Evil.", tree)

    with pytest.raises(BrokenRepositoryError, match="unsafe path"):
        opened(work, program).export(version, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_submodule_without_its_commit_says_how_to_get_it(work: Path, tmp_path: Path, program: str) -> None:
    """A submodule that lacks the commit of the outer version is an error with the command that brings it."""
    MAKER.init(tmp_path / "inner")
    MAKER.commit(tmp_path / "inner")
    MAKER.add_submodule(work, "sub", tmp_path / "inner")
    git(work, "update-index", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(work, "commit", "--quiet", "--message=Points nowhere.")

    with pytest.raises(UnknownVersionError, match="git submodule update --init"):
        opened(work, program).changes()


def test_split_index_is_refused_by_dulwich(work: Path) -> None:
    """What dulwich would misread it refuses, and the git program reads it."""
    git(work, "update-index", "--split-index")

    assert kinds(opened(work, "git")) == {}
    with pytest.raises(BrokenRepositoryError, match="Install the git program"):
        opened(work, "dulwich").changes()


def test_upstream_is_without_password(work: Path, program: str) -> None:
    """The URL of origin is known, and the password in it is left out."""
    git(work, "remote", "add", "origin", "https://ada:secret@example.org/model.git")

    assert opened(work, program).repository.upstream == "https://example.org/model.git"


def test_dulwich_reads_where_there_is_no_git(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on PATH everything works; asked for by name, the program is an error that says so."""
    monkeypatch.setenv("PATH", f"{work}{os.pathsep}.")
    (work / "git").write_text("#!/bin/sh\ntouch executed\n")
    (work / "git").chmod(0o644)

    assert kinds(opened(work)) == {"git": "untracked"}
    with pytest.raises(RepositoryError, match="no git on PATH"):
        opened(work, "git")


NAMES = ["HEAD", "HEAD~1", "HEAD~", "HEAD^", "main^^", "main~1^", "HEAD^0", "HEAD~0", "HEAD^{commit}", "old"]


@pytest.mark.parametrize("name", NAMES)
def test_versions_may_be_named_as_in_git(work: Path, tmp_path: Path, program: str, name: str) -> None:
    """Branches, tags and ancestors name the same version for both ways of reading; none is taken for another."""
    git(work, "tag", "--annotate", "--message=Old.", "old")
    for text in ("two\n", "three\n"):
        (work / "main.py").write_text(text)
        MAKER.commit(work)
    expected = git(work, "show", f"{name}:main.py").encode() + b"\n"
    if program == "dulwich" and name == "HEAD^{commit}":
        pytest.skip("dulwich refuses this spelling")

    assert opened(work, program).content(PurePosixPath("main.py"), name) == expected


def test_dulwich_ends_quietly(work: Path) -> None:
    """A program that has read packed objects through dulwich prints nothing of its own when it ends."""
    git(work, "gc", "--quiet")
    code = (
        "import sys, pathlib, sumatra_git\n"
        "copy = sumatra_git.GitRepository.find(pathlib.Path(sys.argv[1]), {'program': 'dulwich'})\n"
        "copy.content(pathlib.PurePosixPath('main.py'), 'HEAD')\n"
    )

    done = subprocess.run([sys.executable, "-c", code, str(work)], capture_output=True, text=True, check=True)

    assert done.stdout + done.stderr == ""


def test_unknown_program_is_refused(work: Path) -> None:
    """Another value of the option is an error that names both choices."""
    with pytest.raises(RepositoryError, match=r"'svn'.*'git' or 'dulwich'"):
        opened(work, "svn")


def test_dulwich_is_imported_only_where_it_is_used() -> None:
    """Importing the plug-in, and using it with the git program, does not load dulwich."""
    code = "import sys, sumatra_git; sys.exit('dulwich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
