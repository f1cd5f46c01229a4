"""Views of views, assemblies, state while a model runs, and data of several populations together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN import common
from pyNN.errors import (
    CellNotFoundError,
    ConnectionError,
    InvalidModelError,
    NotInjectableError,
    PyNNError,
    SelectionError,
    UnknownNameError,
)
from pyNN.network import Network
from pyNN.parameters import LazyArray, ParameterSpace, Sequence, simplify
from pyNN.simulator import Simulator
from pyNN.space import Cuboid, Grid2D, Grid3D, Space, Sphere, distance


def test_views_of_views_select_in_their_own_order(sim: Simulator) -> None:
    """An index of a view of a view is one of the population, through both selections; a text selects nothing."""
    cells = sim.Population(10, sim.IF_curr_exp(tau_m=np.arange(1.0, 11.0)))

    inner = cells[[8, 2, 6, 4]][1:3]

    assert list(inner.get("tau_m")) == [3.0, 7.0] and inner.grandparent is cells
    assert cells.id_to_index(inner).tolist() == [2, 6]
    with pytest.raises(SelectionError, match="not by 'foo'"):
        cells["foo"]
    with pytest.raises(CellNotFoundError, match="is not a cell of"):
        cells.id_to_index(cells.last_id + 1)


def test_assemblies_are_full_sources_and_targets(sim: Simulator) -> None:
    """Mixed cell types, views of assemblies, a projection across both and one block of data for all."""
    small = sim.Population(2, sim.IF_cond_exp(), label="a")
    large = sim.Population(3, sim.EIF_cond_exp_isfa_ista(), label="b")
    both = small + large
    source = sim.Population(5, sim.SpikeSourceArray(spike_times=[1.0]))
    made = sim.Projection(source, both, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.01, delay=0.1))
    sim.Projection(both, both, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0))
    both.record("v")
    sim.run(5.0)
    block = both.get_data()

    assert len(made) == 5 and made.shape == (5, 5) and len(both[1:4]) == 3
    assert [v.size for v in both[1:4].populations] == [1, 2]
    (signal,) = block.segments[0].analogsignals
    assert signal.shape == (51, 5) and list(signal.annotations["source_ids"]) == list(both.all_cells)
    assert (signal.magnitude[-1] > signal.magnitude[0]).all()
    assert isinstance(both, common.Assembly) and isinstance(small[[0]], common.BasePopulation)


def test_assemblies_refuse_what_they_cannot_hold(sim: Simulator) -> None:
    """No cell twice, no plain numbers; weights of two units need two projections."""
    conductance, current = sim.Population(2, sim.IF_cond_exp()), sim.Population(2, sim.IF_curr_exp())

    assert (conductance + conductance[:1]).size == 2
    with pytest.raises(InvalidModelError, match="not of 42"):
        sim.Assembly(conductance, 42)
    with pytest.raises(ConnectionError, match="conductances, and onto others currents"):
        sim.Projection(conductance, conductance + current, sim.AllToAllConnector())
    with pytest.raises(NotInjectableError, match="cells with a membrane"):
        sim.Population(1, sim.SpikeSourceArray()).inject(sim.DCSource())


def test_states_can_be_read_and_set_while_a_model_runs(sim: Simulator) -> None:
    """population.get("v") and cell.v are the values of now, those that a recording has for now."""
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.1, 0.2, 0.3]))
    cells.record("v")
    assert cells.get("v") == -65.0
    sim.run(10.0)

    now = cells.get("v")
    cells[1].v = -60.0

    assert np.array_equal(now, cells.get_data().segments[0].analogsignals[0].magnitude[-1]) or now[1] != -60.0
    assert cells[1].v == -60.0 and cells[0].v == now[0]
    assert list(cells[[2, 0]].get("v")) == [now[2], now[0]]


def test_weights_are_recorded_as_they_change(sim: Simulator) -> None:
    """projection.record samples plastic weights at its interval, across runs, in a segment for each reset."""
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0], [12.0]]))
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.9))
    pair, bounds = sim.SpikePairRule(A_plus=0.1), sim.AdditiveWeightDependence(w_max=1.0)
    rule = sim.STDPMechanism(pair, bounds, weight=0.5, delay=1.0)
    plastic = sim.Projection(source, cells, sim.AllToAllConnector(), rule)
    plastic.record("weight", sampling_interval=10.0)
    sim.run(35.0)
    sim.run(25.0)
    sim.reset()
    sim.run(10.0)

    block = plastic.get_data("weight")
    first, second = (segment.analogsignals[0] for segment in block.segments)
    assert first.shape == (7, 2) and first.times.rescale("ms").magnitude.tolist() == [10.0 * k for k in range(7)]
    assert (first.magnitude[0] == 0.5).all() and (first.magnitude[-1] > 0.5).all()
    assert second.shape == (2, 2) and (second.magnitude[0] == 0.5).all()


def test_currents_are_recorded_as_they_flow(sim: Simulator) -> None:
    """source.get_data has one sample a step, follows changes, and can be read after the end."""
    cells = sim.Population(1, sim.IF_curr_exp())
    source = sim.StepCurrentSource(times=[2.0, 6.0], amplitudes=[0.5, -0.5])
    source.inject_into([cells[0]])
    source.record()
    sim.run(4.0)
    source.set_parameters(times=[5.0], amplitudes=[0.25])
    sim.run(4.0)
    sim.end()

    signal = source.get_data()
    values = signal.magnitude[:, 0]
    assert signal.shape == (81, 1) and str(signal.units.dimensionality) == "nA"
    assert values[19] == 0.0 and values[20] == 0.5 and values[39] == 0.5 and values[50] == 0.25 and values[-1] == 0.25


def test_a_network_finds_records_and_reads_its_components(sim: Simulator) -> None:
    """What a projection joins comes with it; labels are unique; data are a block for each population that recorded."""
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]), label="source")
    cells = sim.Population(3, sim.IF_cond_exp(), label="cells")
    net = Network(sim.Projection(source, cells, sim.AllToAllConnector(), label="p"))
    net.record(["v", "spikes"], include_spike_source=False)
    sim.run(2.0)

    assert (net.count_neurons(), net.count_connections(), len(net)) == (5, 6, 3)
    assert net.get_component("cells") is cells and net.populations == [source, cells]
    assert [block.name for block in net.get_data()] == ["cells"]
    with pytest.raises(UnknownNameError, match="Did you mean 'cells'"):
        net.get_component("cell")
    with pytest.raises(PyNNError, match="label 'cells'"):
        net.add(sim.Population(1, sim.IF_cond_exp(), label="cells"))


def test_descriptions_follow_templates(sim: Simulator) -> None:
    """describe() fills a template, one of the script's own, or gives the values themselves."""
    cells = sim.Population(3, sim.IF_cond_exp(tau_m=12.0), label="cells")
    made = sim.Projection(cells, cells, sim.OneToOneConnector(), label="p")

    assert 'Population "cells"' in cells.describe() and "tau_m: 12.0" in cells.describe()
    assert cells.describe("$label has $size cells") == "cells has 3 cells"
    assert cells.describe(template=None)["size"] == 3
    assert "Connections : 3" in made.describe() and 'from "cells"' in made.describe()
    assert "OneToOneConnector" in made.describe(template=None)["connector"]["name"]


def test_spaces_measure_as_they_say() -> None:
    """Axes, offset and scale of the postsynaptic side, and periodic boundaries, against distances by hand."""
    a, b = np.zeros(3), np.ones(3)
    ring = Space(periodic_boundaries=((-1.0, 4.0),) * 3)

    assert Space().distances(a, b) == np.sqrt(3) and Space(axes="xy").distances(a, b) == np.sqrt(2)
    assert Space(scale_factor=2.0, offset=1.0).distances(a, b) == np.sqrt(48)
    assert ring.distances(a, np.array([2.0, 3.0, 4.0])) == 3.0
    assert Space().distances([a, b], [a, b], expand=True).shape == (2, 2)
    assert Grid2D(aspect_ratio=3.0).calculate_size(12) == (6, 2) and Grid3D().calculate_size(27) == (3, 3, 3)
    with pytest.raises(PyNNError, match="10 cells do not fill"):
        Grid2D().calculate_size(10)
    with pytest.raises(PyNNError, match="4 cells do not fill a rectangle with aspect_ratio = 3"):
        Grid2D(aspect_ratio=3.0).calculate_size(4)
    assert (np.linalg.norm(Sphere(2.5).sample(500, np.random.default_rng(1)), axis=1) < 2.5).all()
    assert (abs(Cuboid(3, 4, 5).sample(500, np.random.default_rng(1))) <= [1.5, 2.0, 2.5]).all()

    class Cell:
        def __init__(self, *position: float) -> None:
            self.position = np.array(position)

    assert distance(Cell(0.0, 0.0, 0.0), Cell(3.0, 4.0, 12.0)) == 13.0


def test_parameter_spaces_evaluate_what_they_were_given() -> None:
    """Numbers, arrays, functions and series; parts of them; components with dots."""
    space = ParameterSpace({"a": [2, 3, 5, 8], "b": 7, "c": lambda i: 3 * i + 2, "d": {"e": 1.5}}, shape=(4,))
    series = ParameterSpace({"times": [[1.0], [2.0, 3.0]]}, {"times": Sequence}, shape=(2,))
    assert isinstance(space["c"], LazyArray) and not space.is_homogeneous

    space.evaluate(mask=[1, 3])
    series.evaluate()

    assert [row["c"] for row in space] == [5, 11] and list(space["a"]) == [3, 8]
    assert list(series["times"]) == [Sequence([1.0]), Sequence([2.0, 3.0])]
    assert simplify(np.array([7, 7])) == 7
    space.flatten()
    assert "d.e" in space


def test_models_of_two_simulators_answer_together(tmp_path: Path) -> None:
    """MultiSim calls a method on every simulator in a process of its own; what fails is named with its simulator."""
    script = tmp_path / "both.py"
    script.write_text(MULTISIM)

    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["pyNN.mock 4", "pyNN.reference 2", "refused pyNN.mock: ZeroDivisionError"]


MULTISIM = """
import pyNN.mock, pyNN.reference
from pyNN.errors import PyNNError
from pyNN.multisim import MultiSim

class Model:
    def __init__(self, sim, parameters):
        sim.setup()
        self.cells = sim.Population(parameters["n"], sim.IF_curr_exp(i_offset=1.0))
        self.cells.record("spikes")

    def count(self):
        return sum(self.cells.get_spike_counts().values())

    def fail(self):
        return 1 / 0

if __name__ == "__main__":
    both = MultiSim([pyNN.mock, pyNN.reference], Model, {"n": 2})
    both.run(50.0, steps=2)
    for name, count in sorted(both.count().items()):
        print(name, count)
    try:
        both.fail()
    except PyNNError as error:
        print("refused", str(error).split(" on ")[1].split(";")[0].rpartition(":")[0])
"""


def test_figures_show_traces_rasters_matrices_and_histograms(sim: Simulator, tmp_path: Path) -> None:
    """A figure of each kind of panel is written, and a raster of a million spikes is one line of pixels."""
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install matplotlib")
    import matplotlib as mpl

    mpl.use("Agg")
    import neo
    from pyNN.utility.plotting import DataTable, Figure, Panel, comparison_plot, connection_plot, isi_histogram

    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.0, 1.0, 2.0]))
    made = sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.5))
    cells.record(["spikes", "v"])
    sim.run(50.0)
    segment = cells.get_data().segments[0]
    many = [neo.SpikeTrain(np.sort(np.random.default_rng(k).random(100_000)) * 1000, 1000, "ms") for k in range(10)]
    table = DataTable(np.arange(5.0), 2 * np.arange(5.0))

    figure = Figure(
        Panel(segment.analogsignals[0], ylabel="auto", data_labels=["v"]), Panel(segment.spiketrains, xticks=True),
        Panel(made.get("weight", "array")), Panel(table), Panel(isi_histogram(segment)), Panel(many), title="All",
    )  # fmt: skip
    figure.save(tmp_path / "new" / "all.png")
    comparison_plot([segment, segment], ["one", "two"], annotations="twice").save(tmp_path / "both.png")

    assert (tmp_path / "new" / "all.png").stat().st_size > 10_000 and (tmp_path / "both.png").stat().st_size > 10_000
    assert figure.fig.axes[0].get_ylabel() == "v (mV)"
    assert len(figure.fig.axes[-1].lines) == 1 and figure.fig.axes[-1].lines[0].get_marker() == ","
    assert connection_plot(made) == "O  \n O \n  O"
    with pytest.raises(PyNNError, match="cannot show int"):
        Figure(Panel(42))


def test_a_figure_of_arguments_needs_no_simulation(capsys: Any) -> None:
    """Helpers of scripts: file names with date and simulator, columns, the last result, a mail that is not sent."""
    from pyNN.utility import forgetful_memoize, normalized_filename, notify, sort_by_column

    name = normalized_filename("Results", "net", "pkl", "nest", 2)
    calls: list[int] = []
    double = forgetful_memoize(lambda x: calls.append(x) or 2 * x)

    assert name.startswith("Results") and "net_nest_np2_" in name and name.endswith(".pkl")
    assert (double(2), double(2), double(3), calls) == (4, 4, 6, [2, 3])
    assert sort_by_column(np.array([[2, 1], [1, 2]]), 0).tolist() == [[1, 2], [2, 1]]
    notify()
    assert capsys.readouterr().out == ""


def test_a_source_of_somebody_else_is_told_of_cells_alone(sim: Simulator) -> None:
    """What has ``inject_into(cells)``, and knows of no places on cells, may be injected."""

    class Watching:
        def inject_into(self, cells: object) -> None:
            self.cells = cells

    cells, source = sim.Population(2, sim.IF_curr_exp()), Watching()
    cells.inject(source)

    assert source.cells is cells


def test_the_seed_decides_which_cells_are_sampled() -> None:
    """A sample without a generator is the same for the same seed, and another for another seed or the next sample."""

    def samples(seed: int) -> list[list[int]]:
        with Simulator("reference", seed=seed) as sim:
            cells = sim.Population(40, sim.IF_curr_exp(), label="cells")
            groups = (cells, cells, cells[10:35], cells + sim.Population(5, sim.IF_cond_exp()))
            return [np.asarray(group.sample(9).all_cells, dtype=int).tolist() for group in groups]

    first = samples(1)

    assert samples(1) == first and samples(2) != first
    assert first[0] != first[1] and all(len(set(chosen)) == 9 for chosen in first)
