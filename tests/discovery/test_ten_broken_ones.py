"""Ten broken plug-ins side by side: what does not need them works, and each is one line with the remedy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyNN import random

BROKEN = {
    "imports": "import a_module_that_is_not_there",
    "raises": "raise SystemExit('no')",
    "exits": "import sys; sys.exit(3)",
    "crashes": "import os; os.kill(os.getpid(), 11)",
    "loops": "while True: pass",
    "lacks": "x = 1",
    "empty": "",
}


def break_everything(site: Any) -> list[str]:
    """Install them; gives the names that a check must find ill."""
    for name, source in BROKEN.items():
        site.install(f"pynn-{name}", f"pynn_{name}", source, name=name)
    site.install("pynn-newer", "pynn_newer", site.good_backend.replace("interface = 1", "interface = 99"), name="newer")
    site.install("pynn-twin", "pynn_twin", site.good_backend, name="twin")
    site.install("pynn-other-twin", "pynn_other_twin", site.good_backend, name="twin")
    site.install("pynn-nothing", "pynn_nothing", "", name="nothing", attribute="There.is.none")
    site.install("pynn-shadow", "pynn_shadow", site.good_backend, name="random")
    return [*BROKEN, "newer", "twin", "nothing"]


def test_what_needs_none_of_them_works(site: Any) -> None:
    """Listing, ``import pyNN`` with a simulation, and ``smt`` are not touched; no plug-in shadows a module of pyNN."""
    names = break_everything(site)
    script = (
        "import pyNN, pyNN.random; import pyNN.reference as sim; sim.setup(); "
        "cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0)); cells.record('spikes'); sim.run(100.0); "
        "print(pyNN.list_simulators(), pyNN.random.NumpyRNG.__name__, int(cells.mean_spike_count()))"
    )

    listed = site.run("-m", "cawan", "plugins", "pynn.backends")
    simulated = site.run("-c", script)
    helped = site.run("-m", "sumatra", "--help")

    assert listed.returncode == 0 and listed.stderr == ""
    assert all(name in listed.stdout for name in names)
    assert simulated.returncode == 0, simulated.stderr
    assert "'loops'" in simulated.stdout and simulated.stdout.split()[-2:] == ["NumpyRNG", "3"]
    assert helped.returncode == 0 and "run" in helped.stdout
    assert random.NumpyRNG.__module__.startswith("pyNN.random")


def test_each_is_one_line_with_the_remedy(site: Any) -> None:
    """The doctor outlives them all, and says of each what is wrong and what to type."""
    names = break_everything(site)

    done = site.run("-m", "cawan", "doctor", "pynn.backends", "--limit", "25", "--json")

    items = json.loads(done.stdout)["items"]
    assert done.returncode == 69
    for name in names:
        rows = [item for item in items if item["name"] == name]
        assert rows and not any(row["well"] for row in rows), name
        for row in rows:
            assert "Traceback" not in row["finding"] and "\n" not in row["finding"].strip(), row
            assert "pip install" in row["finding"] or "Uninstall" in row["finding"], row
    assert any(item["name"] == "reference" and item["well"] for item in items)


EAGER = """
    from cawan.plugins import Plugins
    describe = Plugins.describe
    Plugins.describe = lambda self: [plugin for plugin in describe(self) if self._import(plugin)]
"""
TOGETHER = """
    from cawan import doctor
    def examine(plugin, *, job, limit_s=0.0):
        return doctor.Finding(plugin, True, doctor.answer(plugin.group, plugin.name, job=job))
    doctor.examine = examine
"""


@pytest.mark.parametrize(
    ("bug", "check"), [(EAGER, test_what_needs_none_of_them_works), (TOGETHER, test_each_is_one_line_with_the_remedy)]
)
def test_what_loads_plug_ins_here_is_seen(bug: str, check: Any, site: Any) -> None:
    """The control: where listing loads what it lists, or the doctor loads it in its own process, a test above fails."""
    site.write("sitecustomize", bug)
    with pytest.raises((AssertionError, ValueError)):
        check(site)
