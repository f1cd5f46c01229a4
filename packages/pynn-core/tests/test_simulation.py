"""Running, recording, reset, files, and the module that a script imports."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.errors import NotInstalledError
from cawan.simulator import Native, NativeModel, Settings
from pyNN._importer import NOT_YET
from pyNN._reference import ReferenceBackend
from pyNN.errors import (
    InvalidValueError,
    NothingRecordedError,
    PyNNError,
    RecordingError,
    RefusedValueError,
    StaleObjectError,
    TimeError,
    UnavailableModelError,
    UnknownOptionError,
)
from pyNN.simulator import Simulator
from pyNN.utility import SimulationProgressBar


def test_data_are_neo_with_annotations(sim: Simulator) -> None:
    """Trains and signals carry population, cell and index; times and units are right; t_stop is the time now."""
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.0, 1.0, 2.0]), label="cells")
    cells.annotate(purpose="test")
    cells.record("spikes")
    cells[[2]].record("v", sampling_interval=0.5)
    sim.run(50.0)
    block = cells.get_data()
    trains, signal = block.segments[0].spiketrains, block.segments[0].analogsignals[0]

    assert (block.name, block.annotations["purpose"], block.annotations["dt"]) == ("cells", "test", 0.1)
    assert [train.annotations["source_index"] for train in trains] == [0, 1, 2]
    assert [train.annotations["source_id"] for train in trains] == list(cells.all_cells)
    assert float(trains[1].t_stop) == 50.0 and len(trains[0]) == 0 and len(trains[2]) > len(trains[1]) > 0
    assert signal.shape == (101, 1) and str(signal.units.dimensionality) == "mV" and signal.name == "v"
    assert float(signal.sampling_period.rescale("ms")) == 0.5
    assert list(signal.array_annotations["channel_index"]) == [2]


def test_data_of_a_view_are_in_its_order(sim: Simulator) -> None:
    """Trains and channels of a view follow its indices, not the population's."""
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=[1.0, 2.0, 3.0, 4.0]))
    cells.record(["spikes", "v"])
    sim.run(30.0)
    segment = cells[[3, 1]].get_data().segments[0]
    whole = cells.get_data().segments[0]

    assert [train.annotations["source_index"] for train in segment.spiketrains] == [3, 1]
    assert list(segment.analogsignals[0].array_annotations["channel_index"]) == [3, 1]
    assert np.array_equal(segment.analogsignals[0].magnitude, whole.analogsignals[0].magnitude[:, [3, 1]])


def test_modules_reload_and_explain_themselves() -> None:
    """importlib.reload, pydoc and a star import work on a module that no file holds."""
    import importlib
    import pydoc

    import pyNN.reference as sim

    again = importlib.reload(sim)
    text = pydoc.render_doc(sim)
    names: dict[str, Any] = {name: getattr(again, name) for name in sim.__all__}

    assert again is sim and "Population" in text
    assert {"Population", "Projection", "setup", "run", "IF_cond_exp", "RandomDistribution"} <= set(names)


def test_clear_hands_data_over_once(sim: Simulator) -> None:
    """After get_data(clear=True) the next data begin where those ended."""
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=2.0))
    cells.record(["v", "spikes"])
    sim.run(20.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(20.0)
    second = cells.get_data().segments[0]

    assert len(first.analogsignals[0]) == 201 and len(second.analogsignals[0]) == 200
    assert float(second.analogsignals[0].t_start) == pytest.approx(20.1)
    assert max(first.spiketrains[0].magnitude) <= 20.0 < min(second.spiketrains[0].magnitude)


def test_what_was_cleared_leaves_no_empty_segment(sim: Simulator) -> None:
    """Run, take the data, reset, as often as one likes: each time one segment, the same; two resets add none."""
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.1))
    cells.record("v")
    taken = []
    for _ in range(3):
        sim.run(10.0)
        taken.append(cells.get_data(clear=True).segments)
        sim.reset()
        sim.reset()

    assert [len(segments) for segments in taken] == [1, 1, 1]
    assert np.array_equal(taken[2][0].analogsignals[0].magnitude, taken[0][0].analogsignals[0].magnitude)


def test_annotations_of_reset_are_those_of_the_segment_that_ends(sim: Simulator) -> None:
    """Each run's segment has what the reset after it said, as in PyNN 0.13; the running one and the block have none."""
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")
    for current in (0.1, 0.2):
        cells.set(i_offset=current)
        sim.run(1.0)
        sim.reset(annotations={"current": current})
    sim.run(1.0)
    block = (cells + sim.Population(1, sim.IF_curr_exp())).get_data()

    assert [segment.annotations for segment in block.segments] == [{"current": 0.1}, {"current": 0.2}, {}]
    assert "current" not in block.annotations and "current" not in cells.annotations


def test_asking_for_what_was_not_recorded_says_what_to_call(sim: Simulator) -> None:
    """Data before record() are refused in one sentence."""
    cells = sim.Population(1, sim.IF_curr_exp(), label="cells")
    sim.run(1.0)

    with pytest.raises(NothingRecordedError, match=r"Call record\('v'\) before run\(\)"):
        cells.get_data("v")


def test_a_simulators_own_name_of_a_gate_is_answered_with_ours(sim: Simulator) -> None:
    """What PyNN 0.13 recorded on NEURON as seg.m_hh_traub is m here, and the refusal says so."""
    cells = sim.Population(1, sim.HH_cond_exp())

    with pytest.raises(RecordingError, match=r"'seg\.m_hh_traub'.* h, m, n, .*Did you mean 'm'\?"):
        cells.record("seg.m_hh_traub")


@pytest.mark.parametrize("name", ["data.pkl", "data.nix"])
def test_files_hold_what_get_data_gives(sim: Simulator, tmp_path: Path, name: str) -> None:
    """write_data takes the format from the file's ending; record(to_file=…) writes at end()."""
    import neo

    if name.endswith(".nix"):
        pytest.importorskip("nixio", reason="needs nixio: pip install nixio")
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
    cells.record("v", to_file=str(tmp_path / name))
    sim.run(5.0)
    expected = cells.get_data().segments[0].analogsignals[0].magnitude
    sim.end()
    reader = neo.io.PickleIO(str(tmp_path / name)) if name.endswith(".pkl") else neo.get_io(str(tmp_path / name))
    found = reader.read_block().segments[0].analogsignals[0].magnitude

    assert np.array_equal(found, expected)


def test_callbacks_are_called_when_they_ask(sim: Simulator) -> None:
    """A callback gets the time at the start and whenever the time that it returned has come; it may change the net."""
    calls: list[float] = []
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")

    def every_two(t: float) -> float:
        calls.append(t)
        if t == pytest.approx(4.0):
            cells.set(i_offset=1.0)
        return t + 2.0

    sim.run(7.0, callbacks=[every_two])
    v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]

    assert calls == pytest.approx([0.0, 2.0, 4.0, 6.0])
    assert v[40] == -65.0 and v[41] > -65.0


def test_times_off_the_grid_are_rounded_with_a_word(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """run(0.25) at 0.1 ms goes to the nearest step and says so; NaN, negative and past times are refused."""
    with caplog.at_level(logging.WARNING):
        sim.run(0.26)

    assert sim.get_current_time() == pytest.approx(0.3)
    assert "lies between two steps" in caplog.text
    for bad in (float("nan"), -1.0, "5"):
        with pytest.raises(TimeError, match="must be"):
            sim.run(bad)
    with pytest.raises(TimeError, match="the present, or later"):
        sim.run_until(0.1)


def test_setup_refuses_only_names_nobody_knows(sim: Simulator) -> None:
    """Options of other simulators are accepted everywhere; an unknown one is refused with the nearest."""
    assert sim.setup(timestep=0.1, spike_precision="on_grid", t_flush=10.0, verbosity="error", use_cvode=True) == 0
    with pytest.raises(UnknownOptionError, match="Did you mean 'timestep'"):
        sim.setup(timestepp=0.1)
    with pytest.raises(InvalidValueError, match=r"timestep is -0\.1"):
        sim.setup(timestep=-0.1)
    with pytest.raises(InvalidValueError, match=r"min_delay is 0\.01"):
        sim.setup(timestep=0.1, min_delay=0.01)


def test_delays_that_setup_gives_are_numbers(sim: Simulator) -> None:
    """get_min_delay and get_max_delay are numbers always."""
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    before = sim.get_min_delay(), sim.get_max_delay()
    sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=3.0))

    assert before == (0.1, 0.1)
    assert sim.get_max_delay() == 3.0


def test_current_sources_are_objects(sim: Simulator) -> None:
    """Attributes can be read and set; wrong windows and falling times are refused; a sine has its amplitude."""
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=1.0, cm=1.0))
    dc = sim.DCSource(amplitude=0.5, start=1.0, stop=2.0)
    dc.amplitude = 0.7
    sine = sim.ACSource(amplitude=1.0, frequency=50.0, offset=0.0)
    sine.inject_into(cells[0])
    cells.record("v")
    sim.run(100.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0] + 65.0

    gain = 1.0 / np.sqrt(1 + (2 * np.pi * 50.0 * 1e-3 * 1.0) ** 2)  # of a first-order low-pass with tau_m = 1 ms
    assert dc.get_parameters()["amplitude"] == 0.7
    assert v[500:].max() == pytest.approx(gain, rel=0.01)
    with pytest.raises(InvalidValueError, match=r"stop is 0\.5.*start = 1 ms or later"):
        dc.set_parameters(stop=0.5)
    with pytest.raises(InvalidValueError, match="later than the time before it"):
        sim.StepCurrentSource(times=[1.0, 0.5], amplitudes=[1.0, 2.0])
    with pytest.raises(PyNNError, match="cannot be injected"):
        dc.inject_into(sim.Population(1, sim.SpikeSourceArray()))


def test_functions_do_what_the_classes_do(sim: Simulator) -> None:
    """create, connect, set, initialize and record work on populations and on lists of cells."""
    source = sim.create(sim.SpikeSourceArray, {"spike_times": [1.0]}, n=2)
    cells = sim.create(sim.IF_curr_exp(), n=3)
    made = sim.connect(source, cells, weight=0.5, delay=1.0)
    sim.names["set"]([cells[0], cells[2]], tau_m=12.0)
    sim.initialize(cells, v=-60.0)

    assert made.size() == 6
    assert list(cells.get("tau_m")) == [12.0, 20.0, 12.0]
    assert list(cells.get_initial_value("v")) == [-60.0] * 3


def test_modules_are_made_for_every_backend() -> None:
    """``import pyNN.reference as sim`` has PyNN's names; unknown names and assignments are refused."""
    import pyNN.reference as sim

    star: dict[str, Any] = {name: getattr(sim, name) for name in sim.__all__}

    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp())
    assert isinstance(cells, sim.Population) and "IF_cond_exp" in star and "run" in star
    assert set(sim.list_standard_models()) >= {
        "IF_cond_exp", "IF_curr_alpha", "IF_curr_exp", "SpikeSourceArray", "SpikeSourcePoisson",
    }  # fmt: skip
    with pytest.raises(AttributeError, match="Did you mean 'Population'"):
        _ = sim.Populaton
    with pytest.raises(PyNNError, match="cannot be assigned"):
        sim.x = 3
    sim.end()


def test_a_model_that_a_backend_lacks_names_who_has_it() -> None:
    """The attribute error of a missing model names the installed simulators that have it."""
    from pyNN._module import SimulatorModule
    from pyNN._reference import ReferenceBackend

    class Small(ReferenceBackend):
        interface = 1
        name = "small"
        models = {k: v for k, v in ReferenceBackend.models.items() if k != "IF_cond_exp"}

    module = SimulatorModule("pyNN.small", Simulator(Small))
    with pytest.raises(UnavailableModelError, match=r"IF_cond_exp is not available on small.*reference"):
        _ = module.IF_cond_exp


def test_two_simulations_live_side_by_side() -> None:
    """Two Simulator objects of one backend do not feel each other."""
    from pyNN._reference import ReferenceBackend

    with Simulator(ReferenceBackend, seed=1) as one, Simulator(ReferenceBackend, seed=2) as two:
        a = one.Population(1, one.IF_curr_exp(i_offset=1.0))
        b = two.Population(1, two.IF_curr_exp())
        one.run(50.0)
        two.run(10.0)

        assert (one.time, two.time) == (pytest.approx(50.0), pytest.approx(10.0))
        assert float(two.backend.get(b.block, ["v"])["v"][0]) == -65.0
        assert a.simulator is one


def test_progress_is_drawn_on_a_stream_of_its_own(sim: Simulator) -> None:
    """The bar is drawn over itself on the stream it was given, with its percentage."""
    import io

    stream = io.StringIO()
    sim.run(10.0, callbacks=[SimulationProgressBar(0.5, 10.0, stream=stream)])

    bars = stream.getvalue().split("\r")[:-1]
    assert [bar.split("]")[1].strip() for bar in bars] == [f"{k}%" for k in range(0, 101, 5)]
    assert bars[10] == "[ " + "#" * 9 + " " * 9 + " ]  50% "


class Late(ReferenceBackend):
    """A simulator whose own library says how many processes there are: not before it is set up."""

    is_set_up = False

    def setup(self, settings: Settings) -> None:
        """As the reference."""
        super().setup(settings)
        self.is_set_up = True

    @property
    def size(self) -> int:
        """Two processes."""
        if not self.is_set_up:
            raise AttributeError("size")
        return 2


def test_a_backend_that_knows_its_processes_once_it_is_set_up_is_asked_then() -> None:
    """``num_processes`` and the local cells are what the simulator says then; without one, there is one process."""
    sim = Simulator(Late)

    assert sim.num_processes() == 1
    sim.setup()
    cells = sim.Population(4, sim.IF_curr_exp())
    assert (sim.num_processes(), len(cells.local_cells)) == (2, 2)
    sim.end()
    assert sim.num_processes() == 1


def test_reading_again_keeps_nothing_where_nothing_is_new(sim: Simulator) -> None:
    """A script that reads in a loop does not get slower: what is kept is what was recorded, not each reading."""
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
    cells.record(["v", "spikes"])
    sim.run(30.0)

    for _ in range(5):
        cells.get_spike_counts()
        data = cells.get_data().segments[0]

    assert [len(list(track.pieces)) for track in cells.recorder.tracks] == [1, 1]
    assert len(data.analogsignals[0]) == 301 and len(data.spiketrains[0]) > 0


@pytest.mark.parametrize("over", ["setup", "end"])
def test_data_can_be_read_when_the_simulation_is_over(sim: Simulator, over: str) -> None:
    """A loop of setup, run, and data read afterwards gets every sample; so does a script that reads after end()."""
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0), label="old")
    made = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    cells.record(["v", "spikes"])
    sim.run(30.0)
    expected = cells.get_data().segments[0].analogsignals[0].magnitude
    if over == "end":
        sim.end()
    else:
        sim.setup(timestep=0.2)
        sim.Population(3, sim.IF_curr_exp())
        sim.run(4.0)
    block = cells.get_data()
    signal = block.segments[0].analogsignals[0]

    assert np.array_equal(signal.magnitude, expected) and len(signal) == 301
    assert float(signal.sampling_period.rescale("ms")) == pytest.approx(0.1) and block.annotations["dt"] == 0.1
    assert float(block.segments[0].spiketrains[0].t_stop) == 30.0
    assert cells.mean_spike_count() == 1.0 and cells.get("i_offset") == 1.0
    assert made.get("weight", "list", with_address=False) == [0.1] * 4


def test_cells_of_a_simulation_that_is_over_cannot_be_changed(sim: Simulator) -> None:
    """After another setup, nothing of the network before reaches the new one: each use is refused with its label."""
    old = sim.Population(5, sim.IF_curr_exp(), label="old")
    made = sim.Projection(old, old, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1))
    source = sim.DCSource(amplitude=1.0)
    sim.setup(timestep=0.1)
    new = sim.Population(5, sim.IF_curr_exp(i_offset=0.1), label="new")

    for use in (
        lambda: old.set(i_offset=0.7),
        lambda: old[1:3].set(i_offset=0.7),
        lambda: old.initialize(v=-50.0),
        lambda: old.record("v"),
        lambda: sim.Projection(old, new, sim.OneToOneConnector()),
        lambda: made.set(weight=0.2),
        lambda: sim.DCSource(amplitude=1.0).inject_into(old),
        lambda: source.inject_into(new),
    ):
        with pytest.raises(StaleObjectError, match=r"belongs to a simulation that is over.*Create it again"):
            use()
    assert new.get("i_offset") == 0.1


def test_two_simulations_do_not_mix(sim: Simulator) -> None:
    """Cells of two simulations cannot be joined, injected from one another, or assembled."""
    from pyNN._reference import ReferenceBackend

    with Simulator(ReferenceBackend) as other:
        here, there = sim.Population(2, sim.IF_curr_exp()), other.Population(2, other.IF_curr_exp())
        with pytest.raises(PyNNError, match="joins cells of one simulation"):
            sim.Projection(here, there, sim.OneToOneConnector())
        with pytest.raises(PyNNError, match="another simulation"):
            sim.DCSource().inject_into(there)
        with pytest.raises(PyNNError, match="another simulation"):
            _ = here + there


def test_assigning_a_parameter_to_a_population_is_refused(sim: Simulator) -> None:
    """``population.tau_m = 3`` would change nothing; the message has the line to type."""
    cells = sim.Population(2, sim.IF_curr_exp())

    for group in (cells, cells[:1]):
        with pytest.raises(PyNNError, match=r"Use set\(tau_m=3\.0\)"):
            group.tau_m = 3.0
    with pytest.raises(KeyError, match=r"no parameter 'tau_n'.*Did you mean 'tau_m'"):
        cells[0].tau_n = 3.0


def test_cleared_trains_begin_where_they_were_cleared(sim: Simulator) -> None:
    """After get_data(clear=True) the next spike trains begin at that time, so that rates are right."""
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=2.0))
    cells.record("spikes")
    sim.run(20.0)
    cells.get_data(clear=True)
    sim.run(20.0)
    train = cells.get_data().segments[0].spiketrains[0]

    assert (float(train.t_start), float(train.t_stop)) == (20.0, 40.0)


def test_files_that_cannot_be_written_are_refused_before_the_run(sim: Simulator, tmp_path: Path) -> None:
    """An ending that no format has, and a format whose library is missing, are refused when they are named."""
    cells = sim.Population(1, sim.IF_curr_exp())

    with pytest.raises(PyNNError, match=r"'\.unknown' is none. Use one of \.pkl, "):
        cells.record("v", to_file=str(tmp_path / "data.unknown"))
    for suffix, module in ((".nix", "nixio"), (".nwb", "pynwb")):
        if find_spec(module) is None:
            with pytest.raises(PyNNError, match=f"pip install {module}"):
                cells.record("v", to_file=str(tmp_path / f"data{suffix}"))


def test_written_data_are_the_same_bytes_for_one_source_date(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SOURCE_DATE_EPOCH, as the notebook sets it for a repeat, a file does not depend on when it was written."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")
    sim.run(1.0)
    for name in ("a.pkl", "b.pkl"):
        cells.write_data(str(tmp_path / name))

    assert (tmp_path / "a.pkl").read_bytes() == (tmp_path / "b.pkl").read_bytes()
    assert cells.get_data().segments[0].rec_datetime.year == 2023


def test_weights_are_quantities_of_their_receptor(sim: Simulator) -> None:
    """A weight may be given in pA or nS; the wrong dimension is refused with the right unit."""
    import quantities as pq

    curr, cond = sim.Population(1, sim.IF_curr_exp()), sim.Population(1, sim.IF_cond_exp())

    def weight(target: Any, value: Any) -> float:
        made = sim.Projection(
            curr, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=value, delay=0.001 * pq.s)
        )
        return float(made.get("weight", "list", with_address=False)[0])

    assert weight(curr, 500.0 * pq.pA) == pytest.approx(0.5)
    assert weight(cond, 6.0 * pq.nS) == pytest.approx(0.006)
    with pytest.raises(ValueError, match="Give it in uS"):
        weight(cond, 500.0 * pq.pA)


def test_names_of_pynn_that_are_to_come_say_so() -> None:
    """A model or module of PyNN 0.13 that is not there yet is not taken for a misspelling."""
    for name in sorted(NOT_YET):
        with pytest.raises(ModuleNotFoundError, match="does not have yet"):
            import_module(f"pyNN.{name}")


def test_where_the_engine_is_missing_the_reference_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """import pyNN.native without pynn-native says how to install it, and what gives the same results without it."""
    from pyNN import _importer

    class Without:
        """No backend is installed."""

        definition = _importer.backends().definition

        def names(self) -> list[str]:
            """None."""
            return []

        def load(self, name: str) -> None:
            """As the registry says it."""
            raise NotInstalledError("simulator backend", name, f"pynn-{name}")

    monkeypatch.setattr(_importer, "_registry", Without())
    finder = _importer.BackendFinder()
    with pytest.raises(ModuleNotFoundError, match=r"install pynn-native\. .* import pyNN\.reference gives the same"):
        finder.find_spec("pyNN.native", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install pynn-nest$"):
        finder.find_spec("pyNN.nest", None)


def test_native_poisson_is_ignored_where_a_simulator_has_none(caplog: pytest.LogCaptureFixture) -> None:
    """One script runs everywhere: PyNN makes the spikes that it makes without the option, and the log says so."""

    def spikes(**options: bool) -> list[list[float]]:
        with Simulator("reference", timestep=0.1, seed=2, **options) as sim:
            source = sim.Population(3, sim.SpikeSourcePoisson(rate=200.0))
            source.record("spikes")
            sim.run(100.0)
            return [train.magnitude.tolist() for train in source.get_data().segments[0].spiketrains]

    with caplog.at_level(logging.INFO):
        assert spikes(native_poisson=True) == spikes() != [[], [], []]
    assert "setup(native_poisson=True) means nothing on reference and is ignored" in caplog.text


def test_native_poisson_leaves_to_a_simulator_what_it_draws(caplog: pytest.LogCaptureFixture) -> None:
    """A random source with a row of its own is the simulator's; the log says that PyNN draws the others."""
    row = NativeModel("own", {name: Native(name) for name in ("rate", "start", "duration")})

    class Drawing(ReferenceBackend):
        interface: ClassVar[int] = 1
        models: ClassVar[Mapping[str, NativeModel]] = {**ReferenceBackend.models, "SpikeSourcePoisson": row}

    for native, expected in ((False, "SpikeSourceArray"), (True, "own")):
        with caplog.at_level(logging.INFO), Simulator(Drawing, native_poisson=native) as sim:
            assert sim.resolve(sim.SpikeSourcePoisson()).name == expected
            assert sim.resolve(sim.SpikeSourceGamma()).name == "SpikeSourceArray"
    assert "draws SpikeSourcePoisson. PyNN draws SpikeSourceGamma, SpikeSourceInhGamma," in caplog.text


def test_what_a_simulator_refuses_is_told_with_its_own_words() -> None:
    """Cells, values and synapses that only the simulator refuses: our error, its message, and nothing has changed."""

    class Picky(ReferenceBackend):
        interface: ClassVar[int] = 1

        def create(self, model: NativeModel, size: int, values: Any, tag: Any) -> Any:
            if np.any(values.get("tau_m", 0.0) == 13.0):
                raise RuntimeError("13 is unlucky.")
            return super().create(model, size, values, tag)

        def set(self, block: Any, values: Any, index: Any = None) -> None:
            if np.any(values.get("tau_m", 0.0) == 13.0):
                raise RuntimeError
            super().set(block, values, index)

        def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Any, tag: Any) -> Any:
            if wiring.common.get("weight") == 13.0:
                raise OSError("no\n  room")
            return super().connect(model, pre, post, receptor, wiring, tag)

    with Simulator(Picky) as sim:
        with pytest.raises(RefusedValueError, match=r"^few: reference .* given, tau_m. It says: 13 is unlucky.$"):
            sim.Population(1, sim.IF_curr_exp(tau_m=13.0), label="few")
        cells = sim.Population(2, sim.IF_curr_exp(tau_m=12.0), label="cells")
        with pytest.raises(RefusedValueError, match=r"cells: reference .* tau_m. It says: RuntimeError.") as refused:
            cells.set(tau_m=13.0)
        assert isinstance(refused.value.__cause__, RuntimeError) and cells.get("tau_m") == 12.0
        with pytest.raises(RefusedValueError, match=r"loop: reference .* weight. It says: no room.$"):
            sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=13.0), label="loop")
        assert sim.projections == []


def test_errors_of_a_scripts_own_function_stay_as_they_are() -> None:
    """What goes wrong in a function that gives weights is no refusal of the simulator's."""

    def weights(distance: Any) -> Any:
        raise ZeroDivisionError("mine")

    with Simulator("reference") as sim:
        cells = sim.Population(2, sim.IF_curr_exp())
        with pytest.raises(ZeroDivisionError, match="mine"):
            sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights))
