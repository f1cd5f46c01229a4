"""What a change can break: the tests of the distributions that it touches, and of all that build on them.

    python .ci/changed.py [BASE]      # prints paths for pytest; BASE is main where none is named
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = ["packages", "plugins", "tests"]
# How the names begin of the distributions that each folder of shared tests is about; "" is for every change. Those of
# wheels and endurance have sessions of their own.
SHARED = {
    "tests/agreement": ("pynn-",),
    "tests/discovery": ("",),
    "tests/documentation": ("",),
    "tests/inputs": ("",),
    "tests/kits/backends": ("pynn-core",),
    "tests/kits/repositories": ("sumatra-core",),
    "tests/kits/sumatra": ("sumatra-core",),
    "tests/layers": ("",),
    "tests/stories": ("sumatra-", "pynn-core"),
}
# What no test reads: a change of these alone needs the tests of documentation at most.
UNTESTED = re.compile(r"(benchmarks|docs|examples)/|.*\.md$|CITATION\.cff$|LICENSE$")


def members() -> dict[str, tuple[str, set[str]]]:
    """The folder of each distribution, and the others of ours that it needs, with those of its extras."""
    found = {path.parent.name: (path.parent, tomllib.loads(path.read_text(encoding="utf-8"))["project"])
             for path in sorted(ROOT.glob("p*/*/pyproject.toml"))}  # fmt: skip
    needs = {}
    for name, (folder, project) in found.items():
        extras = project.get("optional-dependencies", {}).values()
        named = [requirement for some in (project.get("dependencies", []), *extras) for requirement in some]
        names = {re.split(r"[^\w-]", requirement, maxsplit=1)[0] for requirement in named}
        needs[name] = (folder.relative_to(ROOT).as_posix(), names & set(found))
    return needs


def touched(files: Iterable[str], distributions: dict[str, tuple[str, set[str]]]) -> set[str] | None:
    """The distributions that hold these files, and those that need one of them; None: every one may be touched."""
    reached: set[str] = set()
    for file in files:
        owners = {name for name, (folder, _) in distributions.items() if file.startswith(f"{folder}/")}
        if not owners and not UNTESTED.match(file) and not file.startswith("tests/"):
            return None
        if not file.endswith(".md"):
            reached |= owners
    while more := {name for name, (_, needs) in distributions.items() if needs & reached} - reached:
        reached |= more
    return reached


def tests_for(files: Iterable[str]) -> list[str]:
    """Folders and files of tests that a change of these files, named from the root, may break."""
    files, distributions = list(files), members()
    reached = touched(files, distributions)
    if reached is None:
        return EVERYTHING
    chosen = {f"{distributions[name][0]}/tests" for name in reached}
    for folder, about in SHARED.items():
        own = any(file.startswith(f"{folder}/") for file in files)
        if own or (files and "" in about) or any(name.startswith(about) for name in reached):
            chosen.add(folder)
    return sorted(folder for folder in chosen if (ROOT / folder).exists())


def changed(base: str) -> list[str]:
    """Files that differ from where this branch left ``base``, committed or not."""

    def git(*command: str) -> list[str]:
        done = subprocess.run(["git", "-C", str(ROOT), *command], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    origin = git("merge-base", base, "HEAD")[0]
    return sorted({*git("diff", "--name-only", origin), *git("ls-files", "--others", "--exclude-standard")})


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in tests_for(changed(sys.argv[1] if len(sys.argv) > 1 else "main")))
