"""Cells from equations: what is refused, and what the reference makes of the rest."""

from __future__ import annotations

import copy
import json
import multiprocessing.reduction
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.equations import CellEquations
from pyNN.errors import ConnectionError, EquationError, InvalidValueError, NotInjectableError, PyNNError
from pyNN.simulator import Simulator
from pyNN.testing.solved import ADAPTIVE, CHANNELS, CONDUCTANCE, CURRENT_BASED, SIMPLE, oscillator

GOOD: dict[str, Any] = {
    "name": "Cell",
    "equations": "dv/dt = (v_rest - v)/tau + i_inj/cm : mV\ndw/dt = -w/tau : nA",
    "parameters": {"tau": [20.0, "ms", "positive"], "cm": 1.0, "v_rest": -65.0, "v_thresh": -50.0},
    "threshold": "v >= v_thresh",
    "reset": "v = v_rest; w += 1",
    "receptors": {"excitatory": "w"},
    "initial_values": {"v": "v_rest"},
}
V = "dv/dt = "
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown name": ({"equations": V + "(v_rest - v)/taw"}, "no variable 'taw'.* Did you mean 'tau'"),
    "unknown function": ({"equations": V + "expp(v)"}, "no function 'expp'.* Did you mean 'exp'"),
    "one argument": ({"equations": V + "maximum(v)"}, "maximum takes 2 values, not 1"),
    "condition as number": ({"equations": V + "1 + (v > 3)"}, "a number must stand where a comparison stands"),
    "number as condition": ({"threshold": "v"}, "a comparison, such as v > 0, must stand where a number stands"),
    "division by zero": ({"equations": V + "v / 0"}, "it divides by zero"),
    "too large": ({"equations": V + "1" + "0" * 400 + " * v"}, "beyond those of double precision"),
    "no equation": ({"equations": V + "v\nv += 3"}, "line 2 .*it is no equation"),
    "no v": ({"equations": "dw/dt = -w/tau"}, "must be called v"),
    "twice": ({"equations": V + "v\ndtau/dt = 1"}, "'tau' is defined twice"),
    "taken": ({"equations": V + "v\nexp = 3"}, "'exp' has a meaning already"),
    "itself": ({"equations": V + "a\na = b + 1\nb = 2*a"}, "depends on itself: a → b → a"),
    "unit": ({"equations": V + "v : furlong"}, "no unit 'furlong'"),
    "assigned parameter": ({"reset": "v_rest = v"}, "'v_rest' is a parameter.*may change: v, w"),
    "assigned nothing": ({"reset": "x = v"}, "'x' is no state variable"),
    "no assignment": ({"reset": "v == v_rest"}, "it is no assignment"),
    "reset without threshold": ({"threshold": ""}, "there is no threshold"),
    "receptor": ({"receptors": {"excitatory": "tau"}}, "'tau' is no state variable.*may add to: v, w"),
    "initial": ({"initial_values": {"u": 1.0}}, "the initial value of u"),
    "initial value": ({"initial_values": {"v": "w"}}, "it is 'w'"),
    "parameter": ({"parameters": {"tau": "20"}}, "the parameter tau .*\\[number, unit\\]"),
    "range": ({"parameters": {"tau": [1.0, "ms", "above"]}}, "no range 'above'"),
    "parameter that is no number": ({"parameters": {"tau": float("nan")}}, "it is nan"),
    "refractory": ({"refractory": -1.0}, "0 or more"),
    "refractory name": ({"refractory": "v"}, "no variable 'v'"),
    "step": ({"longest_step": 0.0}, "above 0"),
    "name": ({"name": "my cell"}, "Python identifier"),
    "text": ({"equations": 3}, "It must be text"),
    "long": ({"equations": "v" * 100_000}, "100000 characters long"),
    "lines": ({"equations": "\n" * 5000}, "5001 lines"),
}
HOSTILE = [
    "__import__('os').system('touch MARKER')", "().__class__.__base__.__subclasses__()", "v.__class__",
    "open('MARKER', 'w')", "exec('x = 1')", "eval('v')", "[v for v in (1,)]", "lambda: v", "f'{v}'", "v[0]", "(v := 3)",
    "9**9**9**9", "v**1000000", "exp.__call__(v)", "exp(*v)", "exp(v, out=v)", "print(v)", "1j", "None",
    "...", "(" * 10000 + "v" + ")" * 10000, "v" + "+v" * 5000, "-" * 300 + "v", "import os", "v; v", "\x00", "",
    "v\\\n", '"; system("touch MARKER"); "',
    "x\n#include </etc/passwd>",
]  # fmt: skip


@pytest.mark.parametrize("case", sorted(WRONG))
def test_every_mistake_is_named(case: str) -> None:
    """What is wrong, where, and what is allowed, as soon as the equations are given."""
    change, says = WRONG[case]

    with pytest.raises(EquationError, match=f"(?s){says}") as error:
        CellEquations(**{**GOOD, **change})

    assert error.value.where in str(error.value) and error.value.allowed.strip()


@pytest.mark.parametrize("place", ["equations", "threshold", "reset", "refractory"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_equations_are_refused(
    text: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything but arithmetic is refused in a moment, in every part that is text, and leaves no trace."""
    if text == "" and place == "threshold":
        pytest.skip("cells without a threshold never fire")
    monkeypatch.chdir(tmp_path)
    prefix = {"equations": "dv/dt = ", "reset": "v = "}.get(place, "")

    began = time.process_time()
    with pytest.raises(EquationError):
        CellEquations(**{**GOOD, "reset": "", place: prefix + text})
    spent = time.process_time() - began

    assert list(tmp_path.iterdir()) == []
    assert spent < 1.0


def test_the_message_points_at_the_place() -> None:
    """The equation, its line, the text, and a caret under the wrong name."""
    with pytest.raises(EquationError) as error:
        CellEquations("Cell", "# a comment\ndv/dt = -v + tua : mV", parameters={"tau": 1.0})

    first, text, caret = str(error.value).splitlines()
    assert first.startswith("Cell: the equation of v (line 2) cannot be used: there is no variable 'tua'.")
    assert text.index("tua") == caret.index("^")


def test_a_data_file_holds_equations() -> None:
    """What JSON makes of a cell type is that cell type; a part that does not exist is named."""
    data = json.loads(json.dumps(GOOD))

    assert CellEquations.from_data(data) == CellEquations(**GOOD)
    with pytest.raises(EquationError, match=r"no part 'treshold'.*Did you mean 'threshold'"):
        CellEquations.from_data({**data, "treshold": "v > 3"})
    with pytest.raises(EquationError, match="no mapping"):
        CellEquations.from_data(["Cell"])  # type: ignore[arg-type]  # what a file may hold


def test_what_is_linear_in_itself_is_exact() -> None:
    """Decay, a constant, a membrane under current alone; not what depends on another variable or is a square."""
    checked = CellEquations(
        "Cell",
        """
        dv/dt = (v_rest - v)/tau_m + drive : mV
        drive = i_inj/cm
        tau_m = cm/g
        dg1/dt = -g1/tau_m
        dg2/dt = 3 - 2*(g2/tau_m - 1)
        dx/dt = 1
        dg3/dt = g1 - g3
        dq/dt = -q*q
        dr/dt = -r/v_rest + v
        """,
        parameters={"v_rest": -65.0, "cm": 1.0, "g": 0.05},
    ).checked

    assert set(checked.exact) == {"v", "g1", "g2", "x"}
    assert set(checked.slopes) == {"g3", "q", "r"}


def test_a_parameter_that_makes_a_rate_infinite_is_refused() -> None:
    """tau = 0 in -w/tau is refused when the population is made, with the cell."""
    with Simulator(ReferenceBackend) as sim:
        anything = {**GOOD["parameters"], "tau": 5.0}
        kind = sim.names["native_cell_type"](CellEquations(**{**GOOD, "parameters": anything}))
        with pytest.raises(InvalidValueError, match=r"rate of .* of cell 1 is -?inf"):
            sim.Population(3, kind(tau=[5.0, 0.0, 1.0]))


def test_a_simulator_that_solves_no_equations_says_so() -> None:
    """The mock has no models of its own, and no equations."""
    import pyNN.mock as sim

    with pytest.raises(PyNNError, match=r"no models of its own .*CellEquations\('Cell'\)"):
        sim.native_cell_type(CellEquations(**GOOD))


def test_current_into_equations_without_it_is_refused() -> None:
    """Equations that never mention i_inj would ignore current sources and gap junctions in silence."""
    with Simulator(ReferenceBackend) as sim:
        cells = sim.Population(2, sim.native_cell_type(oscillator())())
        deaf = CellEquations("Deaf", "dv/dt = -v : mV", receptors={"excitatory": "v"})
        others = sim.Population(2, sim.native_cell_type(deaf)())

        with pytest.raises(NotInjectableError, match="equations must have i_inj"):
            sim.DCSource(amplitude=1.0).inject_into(cells)
        with pytest.raises(ConnectionError, match="equations must have i_inj"):
            sim.Projection(others, others, sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.1))


def test_equations_can_be_copied_and_sent_to_another_process() -> None:
    """As any other part of a model."""
    cell = CellEquations(**GOOD)

    assert copy.deepcopy(cell) == cell
    assert multiprocessing.reduction.ForkingPickler.loads(multiprocessing.reduction.ForkingPickler.dumps(cell)) == cell
    assert {cell: 1}[CellEquations(**GOOD)] == 1


@pytest.mark.parametrize(
    ("model", "equations", "weight", "tolerance"),
    [
        ("IF_cond_exp", CONDUCTANCE, 0.012, 1e-9),  # the same scheme: rounding
        ("EIF_cond_exp_isfa_ista", ADAPTIVE, 0.012, 1e-9),
        ("Izhikevich", SIMPLE, 2.0, 1e-9),
        # The membrane is exact there, and of order 4 here: (h / tau_syn)^5 / 120 × 10 mV for each step of 0.1 ms, over
        # the 100 steps of a tau_m.
        ("IF_curr_exp", CURRENT_BASED, 0.8, 3e-7),
    ],
)
def test_a_standard_model_as_equations_is_that_model(
    model: str, equations: CellEquations, weight: float, tolerance: float
) -> None:
    """Under Poisson input and a current that begins in mid-run: the same spikes, the same potentials."""
    with Simulator(ReferenceBackend, timestep=0.1, seed=4) as sim:
        source = sim.Population(20, sim.names["SpikeSourcePoisson"](rate=60.0))
        found = []
        for kind in (sim.names["native_cell_type"](equations), sim.names[model]):
            cells = sim.Population(5, kind())
            synapse = sim.names["StaticSynapse"](weight=weight, delay=0.5)
            sim.Projection(source, cells, sim.names["AllToAllConnector"](), synapse, receptor_type="excitatory")
            sim.names["StepCurrentSource"](times=[20.0, 90.0], amplitudes=[0.01, 0.005]).inject_into(cells[1:])
            cells.record(["v", "spikes"])
            found.append(cells)
        sim.run(200.0)
        ours, theirs = (cells.get_data().segments[0] for cells in found)

    assert sum(map(len, theirs.spiketrains)) > 20
    for one, two in zip(ours.spiketrains, theirs.spiketrains, strict=True):
        assert np.array_equal(one.magnitude, two.magnitude)
    assert np.abs(ours.analogsignals[0].magnitude - theirs.analogsignals[0].magnitude).max() < tolerance


def test_ion_channels_as_equations_are_those_of_the_standard_cell() -> None:
    """Action potentials under a current, of rates that are 0 / 0 at some potential: the same to rounding."""
    with Simulator(ReferenceBackend, timestep=0.1) as sim:
        found = []
        for kind in (sim.native_cell_type(CHANNELS), sim.HH_cond_exp):
            cells = sim.Population(2, kind(i_offset=[0.0, 0.9]))
            cells.record("v")
            found.append(cells)
        sim.run(60.0)
        ours, theirs = (cells.get_data().segments[0].analogsignals[0].magnitude for cells in found)

    assert theirs[:, 1].max() > 0.0
    assert np.abs(ours - theirs).max() < 1e-7  # rounding of 1e-14 mV, which an upstroke magnifies by 1e4 and more


def test_an_alpha_shaped_conductance_peaks_at_the_weight() -> None:
    """As the guide writes it: g is w (t / tau) exp(1 - t / tau), which is w at tau (Rall 1967)."""
    alpha = CellEquations(
        "Alpha", "dv/dt = 0 : mV\ndg/dt = (e*s - g)/tau : uS\nds/dt = -s/tau : uS", parameters={"tau": 2.0},
        receptors={"excitatory": "s"},
    )  # fmt: skip
    with Simulator(ReferenceBackend, timestep=0.1) as sim:
        cells = sim.Population(1, sim.native_cell_type(alpha)())
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.9]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=0.1))
        cells.record("g")
        sim.run(11.0)
        g = cells.get_data().segments[0].analogsignals[0].magnitude[10:, 0]

    t = np.arange(101) * 0.1
    # The method's own error in 100 steps of h: 100 (h / tau)^5 / 120 × e × weight.
    assert g == pytest.approx(0.5 * t / 2.0 * np.exp(1 - t / 2.0), abs=100 * 0.05**5 / 120 * np.e * 0.5)


def test_the_error_falls_with_the_fourth_power_of_the_step() -> None:
    """A linear oscillator against cos(ω t): half the step, a sixteenth of the error (Kutta 1901)."""
    errors = []
    for step in (0.4, 0.2, 0.1):
        with Simulator(ReferenceBackend, timestep=0.4) as sim:
            kind = sim.names["native_cell_type"](oscillator(step))
            cells = sim.Population(1, kind(omega=0.5))
            cells.record("v")
            sim.run(40.0)
            v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        errors.append(np.abs(v - np.cos(0.5 * 0.4 * np.arange(len(v)))).max())

    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(4.0, abs=0.1)


def test_resets_act_in_order_and_parameters_in_mid_run() -> None:
    """n counts the spikes, and v begins at n / 2 after each: an assignment sees those before it.

    v rises by ``rate`` mV/ms to 1.05 mV: from 0 in 11 steps of 0.1 ms, from 0.5 in 6, from 1.0 in 1; each cell has its
    own rate, and one is changed on the way.
    """
    counter = CellEquations(
        "Counter", "dv/dt = rate : mV\ndn/dt = 0 : 1", parameters={"rate": 1.0, "top": 1.05},
        threshold="v >= top", reset="n += 1; v = n*0.5",
    )  # fmt: skip
    with Simulator(ReferenceBackend, timestep=0.1) as sim:
        cells = sim.Population(3, sim.names["native_cell_type"](counter)(rate=[1.0, 0.0, 0.0]))
        cells.record(["n", "spikes"])
        sim.run(1.5)
        cells[2:].set(rate=2.0)
        sim.run(0.4)
        segment = cells.get_data().segments[0]

    steps = [np.rint(np.asarray(train.magnitude) / 0.1).tolist() for train in segment.spiketrains]
    assert steps == [[11, 17, 18, 19], [], []]
    assert segment.analogsignals[0].magnitude[[10, 11, 17, 18], 0].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_refractory_cell_holds_v_and_nothing_else() -> None:
    """For 2 ms after a spike v stays at the reset value and loses the jumps that arrive; w decays all the time."""
    cell = CellEquations(
        "Cell", "dv/dt = 1 : mV\ndw/dt = -w/10 : 1", threshold="v >= 0.95", reset="v = 0; w = 1", refractory=2.0,
        receptors={"excitatory": "v"},
    )  # fmt: skip
    with Simulator(ReferenceBackend, timestep=0.1) as sim:
        cells = sim.Population(1, sim.names["native_cell_type"](cell)())
        source = sim.Population(1, sim.names["SpikeSourceArray"](spike_times=[1.5, 3.5]))
        synapse = sim.names["StaticSynapse"](weight=0.25, delay=0.1)
        sim.Projection(source, cells, sim.names["AllToAllConnector"](), synapse)
        cells.record(["v", "w"])
        sim.run(4.0)
        signals = {signal.name: signal.magnitude[:, 0] for signal in cells.get_data().segments[0].analogsignals}

    assert signals["v"][10:31] == pytest.approx(np.zeros(21), abs=1e-12)
    assert signals["v"][[31, 36]] == pytest.approx([0.1, 0.6 + 0.25], abs=1e-12)
    assert signals["w"][10:37] == pytest.approx(np.exp(-np.arange(27) * 0.01), abs=1e-12)
