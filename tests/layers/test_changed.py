"""The every-change lane runs what a change can break, and leaves out nothing that it can."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ALWAYS = ["tests/discovery", "tests/documentation", "tests/inputs", "tests/layers"]
PYNN = {f"plugins/pynn-{name}/tests" for name in ("arbor", "brian2", "native", "nest", "neuron")}


@pytest.fixture(scope="module")
def lane() -> ModuleType:
    """The script, which no package holds."""
    spec = importlib.util.spec_from_file_location("changed", ROOT / ".ci" / "changed.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("plugins/sumatra-git/src/sumatra_git/backend.py", {"plugins/sumatra-git/tests", "tests/stories", *ALWAYS}),
        ("plugins/pynn-nest/src/pynn_nest/blocks.py", {"plugins/pynn-nest/tests", "tests/agreement", *ALWAYS}),
        ("plugins/pynn-nest/README.md", set(ALWAYS)),
        ("benchmarks/brunel.py", set(ALWAYS)),
        ("tests/stories/conftest.py", {"tests/stories", *ALWAYS}),
    ],
)
def test_a_change_of_one_plugin_runs_its_own_tests(lane: ModuleType, file: str, expected: set[str]) -> None:
    """And those about all distributions, no other plug-in's."""
    assert set(lane.tests_for([file])) == expected


def test_a_change_of_a_core_runs_all_that_builds_on_it(lane: ModuleType) -> None:
    """Of its own half; that of cawan both halves."""
    pynn = set(lane.tests_for(["packages/pynn-core/src/pyNN/cells.py"]))
    both = set(lane.tests_for(["packages/cawan/src/cawan/errors.py"]))

    assert pynn >= PYNN | {"packages/pynn-core/tests", "tests/kits/backends", "tests/agreement"}
    assert not any("sumatra" in path for path in pynn)  # but stories, in which the notebook records networks
    assert "tests/stories" in pynn
    assert both > pynn and "packages/sumatra-core/tests" in both and "plugins/sumatra-git/tests" in both


@pytest.mark.parametrize("file", ["uv.lock", "pyproject.toml", "noxfile.py", ".ci/run", "new-folder/something.py"])
def test_what_nobody_owns_runs_everything(lane: ModuleType, file: str) -> None:
    """The versions that all are tested with, and whatever came later than the lane."""
    assert lane.tests_for(["plugins/sumatra-git/README.md", file]) == lane.EVERYTHING


def test_nothing_changed_runs_nothing(lane: ModuleType) -> None:
    """A lane without a change has nothing to say."""
    assert lane.tests_for([]) == []


def test_every_folder_of_shared_tests_is_known(lane: ModuleType) -> None:
    """A folder that is added later must be entered, or no change would run it."""
    apart = {"tests/wheels", "tests/endurance"}
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")}

    assert folders - apart == set(lane.SHARED)
