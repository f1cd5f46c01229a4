"""U1, U2, PL2, L1: what a user is told: at most three lines, the value, what to do, the exit code of the table."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from typing import Any

import pytest

MISTAKES: dict[str, tuple[int, str]] = {
    "run nosuch.param": (66, "nosuch.param"), "run -m nosuch.py": (66, "nosuch.py"), "run -e nosuch": (66, "nosuch"),
    "run -v deadbeef default.param": (66, "deadbeef"), "run -l one default.param": (2, "one"),
    "run -l a/b default.param": (2, "a/b"), "run -i nofile default.param": (66, "nofile"),
    "run --stdin nofile": (66, "nofile"), "run python nosuch.py": (66, "nosuch.py"),
    "run --lable=x default.param": (2, "lable"), "repeat nosuch": (66, "nosuch"), "repeat": (2, "LABEL"),
    "repeat one --tolerance=-1": (2, "-1"), "repeat one --on bogus": (65, "pyNN"),
    "repeat nofile.zip": (66, "nofile"),
    "diff one": (2, "LABEL2"), "diff one nosuch": (66, "nosuch"), "show nosuch": (66, "nosuch"),
    "view nosuch": (66, "nosuch"), "tag": (2, "TAG"), "tag _bogus_ one": (2, "_bogus_"), "tag x nosuch": (66, "nosuch"),
    "comment": (2, "COMMENT"), "comment a b c": (2, "3"), "comment -f nofile": (66, "nofile"),
    "delete": (2, "LABELS"), "delete nosuch": (66, "nosuch"), "list -f bogus": (2, "bogus"),
    "list -T -f json": (2, "table"), "list -p n>>3": (2, "n>>3"), "export x.zip": (2, "--prov"),
    "export --rocrate /proc/x.zip one": (73, "/proc/x.zip"), "export --prov /proc/x.json": (73, "/proc/x.json"),
    "sync main.py": (65, "main.py"),
    "sync bogus://x": (69, "bogus"), "upgrade nofile": (66, "nofile"), "upgrade": (66, ".smt"),
    "whence nofile": (66, "nofile"), "open nosuch": (66, "nosuch"), "open --into /proc/x one": (73, "/proc/x"),
    "collect nosuch": (66, "nosuch"), "verify nosuch": (66, "nosuch"), "configure -c bogus": (2, "bogus"),
    "configure -l bogus": (2, "bogus"), "configure -g bogus": (2, "bogus"), "configure -L bogus": (69, "bogus"),
    "configure -s bogus://x": (69, "bogus"), "configure -W http://x": (69, "webdav"),
    "configure -A true -M http://x": (2, "--mirror"), "init again": (73, "exists already"), "help bogus": (2, "bogus"),
    "version extra": (2, "extra"), "lisst": (2, "list"), "completion csh": (2, "csh"), "--bogus": (2, "--bogus"),
}  # fmt: skip


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_sentence(line: str, only_read: Any) -> None:
    """The value that is wrong is named, in at most three lines on standard error, with the code of the table."""
    code, names = MISTAKES[line]
    process = only_read.start(*line.split())
    out, err = process.communicate(timeout=60)

    assert process.returncode == code, err
    assert names in err.decode() and out == b""
    assert 1 <= len(err.splitlines()) <= 3 and b"Traceback" not in err and b"[Errno" not in err


def test_debug_shows_the_whole_traceback(only_read: Any) -> None:
    """The control of the test above: with --debug the traceback is there, so it would have been seen."""
    process = only_read.start("--debug", "show", "nosuch")
    assert b"Traceback" in process.communicate(timeout=60)[1]


def test_a_project_whose_plug_in_is_missing(notebook: Any) -> None:
    """PL2: what needs the plug-in names it and how to get or leave it; settings can be changed and put right."""
    notebook.smt("run", "--label=one", "default.param")
    settings = notebook.path / ".smt" / "config.toml"
    text = settings.read_text()
    kept = [line for line in text.splitlines() if not line.startswith(("store ", "plugins "))]
    settings.write_text("\n".join([*kept, 'store = "nosuch:sqlite"', 'plugins = ["gone"]', ""]))
    for words, code in (("list", 69), ("run default.param", 69), ("info", 0)):
        process = notebook.start(*words.split())
        _, err = process.communicate(timeout=60)
        assert process.returncode == code and len(err.splitlines()) <= 3, err
        assert code == 0 or b"'nosuch'" in err

    notebook.smt("configure", "--remove-plugin=gone")
    notebook.smt("configure", "--main=main.py", "--store=.smt")

    assert notebook.smt("list").split() == ["one"]
    notebook.smt("run", "--label=two", "default.param")


def test_settings_that_need_the_store_are_seen(notebook: Any) -> None:
    """The control: where ``configure`` opens the store before it looks, the test above fails."""
    notebook.plant("from sumatra.notebook import Notebook\nsave = Notebook.save\n"
                   "Notebook.save = lambda self, settings: save(self, settings) if self.store else None\n")  # fmt: skip
    with pytest.raises(AssertionError):
        test_a_project_whose_plug_in_is_missing(notebook)


GOOD = (
    "a", "1", "fig.3", "a_b-c", "two words", "Zürich", unicodedata.normalize("NFC", "é"),
    unicodedata.normalize("NFD", "é"), "ラベル", "x" * 200, "CON", "nul", "a" * 150 + ".b", "20260812-143007",
    "_hidden_", "v1.0-rc.1", "हिन्दी", "ไทย ที่นี่",
)  # fmt: skip
BAD = (
    "", ".", "..", "-x", ".x", "a/b", "a\\b", "last", "x" * 201, "é" * 101, "a%b", "a\nb", "a\tb", " a", "a ", "a:b",
    "a;b", "a*", "\u0301a", "a\u200db",
)  # fmt: skip


def test_labels_that_are_taken_come_back_everywhere(notebook: Any) -> None:
    """L1: what is accepted is found by list, show, tag, diff, export, sync, and as a folder, and can be deleted."""
    notebook.smt("configure", "--on-changed=store-diff")
    other = notebook.path.parent / "other"
    seen: set[str] = set()
    for label in GOOD:
        known = unicodedata.normalize("NFC", label)
        if known in seen:  # letters are composed with their accents: there are no two labels that look alike
            notebook.smt("run", f"--label={label}", "default.param", code=2)
            continue
        seen.add(known)
        notebook.smt("run", f"--label={label}", "default.param")
        assert known in notebook.smt("show", label)
        assert (notebook.path / "Data" / known / "result.txt").read_text() == f"{known}\n"
    notebook.smt("tag", "t", *sorted(seen))
    notebook.smt("sync", str(other))
    notebook.smt("export")

    assert set(notebook.smt("list", "t").splitlines()) == seen
    exported = (notebook.path / ".smt" / "records_export.json").read_text()
    assert all(f'"{label}"' in exported for label in ("fig.3", "two words"))
    process = subprocess.run([sys.executable, "-m", "sumatra", "diff", "two words", "Zürich"], cwd=notebook.path,
                             env=notebook.environment, check=False, capture_output=True)  # fmt: skip
    assert process.returncode in (0, 1)
    notebook.smt("delete", *sorted(seen))
    assert notebook.smt("list") == ""


@pytest.mark.parametrize("label", BAD)
def test_labels_that_are_refused_are_told_the_rule(label: str, only_read: Any) -> None:
    """The rule stands in the message; nothing runs."""
    process = only_read.start("run", f"--label={label}", "default.param")
    out, err = process.communicate(timeout=60)

    assert process.returncode == 2 and out == b""
    assert "at most 200 bytes" in err.decode()


@pytest.mark.parametrize(
    "more", [{"NO_COLOR": "1"}, {"COLUMNS": "20"}, {"LC_ALL": "C"}, {"TERM": "dumb"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_any_terminal_will_do(more: dict[str, str], only_read: Any) -> None:
    """U2: no colour, a narrow terminal, the C locale: no traceback, no escape codes, the same labels."""
    environment = {**only_read.environment, **more}
    for words in ("list", "list -l", "show one", "diff one two", "info", "run --help", "list -T", "show nosuch"):
        done = subprocess.run([sys.executable, "-m", "sumatra", *words.split()], cwd=only_read.path, env=environment,
                              check=False, capture_output=True)  # fmt: skip
        assert done.returncode in (0, 1, 66), (words, done.stderr)
        assert b"Traceback" not in done.stderr and b"\033" not in done.stdout + done.stderr, (words, done.stderr)


def test_readers_that_go_away(only_read: Any) -> None:
    """U2: a reader that has gone, as in ``smt list -l | head -1``, and a closed output end ``smt`` quietly."""
    for words in ("list -l", "list -f json", "show one", "list -f html -l"):
        line = f"{sys.executable} -m sumatra {words} | true"
        done = subprocess.run(["sh", "-c", line], cwd=only_read.path, env=only_read.environment, check=True,
                              capture_output=True)  # fmt: skip
        assert done.stderr == b"", words
    done = subprocess.run([sys.executable, "-m", "sumatra", "list"], cwd=only_read.path, env=only_read.environment,
                          check=False, stdout=os.open(os.devnull, os.O_RDONLY), stderr=subprocess.PIPE)  # fmt: skip
    assert b"Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 3


COLOUR = """\
import click
echo = click.echo
click.echo = lambda text="", **options: echo(f"\\033[0m{text}", color=True, **options)
"""
PRINT = """\
import builtins, sys, click
click.echo = lambda text="", nl=True, err=False: print(text, end="\\n" * nl, file=sys.stderr if err else sys.stdout)
"""


@pytest.mark.parametrize(("more", "bug"), [({"TERM": "dumb"}, COLOUR), ({"PYTHONIOENCODING": "ascii"}, PRINT)])
def test_a_terminal_that_must_be_good_is_seen(more: dict[str, str], bug: str, notebook: Any) -> None:
    """The control: where escape codes or letters are taken for granted, the test above fails."""
    notebook.smt("run", "--label=one", "default.param")
    notebook.smt("run", "--label=two", "default.param", "tau_m=10.0")
    notebook.plant(bug)
    with pytest.raises(AssertionError):
        test_any_terminal_will_do(more, notebook)


def test_a_reader_who_must_stay_is_seen(notebook: Any) -> None:
    """The control: where nothing is done about a reader that went away, the test above fails."""
    notebook.smt("run", "--label=one", "default.param")
    notebook.plant("import os\nos.dup2 = lambda *words: None\n")
    with pytest.raises(AssertionError):
        test_readers_that_go_away(notebook)
