"""Cells whose state and input are 32-bit numbers: as exact as they say, and otherwise the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array
from native_networks import WEIGHTS, Result, balanced, check_threads, result_of
from pyNN.errors import InvalidValueError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.solved import DELTA
from pynn_native import NativeBackend
from pynn_native._engine import Engine
from pynn_native.models import kind_of

# Weights of 50 Poisson sources that keep v within some 20 mV of rest, below a threshold that is out of reach.
INPUT = {
    "IF_curr_exp": (0.1, -0.2), "IF_curr_alpha": (0.3, -0.4), "IF_curr_delta": (0.5, -0.7),
    "IF_cond_exp": (0.004, 0.01), "IF_cond_alpha": (0.004, 0.01),
    "IF_facets_hardware1": (0.001, 0.002), "IF_cond_exp_gsfa_grr": (0.004, 0.01),
    "GIF_cond_exp": (0.003, 0.01), "EIF_cond_exp_isfa_ista": (0.004, 0.01), "EIF_cond_alpha_isfa_ista": (0.003, 0.008),
    "HH_cond_exp": (0.002, 0.004), "Izhikevich": (0.3, -0.5),
}  # fmt: skip
# What keeps cells from firing, and the largest current into one, nA.
CALM: dict[str, tuple[dict[str, float], float]] = {
    "IF_facets_hardware1": ({"v_thresh": 0.0}, 0.0), "GIF_cond_exp": ({}, 0.0), "HH_cond_exp": ({}, 0.02),
    "Izhikevich": ({}, 0.001),
    **dict.fromkeys(
        ("EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"),
        ({"v_thresh": 0.0, "v_spike": 20.0, "v_rest": -65.0, "cm": 1.0, "tau_m": 20.0}, 0.3),
    ),
}  # fmt: skip
# The longest substeps, ms, of models that have some.
LONGEST = {"EIF_cond_exp_isfa_ista": 0.05, "EIF_cond_alpha_isfa_ista": 0.05, "Izhikevich": 0.05, "HH_cond_exp": 0.034}


def native(precision: str, **options: Any) -> Simulator:
    """The engine with this precision."""
    return Simulator(NativeBackend, seed=5, precision=precision, **{"timestep": 0.1, **options})


@dataclass(frozen=True)
class Trace:
    """v in mV, of shape (n_samples, n_cells), the spikes of the input, and the connections."""

    v: Array
    spikes: list[list[float]]
    rows: list[Any]


def driven(precision: str, model: str, timestep: float) -> Trace:
    """100 cells under Poisson input for 1 s, with a current of its own for each."""
    with native(precision, timestep=timestep) as sim:
        calm, most = CALM.get(model, ({"v_thresh": 0.0}, 0.3))
        parameters: dict[str, Any] = {**calm, "i_offset": np.linspace(0.0, most, 100)} if most else calm
        start = RandomDistribution("uniform", (-70.0, -55.0 if model not in LONGEST else -66.0))
        cells = sim.Population(100, sim.names[model](**parameters), initial_values={"v": start})
        noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
        few, made = sim.FixedNumberPreConnector(8), []
        for weight, receptor in zip(INPUT[model], ("excitatory", "inhibitory"), strict=True):
            synapse = sim.StaticSynapse(weight=weight, delay=1.0)
            made.append(sim.Projection(noise, cells, few, synapse, receptor_type=receptor))
        cells.record("v")
        noise.record("spikes")
        sim.run(1000.0)
        trains = [list(map(float, train)) for train in noise.get_data().segments[0].spiketrains]
        v = np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)
        return Trace(v, trains, [each.get(["weight", "delay"], "list") for each in made])


@pytest.mark.parametrize("timestep", [0.1, 0.025])
@pytest.mark.parametrize("model", INPUT)
def test_potentials_are_within_what_32_bits_allow(model: str, timestep: float) -> None:
    """v over 1 s stays within 2⁻²² |v - v_rest| tau_m / h: four roundings of a step, kept for tau_m / h steps.

    tau_m of HH_cond_exp is cm / g_leak, 20 ms; Izhikevich has none, and is faster than 20 ms here.
    """
    double, single = driven("double", model, timestep), driven("single", model, timestep)

    assert (single.spikes, single.rows) == (double.spikes, double.rows)
    away = float(np.max(np.abs(double.v + 65.0)))
    assert 2.0 < away < 40.0
    error = float(np.max(np.abs(single.v - double.v)))
    count = np.ceil(timestep / LONGEST.get(model, timestep))
    assert 0.0 < error < 2.0**-22 * away * 20.0 / (timestep / count)


def test_a_membrane_decays_to_rest_as_its_closed_form() -> None:
    """v - v_rest keeps its relative precision on the way to rest, where v itself would stand still at 1e-3 mV.

    v = v_rest + 15 mV e^(-t / tau_m); a step rounds the factor and the product, 1.5 × 2⁻²⁴ of v - v_rest.
    """
    for model in ("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", DELTA):
        with native("single") as sim:
            kind = sim.native_cell_type(model) if model is DELTA else sim.names[model]
            celltype = kind(v_rest=-65.3, tau_m=20.0, v_thresh=0.0)
            cells = sim.Population(1, celltype, initial_values={"v": -50.3})
            cells.record("v")
            sim.run(400.0)
            v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        steps = np.arange(len(v))
        expected = 15.0 * np.exp(-steps * 0.1 / 20.0)
        assert expected[-1] < 4e-8
        # Equations take two half steps of one factor and one product each, and what they count from is in 32 bits too.
        roundings, rest = (1.5, 1e-13) if model is not DELTA else (4.0, 2.0**-18)
        np.testing.assert_array_less(
            np.abs(v + 65.3 - expected), roundings * 2.0**-24 * (steps + 1) * expected + rest
        )


def test_what_users_set_and_read_is_in_double_precision() -> None:
    """Parameters come back as they were given; v to half of the last of 32 bits of v - v_rest."""
    with native("single") as sim:
        given = np.linspace(-70.1, -60.3, 7)
        cells = sim.Population(7, sim.IF_cond_exp(v_rest=given, tau_m=17.3, e_rev_I=-71.7))
        cells.initialize(v=-61.7)
        assert np.array_equal(cells.get("v_rest"), given)
        assert cells.get("tau_m") == 17.3
        assert cells.get("e_rev_I") == -71.7
        cells.record("v")
        sim.run(0.1)
        first = cells.get_data().segments[0].analogsignals[0].magnitude[0]
        assert np.max(np.abs(first + 61.7)) <= 2.0**-24 * (70.1 - 61.7)


@pytest.mark.parametrize("model", ["EIF_cond_exp_isfa_ista", "HH_cond_exp", "Izhikevich"])
def test_firing_under_a_current_is_that_of_double_precision(model: str) -> None:
    """Upstrokes, resets and adaptation over 500 ms: counts differ by one spike at most, and hardly ever."""
    currents = {"EIF_cond_exp_isfa_ista": 3.0, "HH_cond_exp": 50.0, "Izhikevich": 0.05}
    counts = []
    for precision in ("double", "single"):
        with native(precision) as sim:
            cells = sim.Population(100, sim.names[model](i_offset=np.linspace(0.0, currents[model], 100)))
            cells.record("spikes")
            sim.run(500.0)
            counts.append(np.array([len(train) for train in cells.get_data().segments[0].spiketrains]))

    difference = np.abs(counts[0] - counts[1])
    assert counts[0].max() > 50
    assert difference.max() <= 1
    assert difference.sum() <= 10


def test_gates_of_channels_settle_where_their_rates_say() -> None:
    """m, h and n → α / (α + β) at a potential that stays, also where a rate is 0 / 0, and near there.

    A gate g stands still where the rest of the way in a substep h is below half of its last bit: 2⁻²⁴ g τ / h from the
    limit. Rates are known to 2⁻²⁰, and the gates with them.
    """
    x = np.array([near + by for near in (13.0, 15.0, 40.0) for by in (-1.0, -0.01, -1e-4, 0.0, 1e-4, 0.01, 1.0)])
    x = np.concatenate([x, np.linspace(-90.0, 110.0, 41)])
    engine = Engine(0.1, 1, single_state=True)
    cells = engine.create_cells(kind_of(NativeBackend.models["HH_cond_exp"]), len(x))
    # A capacitance so large that v stays.
    for name, value in {"cm": 1e12, "v_offset": -63.0, "tau_syn_E": 1.0, "tau_syn_I": 1.0}.items():
        engine.set_cells(cells, name, np.array([value]), None)
    engine.set_cells(cells, "v", x - 63.0, None)
    engine.advance(4000, lambda: True)
    found = {gate: engine.get_cells(cells, gate, None) for gate in ("m", "h", "n")}

    for gate, (opens, shuts) in traub_miles(x).items():
        limit, tau = opens / (opens + shuts), 1.0 / (opens + shuts)
        allowed = 2.0**-24 * limit * tau / (0.1 / 3) + 2.0**-20 * limit + 2.0**-24
        np.testing.assert_array_less(np.abs(found[gate] - limit), allowed, err_msg=gate)


def traub_miles(x: Array) -> dict[str, tuple[Array, Array]]:
    """α and β of each gate, 1/ms, x mV above v_offset: Brette et al. (2007), Appendix B, benchmark 3."""

    def inverse(z: Array) -> Array:
        """z / (e^z - 1), 1 at 0."""
        return np.where(z == 0.0, 1.0, z / np.where(z == 0.0, 1.0, np.expm1(z)))

    return {
        "m": (0.32 * 4.0 * inverse((13.0 - x) / 4.0), 0.28 * 5.0 * inverse((x - 40.0) / 5.0)),
        "h": (0.128 * np.exp((17.0 - x) / 18.0), 4.0 / (1.0 + np.exp((40.0 - x) / 5.0))),
        "n": (0.032 * 5.0 * inverse((15.0 - x) / 5.0), 0.5 * np.exp((10.0 - x) / 40.0)),
    }


def test_rounding_is_no_action_potential() -> None:
    """In the depolarisation block of 60 nA the oscillation dies out, and with it HH_cond_exp falls silent."""
    with native("single") as sim:
        cells = sim.Population(1, sim.HH_cond_exp(i_offset=60.0))
        cells.record("spikes")
        sim.run(400.0)
        times = cells.get_data().segments[0].spiketrains[0].magnitude

    assert len(times) > 10
    assert max(times) < 200.0


def test_a_quadratic_membrane_is_its_closed_form() -> None:
    """Izhikevich without recovery: z = v + 62.5 mV obeys dz/dt = 0.04 z² + c: z = s tan(0.04 s t + φ), s² = c / 0.04.

    From -72.5 to -52.5 mV a step rounds by 2⁻²⁴ of at most 10 mV, each of two substeps, which the slope magnifies by
    (0.04 z² + c) / c at the end.
    """
    c = 4.0  # mV / ms: s = 10 mV
    with native("single") as sim:
        celltype = sim.Izhikevich(a=0.0, b=0.0, i_offset=(c + 16.25) / 1000.0)
        cells = sim.Population(1, celltype, initial_values={"v": -72.5, "u": 0.0})
        cells.record("v")
        sim.run(3.9)
        z = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0] + 62.5
    t = np.arange(len(z)) * 0.1

    expected = 10.0 * np.tan(0.4 * t - np.pi / 4)
    assert expected[-1] > 9.0
    np.testing.assert_array_less(np.abs(z - expected), 2.0**-24 * 10.0 * 4.0 * (2 * len(z)) * 2.0)


@pytest.mark.parametrize("model", ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "HH_cond_exp", "Izhikevich"])
def test_results_of_every_membrane_do_not_depend_on_threads(model: str) -> None:
    """1, 2 and 4 threads give the same spikes and traces, bit for bit, of membranes that are composed too."""

    def run(threads: int) -> Result:
        with native("single", threads=threads) as sim:
            start = RandomDistribution("uniform", (-70.0, -60.0))
            current, *strong = (0.02, 3.0, -1.0) if model == "Izhikevich" else (0.0, 0.03, 0.01)
            cells = sim.Population(3000, sim.names[model](i_offset=current), initial_values={"v": start})
            noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
            few = sim.FixedNumberPreConnector(8)
            for source, weight, receptor in zip((noise, cells), strong, ("excitatory", "inhibitory"), strict=True):
                synapse = sim.StaticSynapse(weight=weight, delay=RandomDistribution("uniform", (0.5, 2.0)))
                sim.Projection(source, cells, few, synapse, receptor_type=receptor)
            cells.record(["spikes", "v"])
            sim.run(40.0)
            return result_of(cells)

    check_threads(run, 1000)


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("model", WEIGHTS)
def test_results_do_not_depend_on_threads(model: str, drawn: bool) -> None:
    """1, 2 and 4 threads give the same spikes and the same traces, bit for bit, in 32 bits too."""

    def run(threads: int) -> Result:
        with native("single", threads=threads) as sim:
            cells = balanced(sim, model, WEIGHTS[model], size=4000, drawn=drawn)
            sim.run(60.0)
            return result_of(cells)

    check_threads(run, 1000)


@pytest.mark.parametrize("probability", [0.02, 0.1])
@pytest.mark.parametrize("weight", [0.013, RandomDistribution("uniform", (0.0, 0.02))])
def test_however_synapses_are_kept_the_bits_are_the_same(probability: float, weight: Any) -> None:
    """Rows, bits and procedural synapses add the same 32-bit numbers, of sources that fire several times a step too."""
    found = []
    for connectivity in ("stored", "procedural"):
        with native("single", connectivity=connectivity) as sim:
            cells = sim.Population(3000, sim.IF_curr_exp(), initial_values={"v": -60.0})
            noise = sim.Population(300, sim.SpikeSourcePoisson(rate=2000.0))
            synapse = sim.StaticSynapse(weight=weight, delay=1.0)
            sim.Projection(noise, cells, sim.FixedProbabilityConnector(probability), synapse)
            cells.record(["spikes", "v"])
            sim.run(50.0)
            found.append(result_of(cells))

    assert found[0].spikes == found[1].spikes
    assert np.array_equal(found[0].v, found[1].v)
    assert np.ptp(found[0].v) > 1.0


def test_counted_input_is_the_same_whether_its_spikes_are_recorded_or_not() -> None:
    """Spikes of strong sources, counted or listed, add the same 32-bit numbers."""
    found = []
    for recorded in (False, True):
        with native("single") as sim:
            cells = sim.Population(1000, sim.IF_curr_exp())
            noise = sim.Population(1000, sim.SpikeSourcePoisson(rate=15000.0))
            weights = RandomDistribution("uniform", (0.0, 0.06))
            for weight in (0.013, weights):
                synapse = sim.StaticSynapse(weight=weight, delay=1.0)
                sim.Projection(noise, cells, sim.OneToOneConnector(), synapse)
            cells.record(["spikes", "v"])
            if recorded:
                noise.record("spikes")
            sim.run(50.0)
            found.append(result_of(cells))

    assert len(found[0].spikes) > 0
    assert found[0].spikes == found[1].spikes
    assert np.array_equal(found[0].v, found[1].v)


def synapse_models(sim: Simulator) -> dict[str, Any]:
    """One of each kind that the engine has, with delays that differ where it may."""
    delay = RandomDistribution("uniform", (0.5, 300.0))
    pairs = sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.01, A_minus=0.012)
    bounds = sim.AdditiveWeightDependence(w_min=0.0, w_max=0.4)
    return {
        "static": sim.StaticSynapse(weight=0.2, delay=delay),
        "depressing": sim.TsodyksMarkramSynapse(weight=0.4, delay=1.0, tau_rec=100.0),
        "stochastic": sim.SimpleStochasticSynapse(weight=0.4, delay=1.0, p=0.5),
        "plastic": sim.STDPMechanism(pairs, bounds, weight=0.2, delay=1.0),
    }


@pytest.mark.parametrize("kind", ["static", "depressing", "stochastic", "plastic"])
def test_synapses_of_every_kind_send_into_32_bits(kind: str) -> None:
    """Synapses keep double precision: what they send is what they send to cells of 64 bits, rounded once."""
    found, weights = [], []
    for precision in ("double", "single"):
        with native(precision) as sim:
            cells = sim.Population(100, sim.IF_curr_exp(v_thresh=0.0))
            noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
            few = sim.FixedNumberPreConnector(8)
            made = sim.Projection(noise, cells, few, synapse_models(sim)[kind])
            cells.record("v")
            sim.run(500.0)
            found.append(np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude))
            weights.append(made.get("weight", "list"))

    assert weights[0] == weights[1]
    away = float(np.max(np.abs(found[0] + 65.0)))
    assert 1.0 < away < 60.0
    assert np.max(np.abs(found[0] - found[1])) < 2.0**-22 * away * 20.0 / 0.1


def test_currents_and_gap_junctions_reach_32_bits() -> None:
    """A step of current into one cell, and what flows on through a gap junction, are those of 64 bits, rounded."""
    found = []
    for precision in ("double", "single"):
        with native(precision) as sim:
            cells = sim.Population(2, sim.IF_cond_exp(v_thresh=0.0), initial_values={"v": [-65.0, -60.0]})
            sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))
            step = sim.StepCurrentSource(times=[20.0, 150.0], amplitudes=[0.3, -0.1])
            step.inject_into(cells[:1])
            cells.record("v")
            sim.run(300.0)
            found.append(np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude))

    away = float(np.max(np.abs(found[0] + 65.0)))
    assert np.ptp(found[0], axis=0).min() > 1.0
    assert np.max(np.abs(found[0] - found[1])) < 2.0**-22 * away * 20.0 / 0.1


@pytest.mark.parametrize("model", ["IF_curr_exp", "IF_cond_exp", "EIF_cond_exp_isfa_ista"])
def test_rates_of_networks_are_those_of_double_precision(model: str) -> None:
    """Mean rates of eight balanced networks differ by less than four standard errors of their difference."""
    rates = {"double": [], "single": []}  # type: dict[str, list[float]]
    for precision, found in rates.items():
        for seed in range(8):
            with Simulator(NativeBackend, timestep=0.1, seed=seed, precision=precision) as sim:
                weights = WEIGHTS.get(model, (0.01, 0.03))
                cells = balanced(sim, model, weights, size=400, drawn=False)
                sim.run(300.0)
                found.append(len(result_of(cells).spikes) / 400 / 0.3)

    double, single = (np.array(found) for found in rates.values())
    difference = double - single
    assert double.mean() > 1.0
    assert abs(difference.mean()) <= 4.0 * difference.std(ddof=1) / np.sqrt(len(difference)) + 1e-12


@pytest.mark.parametrize("model", [name for name, row in NativeBackend.models.items() if "v" in row.variables])
def test_every_cell_of_the_engine_is_computed_in_32_bits(model: str) -> None:
    """No cell type is refused, and v of each is what 64 bits make of it to the sixth digit, over 10 ms."""
    found = []
    for precision in ("double", "single"):
        with native(precision) as sim:
            if model.startswith("PointNeuron"):
                neuron = {"LIF": sim.LIF, "AdExp": sim.AdExp}[model.partition("+")[2]]
                kind = sim.PointNeuron(neuron(), excitatory=sim.AlphaPSR(), inhibitory=sim.ExpPSR())
            else:
                kind = sim.names[model]()
            cells = sim.Population(3, kind, initial_values={"v": -67.0})
            cells.record("v")
            sim.run(10.0)
            found.append(cells.get_data().segments[0].analogsignals[0].magnitude)

    assert np.ptp(found[0]) > 0.1
    assert np.abs(found[1] - found[0]).max() < 7e-5


def test_there_is_no_third_precision() -> None:
    """Another value is refused in a sentence that says what there is."""
    with pytest.raises(InvalidValueError, match="'double' or 'single'"):
        Simulator(NativeBackend).setup(precision="half")
