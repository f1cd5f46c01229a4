"""What the import of a simulator's module may cost: most scripts need none of this, and each takes milliseconds."""

from __future__ import annotations

import subprocess
import sys

import pyNN
import pytest

# Large libraries and simulators; then modules of Python's own that load many others or take long.
HEAVY = frozenset(
    "neo quantities matplotlib scipy numpy.random numpy.typing nest neuron brian2 arbor mpi4py "
    "subprocess tempfile shutil decimal difflib email importlib.abc importlib.metadata inspect dataclasses logging "
    "pathlib urllib.parse hashlib json socket random".split()
)


@pytest.mark.parametrize("name", pyNN.list_simulators())
def test_importing_a_simulator_is_quiet_and_loads_nothing_heavy(name: str) -> None:
    """``import pyNN.<name>`` prints nothing, and loads none of these beside what NumPy loads."""
    code = f"import sys, numpy; o = {{*sys.modules}}; import pyNN.{name}; print(*{set(HEAVY)} & {{*sys.modules}} - o)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_a_run_loads_no_library_that_only_its_data_need() -> None:
    """On the embedded engine cells are built, run and counted without Neo or ``numpy.ma``."""
    pytest.importorskip("pynn_native")
    code = """if True:
        import sys, pyNN.native as sim
        sim.setup()
        cells = sim.Population(3, sim.IF_curr_exp(i_offset=1.0))
        sim.Projection(cells, cells[:2], sim.AllToAllConnector(), sim.StaticSynapse())
        cells.record(["v", "spikes"])
        sim.run(50.0)
        print(cells.mean_spike_count() > 0, *{"neo", "quantities", "numpy.ma"} & {*sys.modules})
    """

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True"]
