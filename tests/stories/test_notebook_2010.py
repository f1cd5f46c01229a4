"""The lab notebook as it was first presented, in 2010, typed into a real shell in its own words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any


def label_of(shown: str) -> str:
    """The label that ``smt run`` announced."""
    found = re.search(r"Record label for this run: '([^']+)'", shown)
    assert found, shown
    return found[1]


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file outside the notebook, HEAD and index included: bytes and time of change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".smt" not in path.parts
    }


def test_the_story_of_2010(shell: Any, repository: Path) -> None:
    """Every line of the talk does what it said, and a repeat leaves the user's repository as it was."""
    def typed(line: str, code: int = 0) -> str:
        shown, status = shell.type(line)
        assert status == code, (line, status, shown)
        return str(shown)

    assert "Sumatra project successfully set up" in typed("smt init MyProject")

    shown = typed("smt run --simulator=python --main=main.py default.param")
    first = label_of(shown)
    for expected in ("worth", "100 steps", "tau_m = 20.0", "Code version", "Platform", "Dependencies", "Duration",
                     "worth.txt  sha256:", "timestep = 0.1"):  # fmt: skip
        assert expected in shown

    typed("smt configure --simulator=python --main=main.py")
    second = label_of(typed("smt run default.param"))

    assert typed("smt list").split() == [second, first]
    shown = typed("smt list -l")
    assert shown.count("Label") == 2
    assert "default.param" in shown

    shown = typed(
        'smt run --label=haggling --reason="determine whether the gourd is worth 3 or 4 shekels" romans.param'
    )
    assert label_of(shown) == "haggling"
    typed('smt comment "apparently, it is worth NaN shekels."')
    typed(f'smt comment {first} "Eureka! Nobel prize here we come."')
    typed('smt tag "Figure 6"')

    shown = typed('smt run --reason="test effect of a smaller time constant" default.param tau_m=10.0')
    assert "tau_m = 10.0" in shown
    assert (repository / "default.param").read_text().count("tau_m = 20.0") == 1

    before = tree(repository)
    shown = typed("smt repeat haggling")
    repeated = label_of(shown)
    assert "The new record exactly matches the original." in shown
    assert "Verdict: identical" in shown
    after = tree(repository)
    assert {name: after.get(name) for name in before} == before
    assert all(name.startswith(f"Data/{repeated}/") for name in set(after) - set(before))

    shown = typed("smt list -l")
    for expected in ("determine whether the gourd is worth 3 or 4 shekels", "apparently, it is worth NaN shekels.",
                     "Eureka! Nobel prize here we come.", "Figure 6", "test effect of a smaller time constant",
                     "Repeats          : haggling"):  # fmt: skip
        assert expected in shown
    assert typed("git status --short") == "?? Data/\n"
    assert len(typed("smt list").split()) == 5


def test_run_without_init(shell: Any, repository: Path) -> None:
    """In any repository a plain ``smt run python main.py`` is recorded, with changed code kept, and nothing is left."""
    (repository / "main.py").write_text((repository / "main.py").read_text() + "print('more')\n")

    shown, code = shell.type("smt run python main.py default.param tau_m=10.0")

    assert code == 0, shown
    assert "modified  main.py" in shown
    assert "Data/worth.txt" in shown
    assert shell.type("git status --short")[0] == " M main.py\n?? Data/\n"
    assert shell.type(f"smt repeat {label_of(shown)}")[0].count("Verdict: identical") == 1
    shell.type("smt init Named")
    assert label_of(shown) in shell.type("smt list")[0].split(), "a name takes over what was recorded before it"
    assert shell.type(f"smt view -s {label_of(shown)}")[0].endswith("print('more')\n")


def test_dirty_code_is_refused_after_init(shell: Any, repository: Path) -> None:
    """With ``smt init`` the policy is Sumatra's: code that is in no version does not run."""
    shell.type("smt init MyProject")
    (repository / "main.py").write_text("print('changed')\n")

    shown, code = shell.type("smt run --executable=python --main=main.py default.param")

    assert code == 1
    assert "Code has changed, please commit your changes" in shown
    assert shell.type("smt list") == ("", 0)


def test_a_progress_bar_sees_a_terminal(shell: Any, repository: Path) -> None:
    """Where the user has a terminal the program has one too, of the same kind on both streams."""
    (repository / "bar.py").write_text("import sys\nprint(sys.stdout.isatty(), sys.stderr.isatty())\n")

    shown, code = shell.type("smt run python bar.py")

    assert code == 0
    assert "True True" in shown


def test_a_program_may_ask(shell: Any, repository: Path) -> None:
    """A program that reads from the terminal gets what the user types."""
    (repository / "ask.py").write_text("print('answer', input('worth? '))\n")

    shown, code = shell.interrupt("smt run python ask.py", "worth", key=b"3 shekels\n")

    assert code == 0, shown
    assert "answer 3 shekels" in shown


def test_deleting_asks(shell: Any, repository: Path) -> None:
    """On a terminal ``smt delete`` asks before it deletes, and does as it is told; with --yes it does not ask."""
    for _ in range(2):
        shell.type("smt run python main.py default.param")
    labels = shell.type("smt list")[0].split()

    refused = shell.interrupt(f"smt delete {labels[0]}", "Delete 1 record?", key=b"n\n")
    kept = shell.type("smt list")[0].split()
    shell.type(f"smt delete --yes {labels[0]}")

    assert refused[1] == 130
    assert kept == labels
    assert shell.type("smt list")[0].split() == labels[1:]


def test_control_c_reaches_the_program(shell: Any, repository: Path) -> None:
    """Ctrl-C ends the program; its record says killed, its console text is kept, and smt exits with 130."""
    (repository / "long.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")

    shown, code = shell.interrupt("smt run python long.py", "begun")

    assert code == 130, shown
    assert "killed by signal 2" in shown
    listed = shell.type("smt list -l")[0]
    assert "killed by signal 2" in listed
    assert "stdout 6 B" in listed


def test_mistakes_are_one_sentence(shell: Any) -> None:
    """Unknown record, command, parameter, a taken label: a sentence with the value, and the table's exit code."""
    shell.type("smt init MyProject")
    shell.type("smt configure --executable=python --main=main.py")
    shell.type("smt run --label=haggling default.param")

    for line, code, expected in (
        ("smt comment hagling 'x'", 66, "Did you mean 'haggling'?"),
        ("smt delete nothing", 66, "'nothing'"),
        ("smt lst", 2, "Did you mean 'list'?"),
        ("smt run --label=haggling default.param", 2, "already has a record 'haggling'"),
        ("smt run --label=../up default.param", 2, "'../up'"),
        ("smt run default.param tau_n=3", 2, "Did you mean 'tau_m'?"),
        ("smt run --main=nothing.py default.param", 66, "'nothing.py'"),
        ("smt run --executable=nothing default.param", 66, "'nothing'"),
        ("smt init Again", 73, "exists already"),
        ("cd / && smt list", 66, "smt init"),
    ):
        shown, status = shell.type(line)
        assert (status, expected in shown, "Traceback" in shown) == (code, True, False), (line, status, shown)
        assert len(shown.splitlines()) <= 4
