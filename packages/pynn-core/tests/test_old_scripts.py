"""Scripts of PyNN 0.6 to 0.8 run as they were typed; each old spelling warns once, at its own line."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN._importer import PARTS
from pyNN.errors import PyNNError, UnknownParameterError
from pyNN.parameters import Sequence
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.recording.files import StandardTextFile
from pyNN.simulator import Simulator

HERE = __file__


def old(action: Callable[[], Any], shown: str) -> Any:
    """Do it, and see that it warned once, here, with the line to type today."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = action()
    mine = [w for w in caught if issubclass(w.category, DeprecationWarning) and "old spelling" in str(w.message)]
    assert [w.filename for w in mine] == [HERE], [str(w.message) for w in mine]
    assert shown in str(mine[0].message)
    return result


@pytest.mark.filterwarnings("ignore:.*old spelling")
def test_a_script_of_2010_runs_as_it_was_typed(sim: Simulator, tmp_path: Path) -> None:
    """Grid populations, v_init, rset, connectors with weights and delays, synapse dynamics, record_v and print_v."""
    n = 3
    params = {"tau_m": 20.0, "v_init": -60.0, "tau_syn_E": 5.0, "v_rest": -65.0, "v_thresh": -50.0}
    excitatory = sim.Population((n, n), sim.IF_curr_exp, params, "excitatory")
    source = sim.Population(n, sim.SpikeSourceArray, {"spike_times": [2.0, 5.0, 9.0]}, label="input")
    rng = NumpyRNG(seed=42)
    excitatory.rset("tau_m", RandomDistribution("uniform", (15.0, 25.0), rng))
    excitatory.randomInit(RandomDistribution("uniform", (-65.0, -55.0), rng))
    excitatory.tset("i_offset", np.linspace(0.0, 0.8, n * n).reshape(n, n))
    facilitating = sim.SynapseDynamics(fast=sim.TsodyksMarkramMechanism(U=0.5, tau_rec=100.0, tau_facil=0.0))
    connector = sim.AllToAllConnector(weights=1.5, delays="0.5+0.01*d")
    projection = sim.Projection(
        source, excitatory, connector, synapse_dynamics=facilitating, target="excitatory", label="in"
    )
    by_chance = sim.FixedProbabilityConnector(0.3, weights=0.05, delays=0.2)
    recurrent = sim.Projection(excitatory, excitatory, by_chance, rng=rng)
    recurrent.randomizeWeights(RandomDistribution("uniform", (0.02, 0.04), rng))
    pulse = sim.StepCurrentSource([3.0, 6.0], [0.5, 0.0])
    excitatory.inject(pulse)
    excitatory.record()
    excitatory.record_v(1)
    sim.run(40.0)
    excitatory.print_v(str(tmp_path / "excitatory.v"))
    excitatory.printSpikes(str(tmp_path / "excitatory.ras"))

    spikes, potentials = excitatory.getSpikes(), excitatory.get_v()
    assert excitatory.dim == (n, n) and excitatory.size == 9
    assert len(spikes) == sum(excitatory.get_spike_counts().values()) > 0
    assert set(spikes[:, 0]) <= set(range(9)) and (np.diff(spikes[:, 1]) >= 0).all()
    assert potentials.shape == (401, 3) and len(set(potentials[:, 0])) == 1 and potentials[-1, 1] == 40.0
    assert excitatory.meanSpikeCount() == pytest.approx(len(spikes) / 9)
    assert projection.synapse_type.given["U"] == 0.5
    assert min(projection.getDelays()) == 0.5 and projection.getWeights() == [1.5] * 27
    assert 0.02 <= min(recurrent.getWeights()) and max(recurrent.getWeights()) <= 0.04
    with StandardTextFile(tmp_path / "excitatory.v", "r") as file:
        rows, metadata = file.read(), file.get_metadata()
    assert metadata["variable"] == "v" and metadata["dt"] == 0.1 and metadata["n"] == 401
    assert np.array_equal(rows[:, 0], potentials[:, 2]) and np.array_equal(rows[:, 1], potentials[:, 0])
    with StandardTextFile(tmp_path / "excitatory.ras", "r") as file:
        assert np.array_equal(file.read(), spikes[:, ::-1])


@pytest.mark.filterwarnings("ignore:.*old spelling")
def test_functions_of_old_make_connect_and_record(sim: Simulator, tmp_path: Path) -> None:
    """create, connect, record and set of single cells and lists, with files written at the end."""
    names = sim.names
    source = names["create"](names["SpikeSourceArray"], {"spike_times": [1.0]})
    cells = names["create"](names["IF_cond_exp"], {"tau_m": 10.0}, n=2)
    names["connect"](source=source, target=cells, weight=0.5, delay=0.5, synapse_type="excitatory")
    names["set"](cells, "v_thresh", -64.0)
    names["set"](cells[0], {"tau_refrac": 2.0})
    names["record"](cells, str(tmp_path / "spikes.txt"))
    names["record_v"](cells[1], str(tmp_path / "v.txt"))
    names["record_gsyn"](cells, str(tmp_path / "gsyn.txt"))
    sim.run(10.0)
    sim.end()

    assert cells.get("v_thresh") == -64.0 and list(cells.get("tau_refrac")) == [2.0, 0.1]
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert sorted(written) == ["gsyn.txt", "spikes.txt", "v.txt"]
    assert len([line for line in written["spikes.txt"].splitlines() if "\t'spikes'\t" in line]) > 2
    assert len([line for line in written["v.txt"].splitlines() if "\t'v'\t" in line]) == 101


def test_each_old_spelling_shows_the_line_of_today(sim: Simulator) -> None:
    """The warning stands at the script's own line, once, and says what to type."""
    cells = sim.Population(4, sim.IF_cond_exp())

    old(lambda: cells.rset("tau_m", RandomDistribution("uniform", (10.0, 20.0))), "set(tau_m=…)")
    old(lambda: cells.set("tau_m", 12.0), "set(tau_m=12.0)")
    old(lambda: cells.initialize("v", -60.0), "initialize(v=-60.0)")
    old(lambda: cells.record_v(), "record('v')")
    old(lambda: sim.Population(2, sim.IF_cond_exp(), None, "name"), "label='name'")
    old(lambda: sim.Population(2, sim.IF_cond_exp, {"v_init": -60.0}), "initial_values={'v': -60.0}")
    old(lambda: sim.Projection(cells, cells, method=sim.OneToOneConnector()), "connector=")
    old(lambda: sim.DCSource(0.5), "DCSource(amplitude=0.5)")
    old(lambda: sim.AllToAllConnector(weights=0.5), "StaticSynapse(weight=0.5)")
    bounds: dict[str, Any] = {"boundaries": (-1.0, 1.0), "constrain": "redraw"}
    drawn = old(lambda: RandomDistribution("normal", (0.0, 1.0), **bounds), "normal_clipped")
    grid = sim.Population((2, 3), sim.IF_cond_exp())
    assert old(lambda: grid[1, 2], "population[5]") == grid[5]
    assert drawn.name == "normal_clipped" and drawn.parameters["low"] == -1.0


def test_the_fast_connectors_of_0_7_are_the_connectors(sim: Simulator) -> None:
    """PyNN 0.7 had two of some connectors; both names are one."""
    cells = sim.Population(3, sim.IF_cond_exp())
    made = old(lambda: sim.names["FastFixedProbabilityConnector"](1.0), "FixedProbabilityConnector(…)")

    assert isinstance(made, sim.FixedProbabilityConnector)
    assert len(sim.Projection(cells, cells, made)) == 9


@pytest.mark.filterwarnings("ignore:.*old spelling")
def test_a_small_world_of_0_7_has_its_weights(sim: Simulator) -> None:
    """SmallWorldConnector takes weights and delays as the other connectors of PyNN 0.7 do."""
    cells = sim.Population(4, sim.IF_cond_exp())
    connector = sim.SmallWorldConnector(degree=2.0, rewiring=0.0, weights=0.01, delays=0.3, verbose=False)

    made = sim.Projection(cells, cells, connector, target="excitatory")

    assert set(made.get(["weight", "delay"], "list", with_address=False)) == {(0.01, 0.3)}


def test_what_never_was_a_spelling_is_still_refused(sim: Simulator) -> None:
    """A misspelt argument is not taken for an old one; two kinds of plasticity at once are refused in one sentence."""
    cells = sim.Population(4, sim.IF_cond_exp())

    with pytest.raises(UnknownParameterError, match="wieghts"):
        sim.AllToAllConnector(wieghts=0.5)
    with pytest.raises(TypeError, match="no argument 'tagret'"):
        sim.Projection(cells, cells, sim.OneToOneConnector(), tagret="excitatory")
    with pytest.warns(DeprecationWarning), pytest.raises(PyNNError, match="both kinds of plasticity"):
        sim.SynapseDynamics(fast=object(), slow=object())
    with pytest.raises(TypeError, match="takes parameters by name"):
        cells.set("tau_m", 1.0, 2.0)


def test_initial_values_of_a_cell_type_may_be_changed(sim: Simulator) -> None:
    """``celltype.default_initial_values["v"] = …`` holds for the populations of that instance, and of no other."""
    celltype = sim.IF_cond_exp(v_rest=-70.0)
    celltype.default_initial_values["v"] = -61.0
    changed, usual = sim.Population(2, celltype), sim.Population(2, sim.IF_cond_exp(v_rest=-70.0))
    given = sim.Population(1, celltype, initial_values={"v": -62.0})
    for cells in (changed, usual, given):
        cells.record("v")
    sim.run(1.0)

    begins = [float(cells.get_data().segments[0].analogsignals[0][0, 0]) for cells in (changed, usual, given)]
    assert begins == [-61.0, -70.0, -62.0]  # without a word about it, at v_rest


@pytest.mark.filterwarnings("ignore:.*old spelling")
def test_a_spinnaker_script_runs_once_its_import_is_changed(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """Cores, machine time and boards are ignored with a line in the log; name() and spinnaker_get_data() answer."""
    caplog.set_level(logging.INFO, "pyNN")
    names = sim.names
    names["setup"](timestep=1.0, time_scale_factor=10, n_boards_required=1)
    names["set_number_of_neurons_per_core"](sim.IF_curr_exp, 50)
    cells = names["Population"](2, sim.IF_curr_exp(i_offset=1.0), additional_parameters={"spikes_per_second": 100})
    cells.record(["spikes", "v"])
    names["run"](50.0)

    assert names["name"]() == sim.name
    assert all(text in caplog.text for text in ("time_scale_factor", "n_boards_required", "neurons_per_core"))
    spikes = cells.spinnaker_get_data("spikes")
    trains = cells.get_data("spikes").segments[0].spiketrains
    assert spikes.shape == (sum(map(len, trains)), 2) and len(spikes) > 0
    samples, matrix = cells.spinnaker_get_data("v"), cells.spinnaker_get_data("v", as_matrix=True)
    assert samples.shape == (2 * 51, 3) and matrix.shape == (51, 2)
    assert np.array_equal(matrix, cells.get_data("v").segments[0].filter(name="v")[0].magnitude)


def test_a_value_without_a_name_is_the_only_parameter(sim: Simulator) -> None:
    """``SpikeSourceArray([5.0])`` of SpiNNaker; several parameters want names, or all in one mapping of PyNN 0.7."""
    assert sim.Population(1, sim.SpikeSourceArray([5.0])).get("spike_times") == Sequence([5.0])
    cells = old(lambda: sim.IF_cond_exp({"tau_m": 12.0, "cm": 0.5}), "IF_cond_exp(tau_m=12.0, cm=0.5)")
    assert (cells.given["tau_m"], cells.given["cm"]) == (12.0, 0.5)
    with pytest.raises(TypeError, match="by name, such as IF_cond_exp"):
        sim.IF_cond_exp(20.0)


def test_a_state_variable_among_the_parameters_is_told_where_it_is_set(sim: Simulator) -> None:
    """SpiNNaker's cells have ``v`` among their parameters, PyNN 0.6 had ``v_init``; both are told what to type."""
    for name in ("v", "v_init"):
        with pytest.raises(UnknownParameterError, match=r"'v' is a state variable. Set it with initialize\(v=-60.0\)"):
            sim.IF_curr_exp(**{name: -60.0})
    with pytest.raises(UnknownParameterError, match="state variable"):
        sim.Population(1, sim.IF_curr_exp()).set(v=-60.0)


def test_signals_have_their_name_of_the_first_neo(sim: Simulator) -> None:
    """``segment.analogsignalarrays``, in scripts of PyNN 0.8."""
    cells = sim.Population(2, sim.IF_cond_exp())
    cells.record("v")
    sim.run(1.0)
    segment = cells.get_data().segments[0]

    assert segment.analogsignalarrays[0] is segment.analogsignals[0]


def test_what_only_spinnaker_has_is_refused_with_what_to_type_instead() -> None:
    """Names of sPyNNaker that have no equal here say so, and so does its module."""
    import pyNN.reference as reference

    with pytest.raises(AttributeError, match="Izhikevich is the standard model"):
        reference.IZK_curr_exp  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match=r"SpiNNaker machine.*import pyNN\.reference as sim"):
        import_module("pyNN.spiNNaker")
    with pytest.raises(ModuleNotFoundError, match="BrainScaleS"):
        import_module("pyNN.hardware.brainscales")


def test_modules_of_a_simulators_package_are_imported_as_in_0_13() -> None:
    """``from pyNN.<simulator>.populations import Population`` and the like give what the simulator's module has."""
    import pyNN.reference as whole

    for name in sorted(PARTS):
        assert import_module(f"pyNN.reference.{name}").IF_cond_exp is whole.IF_cond_exp
    populations = import_module("pyNN.reference.populations")
    assert populations.Population is whole.Population and populations.Assembly is whole.Assembly
    assert import_module("pyNN.reference.standardmodels.electrodes").DCSource is whole.DCSource
    assert import_module("pyNN.reference.simulator").state is whole.state
    assert whole.standardmodels.__name__ == "pyNN.standardmodels" and whole.connectors.__name__ == "pyNN.connectors"
    assert set(import_module("pyNN.reference.connectors").__all__) == set(whole.__all__)
    with pytest.raises(ImportError):
        import_module("pyNN.reference.standardmodels.nothing")
    with pytest.raises(AttributeError, match="no name 'Populatoin'"):
        populations.Populatoin  # noqa: B018


def test_a_star_import_takes_no_name_of_the_script() -> None:
    """``name()`` is asked of the module; a star import does not put it in the place of a script's own ``name``."""
    import pyNN.reference as reference

    assert reference.name() == reference.simulator.name
    assert "name" not in reference.__all__
