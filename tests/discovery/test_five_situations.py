"""The five situations in which a plug-in cannot be used, each with its sentence, and what every one leaves usable."""

from __future__ import annotations

import importlib
import json
import time
from typing import Any

import pyNN
import pytest
from cawan.errors import (
    DoesNotImportError,
    DuplicatePluginError,
    NotInstalledError,
    OutdatedPluginError,
    UnknownPluginError,
)
from cawan.groups import GROUPS
from cawan.plugins import Plugins
from cawan.simulator import SimulatorBackend

BROKEN = {
    "import error": ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
    "sys.exit at import": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "missing class": ("x = 1", "FakeBackend"),
    "no class": ("FakeBackend = 42", "is no class"),
    "syntax error": ("def f(:", "SyntaxError"),
}


def backends() -> Plugins[SimulatorBackend]:
    """A registry that has loaded nothing."""
    return Plugins("pynn.backends")


def test_a_good_plugin_is_found_listed_and_loaded(site: Any) -> None:
    """An entry point on sys.path is in names() and describe() without being imported, and load() gives its class."""
    site.install("pynn-fake", "pynn_fake", site.good_backend, version="0.2")

    plugins = backends()
    row = next(p for p in plugins.describe() if p.name == "fake")

    assert "fake" in plugins.names()
    assert (row.distribution, row.version, row.summary) == ("pynn-fake", "0.2", "A fake simulator")
    assert plugins.load("fake").name == "fake"


def test_listing_imports_nothing(site: Any) -> None:
    """names() and describe() do not run a plug-in's module."""
    site.install("pynn-fake", "pynn_fake", "raise RuntimeError('imported')")

    assert "fake" in backends().names()


def test_unknown_name_gets_the_installed_and_the_nearest(site: Any) -> None:
    """Situation 1: no such plug-in."""
    site.install("pynn-fake", "pynn_fake", site.good_backend)

    with pytest.raises(UnknownPluginError) as error:
        backends().load("fakr")

    text = str(error.value)
    assert text.startswith("No simulator backend is called 'fakr'. Installed: ")
    assert text.endswith("Did you mean 'fake'?")


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator whose distribution is known, and that nobody has installed."""
    monkeypatch.setattr("pyNN._importer._registry", None)  # another test may have made it before
    group = GROUPS["pynn.backends"]
    monkeypatch.setitem(GROUPS, "pynn.backends", group._replace(known={**group.known, "absent": "pynn-absent"}))  # type: ignore[arg-type]  # a dict


@pytest.mark.usefixtures("absent")
def test_known_but_not_installed_gets_the_line_to_type() -> None:
    """Situation 2: known, not installed."""
    with pytest.raises(NotInstalledError) as error:
        backends().load("absent")

    expected = "The simulator backend 'absent' is not installed. Install it with: pip install pynn-absent"
    assert str(error.value) == expected


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_one_that_does_not_import_says_why(site: Any, case: str) -> None:
    """Situation 3: installed, but importing it fails; the cause is chained."""
    source, reason = BROKEN[case]
    site.install("pynn-fake", "pynn_fake", source, version="0.2")

    with pytest.raises(DoesNotImportError) as error:
        backends().load("fake")

    text = str(error.value)
    assert text.startswith("The simulator backend 'fake' (pynn-fake 0.2) is installed but does not import: ")
    assert reason in text
    assert "pip install --force-reinstall pynn-fake" in text
    assert error.value.__cause__ is not None


def test_an_incomplete_one_says_what_it_lacks(site: Any) -> None:
    """Situation 4: a method is missing."""
    source = """
        from cawan.simulator import SimulatorBackend
        class FakeBackend(SimulatorBackend):
            interface = 1
            name, models = "fake", {}
            def setup(self, settings): ...
    """
    site.install("pynn-fake", "pynn_fake", source)

    with pytest.raises(
        OutdatedPluginError, match=r"FakeBackend \(pynn-fake 0\.1\) .* it lacks advance\(\), .*read\(\)"
    ):
        backends().load("fake")


@pytest.mark.parametrize(("version", "remedy"), [(0, "pip install -U pynn-fake"), (2, "pip install -U cawan")])
def test_one_of_another_interface_version_says_which_to_upgrade(site: Any, version: int, remedy: str) -> None:
    """Situation 4: written for an older or a newer interface."""
    site.install("pynn-fake", "pynn_fake", site.good_backend.replace("interface = 1", f"interface = {version}"))

    with pytest.raises(OutdatedPluginError) as error:
        backends().load("fake")

    assert f"is written for version {version} of SimulatorBackend" in str(error.value)
    assert str(error.value).endswith(remedy)


def test_two_that_claim_one_name_are_both_refused(site: Any) -> None:
    """Situation 5: neither is preferred, both are named."""
    site.install("pynn-fake", "pynn_fake", site.good_backend, version="0.2")
    site.install("fast-fake", "fast_fake", site.good_backend, version="0.3")

    with pytest.raises(DuplicatePluginError) as error:
        backends().load("fake")

    expected = (
        "Two distributions provide a simulator backend called 'fake': fast-fake 0.3 and pynn-fake 0.2. "
        "Uninstall one of them."
    )
    assert str(error.value) == expected


@pytest.mark.usefixtures("absent")
def test_import_gives_the_same_sentence(site: Any) -> None:
    """``import pyNN.<name>`` of each situation raises ImportError with the sentence of load()."""
    site.install("pynn-fake", "pynn_fake", "import a_module_that_is_not_there")

    with pytest.raises(ImportError, match="is installed but does not import"):
        importlib.import_module("pyNN.fake")
    with pytest.raises(ModuleNotFoundError, match="Did you mean 'reference'"):
        importlib.import_module("pyNN.referense")
    with pytest.raises(ModuleNotFoundError, match="pip install pynn-absent"):
        pyNN.load("absent")


def test_import_finds_names_with_dots(site: Any) -> None:
    """An entry point "fake.chip.one" is ``import pyNN.fake.chip.one``; the packages in between are made."""
    site.install("pynn-fake", "pynn_fake", site.good_backend, name="fake.chip.one")

    module: Any = importlib.import_module("pyNN.fake.chip.one")

    assert module.__name__ == "pyNN.fake.chip.one"
    assert module.setup(timestep=0.1) == 0


def test_using_gives_a_class_a_name_for_a_while(site: Any) -> None:
    """``using`` serves tests and notebooks, without packaging."""
    from pyNN._reference import ReferenceBackend

    plugins = backends()
    with plugins.using("mine", ReferenceBackend):
        inside = plugins.load("mine"), plugins.names()

    assert inside[0] is ReferenceBackend and "mine" in inside[1]
    assert "mine" not in plugins.names()


def test_the_remembered_list_sees_an_installation(site: Any) -> None:
    """The list kept in the cache folder is not used once a distribution has come or gone."""
    import os
    import time

    old = time.time() - 60
    os.utime(site.folder, (old, old))
    before = backends().names()
    assert backends().names() == before

    site.install("pynn-fake", "pynn_fake", site.good_backend)

    assert "fake" not in before
    assert "fake" in backends().names()


def test_plugins_lists_a_broken_one_as_a_row(site: Any) -> None:
    """``cawan plugins --check`` shows every plug-in; a broken, exiting or crashing one is a row, never a crash."""
    site.install("pynn-good", "pynn_good", site.good_backend, name="good")
    site.install("pynn-exit", "pynn_exit", "import sys; sys.exit(3)", name="exits")
    site.install("pynn-crash", "pynn_crash", "import os; os.kill(os.getpid(), 11)", name="crashes")

    plain = site.run("-m", "cawan", "plugins", "pynn.backends")
    checked = site.run("-m", "cawan", "plugins", "pynn.backends", "--check", "--json")

    assert plain.returncode == 0 and plain.stderr == ""
    assert all(name in plain.stdout for name in ("good", "exits", "crashes", "reference"))
    items = {item["name"]: item for item in json.loads(checked.stdout)["items"]}
    assert checked.returncode == 69
    assert items["good"]["well"] and items["reference"]["well"]
    assert not items["exits"]["well"] and "SystemExit" in items["exits"]["finding"]
    assert not items["crashes"]["well"] and "signal 11" in items["crashes"]["finding"]


def test_doctor_lets_each_do_its_job(site: Any) -> None:
    """``cawan doctor`` runs a cell on every backend; one that hangs or miscounts is named with the line that helps."""
    wrong = (
        site.good_backend + "        def advance(self, until, pulse):\n            super().advance(until / 2, pulse)\n"
    )
    hangs = site.good_backend + "        def advance(self, until, pulse):\n            while True: pass\n"
    site.install(
        "pynn-wrong",
        "pynn_wrong",
        wrong.replace("until / 2, pulse)", "until / 2, pulse); self._step *= 2"),
        name="wrong",
    )
    site.install("pynn-hangs", "pynn_hangs", hangs, name="hangs")

    began = time.monotonic()
    site.run("-m", "cawan.doctor", "pynn.backends", "reference", "job")
    limit = f"{max(10.0, 10 * (time.monotonic() - began)):.0f}"  # however busy this machine is
    done = site.run("-m", "cawan", "doctor", "pynn.backends", "--limit", limit, "--json")

    items = {item["name"]: item for item in json.loads(done.stdout)["items"]}
    assert done.returncode == 69
    assert items["reference"]["finding"] == "ok: a cell fired 3 times in 100 ms"
    assert "pip install --force-reinstall pynn-wrong" in items["wrong"]["finding"]
    assert f"did not answer within {limit} s" in items["hangs"]["finding"]
