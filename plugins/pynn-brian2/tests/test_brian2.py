"""What Brian 2 does in silence and PyNN must not: early returns, spikes a step late, growth, messages, log files."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cawan.errors import Stopped
from pyNN._reference import ReferenceBackend
from pyNN.errors import InvalidValueError, PyNNError
from pyNN.simulator import Simulator
from pynn_brian2 import Brian2Backend

long = pytest.mark.skipif("CAWAN_LONG" not in os.environ, reason="takes a minute: set CAWAN_LONG=1")


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A simulation on Brian 2."""
    with Simulator(Brian2Backend, timestep=0.1) as simulator:
        yield simulator


def v_of(cells: Any) -> Any:
    """Samples of v, shape (n, n_cells)."""
    return cells.get_data("v").segments[-1].analogsignals[0].magnitude


@pytest.mark.parametrize("delay", [0.1, 1.0, 2.7])
def test_spikes_act_at_their_delay_and_not_a_step_later(delay: float) -> None:
    """A kick of 3 mV over a delay d is in the very sample at T + d."""
    with Simulator(Brian2Backend, timestep=0.1) as sim:
        cells = sim.Population(1, sim.IF_curr_delta())
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=3.0, delay=delay))
        cells.record("v")
        sim.run(5.0 + delay)

        assert v_of(cells)[-2:, 0] == pytest.approx([-65.0, -62.0], abs=1e-12)


def test_brian_stopped_by_somebody_is_no_success(sim: Any) -> None:
    """brian2.stop() makes Brian return as if it were done: the run is Stopped, with the time, and can go on."""
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
    cells.record("v")
    sim.run(1.0)

    from pynn_brian2.quiet import brian2

    def stop(t: Any) -> None:
        if t >= 5 * brian2.ms:
            brian2.stop()

    stopper = brian2.NetworkOperation(stop, clock=cells.native.clock)
    network = sim.backend._simulation.clockwork.network
    network.add(stopper)
    with pytest.raises(Stopped) as stopped:
        sim.run(100.0)
    network.remove(stopper)
    sim.run(1.0)

    assert stopped.value.time == pytest.approx(5.1)
    assert sim.time == pytest.approx(6.1)
    assert len(v_of(cells)) == 62


@pytest.mark.parametrize("celltype", ["IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista"])
def test_a_cell_that_was_stiff_for_a_moment_changes_no_other(celltype: str) -> None:
    """While 20 µS decay the cells take parts of a step; then all, that cell too, are those of the reference again."""

    def on(backend: Any) -> list[Any]:
        with Simulator(backend, timestep=0.1) as sim:
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
            cells = sim.Population(2, sim.names[celltype](v_thresh=0.0, tau_syn_E=1.0))
            rows = [(0, 0, 20.0, 1.0), (0, 1, 0.02, 1.0)]
            sim.Projection(source, cells, sim.FromListConnector(rows), sim.StaticSynapse())
            cells.record(["v", "gsyn_exc"])
            sim.run(20.0)
            return [signal.magnitude for signal in cells.get_data().segments[-1].analogsignals]

    for ours, theirs in zip(on(Brian2Backend), on(ReferenceBackend), strict=True):
        assert ours == pytest.approx(theirs, rel=0, abs=1e-9)


def test_growth_after_a_run_is_simulated(sim: Any) -> None:
    """Cells and synapses made between two runs take part, and time does not merely move on."""
    first = sim.Population(1, sim.IF_curr_exp(i_offset=2.0))
    sim.run(5.0)
    second = sim.Population(1, sim.IF_curr_exp())
    sim.Projection(first, second, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    second.record("v")
    sim.run(20.0)

    assert v_of(second).max() > -64.0


def test_a_spike_at_the_end_of_a_run_is_sent(sim: Any) -> None:
    """Brian forgets the spikes of a run's last step; here they arrive in the next run, but not over later synapses."""
    cells = sim.Population(3, sim.IF_curr_delta())
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[4.0], [3.0]]))
    kick = sim.StaticSynapse(weight=20.0, delay=1.0)
    sim.Projection(source, cells, sim.FromListConnector([(1, 0)]), kick)
    sim.run(4.0)  # cell 0 fires
    relay = sim.StaticSynapse(weight=3.0, delay=1.0)
    sim.Projection(cells, cells, sim.FromListConnector([(0, 1)]), relay)
    sim.run(1.0)
    late = cells[1].v
    sim.Projection(cells, cells, sim.FromListConnector([(0, 2)]), relay)
    source.set(spike_times=[[], [6.0]])
    sim.run(2.0)  # it fires again at 7.0
    sim.run(1.0)

    assert late == pytest.approx(-65.0)
    assert cells.get("v") == pytest.approx([cells[0].v, -62.0, -62.0], abs=1e-9)


def test_two_simulations_live_side_by_side() -> None:
    """Runs of two simulations in turn give what each gives alone; Brian's own clock and settings stay as they were."""
    with Simulator(Brian2Backend, timestep=0.1) as one, Simulator(Brian2Backend, timestep=0.5) as two:
        from pynn_brian2.quiet import brian2

        before = float(brian2.defaultclock.dt), brian2.prefs.codegen.target
        cells = [sim.Population(1, sim.IF_curr_exp(i_offset=0.5)) for sim in (one, two)]
        for until in (10.0, 20.0):
            for sim in (one, two):
                sim.run_until(until)
        ends = [group[0].v for group in cells]

        assert ends == pytest.approx([-65.0 + 10.0 * (1 - np.exp(-1.0))] * 2, abs=1e-9)
        assert (float(brian2.defaultclock.dt), brian2.prefs.codegen.target) == before


def test_brian_keeps_quiet(sim: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """A network is built and run without a word; Brian has no log file and no hook left in this process."""
    from brian2.utils.logger import BrianLogger, brian_excepthook

    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.01))
    sim.run(1.0)
    written = capfd.readouterr()

    assert written.out == "" and written.err == ""
    assert BrianLogger.file_handler is None and BrianLogger.tmp_log is None
    assert sys.excepthook is not brian_excepthook
    assert type(signal.getsignal(signal.SIGINT)).__module__ != "brian2"
    assert BrianLogger.console_handler not in logging.getLogger("py.warnings").handlers


def test_brian_does_not_miss_a_network_that_was_never_run() -> None:
    """Brian warns of objects that are deleted and were in no network; ours are in one, run or not."""
    with Simulator(Brian2Backend, timestep=0.1) as sim:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cells = sim.Population(2, sim.IF_cond_alpha())
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
        groups = [cells.native, source.native]
        parts = [part for group in groups for part in (group, *group.contained_objects)]

        assert len(parts) > 3
        assert all(part._network is not None for part in parts)


def test_names_of_a_user_never_reach_brian(sim: Any) -> None:
    """A receptor may be called what it likes: its parameters have names of ours in Brian's equations."""
    wild = "mV\n1/0 : 1 (shared)"
    cells = sim.Population(1, sim.PointNeuron(sim.LIF(), **{wild: sim.ExpPSR(tau_syn=5.0)}))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01), receptor_type=wild)
    cells.record(f"{wild}.gsyn")
    sim.run(5.0)

    assert cells.get_data().segments[0].analogsignals[0].magnitude.max() == pytest.approx(0.01)


def test_what_is_not_there_is_refused_in_a_sentence(sim: Any) -> None:
    """An unknown code generator and a missing kind of cell are told with what there is."""
    with pytest.raises(InvalidValueError, match=r"'cpp_standalone'.*'numpy' or 'cython'"):
        sim.setup(codegen="cpp_standalone")
    with pytest.raises(PyNNError, match="Brian has equations"):
        sim.native_cell_type("iaf_psc_exp")


def leaky(**more: Any) -> Any:
    """A BrianCell."""
    equations = "dv/dt = (E - v + R * I) / tau : volt\nE : volt\nR : ohm\ntau : second\nI : amp"
    defaults = {"E": -0.065, "R": 2e7, "tau": 0.02}
    given = {"receptors": {"kick": "v"}, "current": "I", "method": "exact", "parameters": defaults, **more}
    from pynn_brian2.native import BrianCell

    return BrianCell("Leaky", equations, **given)


def test_cells_of_own_equations(sim: Any) -> None:
    """A kick of 4 mV and a current of 0.1 nA act as the closed form says, in SI units; a view is a subgroup."""
    cells = sim.Population(2, sim.native_cell_type(leaky())(tau=[0.01, 0.02]), initial_values={"v": -0.065})
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    sim.Projection(
        source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=4.0, delay=1.0), receptor_type="kick"
    )
    sim.DCSource(amplitude=0.1, start=2.0).inject_into(cells)
    cells.record("v")
    sim.run(10.0)

    tau = np.array([10.0, 20.0])
    expected = -65.0 + 2.0 * (1 - np.exp(-8.0 / tau)) + 4.0 * np.exp(-4.0 / tau)
    assert v_of(cells)[-1] * 1000 == pytest.approx(expected, abs=1e-9)
    assert np.asarray(cells[1:].brian2_group.tau) == pytest.approx([0.02])


def test_cells_of_own_equations_that_never_fire_send_nothing(sim: Any) -> None:
    """A projection from cells without a threshold is refused, and so is a current that they do not take."""
    cells = sim.Population(2, sim.native_cell_type(leaky(current=""))())
    with pytest.raises(PyNNError, match="Leaky never fires"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0), receptor_type="kick")
    with pytest.raises(PyNNError, match="Leaky takes no current"):
        sim.DCSource(amplitude=0.1).inject_into(cells)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parameters": {"tua": 1.0}}, "no parameter 'tua'.*E, I, R, tau"),
        ({"receptors": {"kick": "g"}}, "'kick' of Leaky adds to 'g'"),
        ({"current": "J"}, "'J', which is no parameter"),
    ],
)
def test_cells_of_own_equations_name_what_they_have(sim: Any, change: Any, said: str) -> None:
    """What the equations lack is refused with what they have."""
    with pytest.raises(PyNNError, match=said):
        sim.native_cell_type(leaky(**change))


def test_what_brian_refuses_is_told_with_its_own_words(sim: Any) -> None:
    """Equations that Brian cannot read are our error, with Brian's message chained."""
    from pynn_brian2.native import BrianCell

    with pytest.raises(PyNNError, match="Brian does not take the equations of 'Bad'") as refused:
        sim.native_cell_type(BrianCell("Bad", "dv/dt = -v/tau : furlong"))

    assert refused.value.__cause__ is not None
    sim.Population(1, sim.native_cell_type(BrianCell("Worse", "dv/dt = -v * elsewhere / second : 1"))())
    with pytest.raises(PyNNError, match="elsewhere"):
        sim.run(1.0)


@long
def test_import_is_silent_and_leaves_no_file(tmp_path: Path) -> None:
    """A script of its own prints what it prints, and no file of Brian's is left."""
    script = "import pyNN.brian2 as sim; sim.setup(); sim.Population(1, sim.IF_curr_exp()); sim.run(1.0); print('end')"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout == "end\n" and done.stderr == ""
    assert not list(tmp_path.iterdir())


@long
def test_compiled_code_does_the_same() -> None:
    """With codegen="cython" the network does what it does with NumPy's code."""
    found = []
    for codegen in ("numpy", "cython"):
        with Simulator(Brian2Backend, timestep=0.1, seed=3, codegen=codegen) as sim:
            noise = sim.Population(20, sim.SpikeSourcePoisson(rate=80.0))
            groups = [sim.Population(3, sim.HH_cond_exp()), sim.Population(2, sim.IF_cond_exp(tau_syn_E=1.0))]
            synapse = sim.TsodyksMarkramSynapse(weight=0.004, delay=1.0, tau_facil=20.0)
            sim.Projection(noise, groups[0], sim.AllToAllConnector(), synapse)
            stiff = sim.FromListConnector([(k, k % 2, (0.02, 20.0)[k % 2], 1.0) for k in range(20)])
            sim.Projection(noise, groups[1], stiff, sim.StaticSynapse())
            for cells in groups:
                cells.record("v")
            sim.run(50.0)
            found.append([v_of(cells) for cells in groups])

    for numpy, cython in zip(*found, strict=True):
        assert np.ptp(numpy) > 1.0
        assert numpy == pytest.approx(cython, rel=0, abs=1e-8)
