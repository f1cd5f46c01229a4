"""Cells from equations: compiled, in NumPy and on the reference they are the same cells."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pytest
from cawan.kit import ctrl_c_heard
from native_networks import Result, check_threads, result_of
from pyNN._reference import ReferenceBackend
from pyNN.equations import CellEquations
from pyNN.errors import NotFiniteError, PyNNError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.launching import needs_mpi, on_processes
from pyNN.testing.solved import ADAPTIVE, CHANNELS, CONDUCTANCE, CURRENT_BASED, DELTA, SIMPLE, oscillator
from pynn_native import NativeBackend
from pynn_native.custom_cells import _tell_once
from pynn_native.custom_source import source_of

ROUNDING = 1e-9  # mV; 16 digits of about 65 mV, times some thousand operations
needs_compiler = pytest.mark.skipif(not any(map(which, ("c++", "g++", "clang++"))), reason="needs a C++ compiler")


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache folder for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("CAWAN_CACHE", str(folder))
        yield folder


def ways() -> list[tuple[Any, dict[str, Any]]]:
    """The reference, and both ways in which the engine solves equations."""
    return [
        (ReferenceBackend, {}), (NativeBackend, {"equations": "compiled"}), (NativeBackend, {"equations": "numpy"}),
    ]  # fmt: skip


def network(sim: Simulator, equations: CellEquations, size: int = 70) -> Any:
    """Cells that differ, under noise, injected current, and synapses of every kind, that excite and inhibit."""
    kind = sim.names["native_cell_type"](equations)
    cells = sim.Population(size, kind(cm=np.linspace(0.5, 1.0, size), tau_refrac=np.linspace(0.0, 3.0, size)))
    cells.initialize(v=RandomDistribution("uniform", (-65.0, -51.0)))
    noise = sim.Population(30, sim.SpikeSourcePoisson(rate=60.0))
    delay = RandomDistribution("uniform", (0.5, 2.0))
    few = sim.FixedNumberPreConnector(6)
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=0.04),
        weight=0.01, delay=1.0,
    )  # fmt: skip
    synapses = [
        sim.StaticSynapse(weight=0.015, delay=delay),
        sim.TsodyksMarkramSynapse(weight=0.03, delay=1.0, U=0.3, tau_facil=50.0),
        sim.SimpleStochasticSynapse(weight=0.02, p=0.5, delay=0.7),
        plastic,
    ]
    for synapse in synapses:
        sim.Projection(noise, cells, few, synapse, receptor_type="excitatory")
    inhibiting = sim.StaticSynapse(weight=0.02, delay=1.5)
    sim.Projection(cells, cells, few, inhibiting, receptor_type="inhibitory")
    sim.Projection(cells[:5], cells[5:10], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.01))
    sim.NoisyCurrentSource(mean=0.1, stdev=0.2, start=5.0, stop=80.0, dt=0.5).inject_into(cells[3:40])
    cells.record(["spikes", "v"])
    return cells


def test_a_population_may_be_empty_or_fill_tiles() -> None:
    """0, 1, 64 and 65 cells, of constants alone too."""
    for kind in (DELTA, CellEquations("Constant", "dv/dt = 1 : mV")):
        for size in (0, 1, 64, 65):
            with Simulator(NativeBackend, timestep=0.1) as sim:
                cells = sim.Population(size, sim.names["native_cell_type"](kind)())
                cells.initialize(v=-60.0)
                sim.run(1.0)
                v = np.asarray(cells.get("v", simplify=False))

            assert v.shape == (size,)
            expected = -59.0 if kind is not DELTA else -65.0 + 5.0 * np.exp(-1.0 / 20.0)
            assert v == pytest.approx(np.full(size, expected), abs=1e-10)


@needs_compiler
def test_both_ways_are_what_the_reference_is() -> None:
    """A network with synapses of every kind: the same spikes, traces to rounding, through changes and a reset."""
    found = []
    for backend, options in ways():
        with Simulator(backend, timestep=0.1, seed=3, **options) as sim:
            cells = network(sim, CONDUCTANCE)
            sim.run(60.0)
            cells[10:30].set(tau_m=10.0, tau_syn_E=3.0, i_offset=0.3)
            cells[:4].initialize(v=-52.0)
            sim.run(60.0)
            cells.set(v_thresh=-52.0)
            sim.run(30.0)
            first = result_of(cells)
            sim.reset()
            sim.run(40.0)
            found.append((first, result_of(cells)))

    for segment in (0, 1):
        theirs = found[0][segment]
        assert len(theirs.spikes) > 100
        for mine in found[1:]:
            assert mine[segment].spikes == theirs.spikes
            assert np.abs(mine[segment].v - theirs.v).max() < ROUNDING


@needs_compiler
@pytest.mark.parametrize(
    ("model", "equations", "weight", "tolerance"),
    [
        ("IF_cond_exp", CONDUCTANCE, 0.012, ROUNDING),  # the same scheme
        ("EIF_cond_exp_isfa_ista", ADAPTIVE, 0.012, ROUNDING),
        ("Izhikevich", SIMPLE, 2.0, ROUNDING),
        ("IF_curr_delta", DELTA, 0.8, ROUNDING),  # exact on both sides
        # Exact there, of order 4 here: (h / tau_syn)^5 / 120 × 10 mV in each of the 200 steps of a tau_m.
        ("IF_curr_exp", CURRENT_BASED, 0.8, 3e-7),
    ],
)
def test_a_standard_model_as_equations_is_the_built_in_one(
    model: str, equations: CellEquations, weight: float, tolerance: float
) -> None:
    """Under Poisson input and a current: the same spikes, the same potentials."""
    found = []
    for own in (True, False):
        with Simulator(NativeBackend, timestep=0.1, seed=4, equations="compiled") as sim:
            source = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
            kind = sim.names["native_cell_type"](equations) if own else sim.names[model]
            cells = sim.Population(70, kind())
            synapse = sim.StaticSynapse(weight=weight, delay=0.5)
            sim.Projection(source, cells, sim.FixedProbabilityConnector(0.9), synapse, receptor_type="excitatory")
            sim.StepCurrentSource(times=[20.0, 90.0], amplitudes=[0.01, 0.005]).inject_into(cells[1:])
            cells.record(["v", "spikes"])
            sim.run(200.0)
            found.append(result_of(cells))
    ours, theirs = found

    assert len(theirs.spikes) > 20
    assert ours.spikes == theirs.spikes
    assert np.abs(ours.v - theirs.v).max() < tolerance


@needs_compiler
def test_ion_channels_as_equations_are_those_of_the_built_in_cell() -> None:
    """Action potentials under a current, of rates that are 0 / 0 at some potential."""
    with Simulator(NativeBackend, timestep=0.1, equations="compiled") as sim:
        found = []
        for kind in (sim.native_cell_type(CHANNELS), sim.HH_cond_exp):
            cells = sim.Population(70, kind(i_offset=np.linspace(0.0, 0.9, 70)))
            cells.record("v")
            found.append(cells)
        sim.run(60.0)
        ours, theirs = (result_of_v(cells) for cells in found)

    assert theirs.max() > 0.0
    assert np.abs(ours - theirs).max() < 1e-7  # rounding of 1e-14 mV, which an upstroke magnifies by 1e4 and more


@needs_compiler
@pytest.mark.parametrize("way", ["compiled", "numpy"])
@pytest.mark.parametrize(
    ("equations", "weights", "current", "held"),
    [
        (CONDUCTANCE, (0.004, 0.01), 0.3, {"v_thresh": 0.0}),
        (CURRENT_BASED, (0.1, -0.2), 0.3, {"v_thresh": 0.0}),
        (DELTA, (0.5, -0.7), 0.3, {"v_thresh": 0.0}),
        (ADAPTIVE, (0.004, 0.01), 0.3, {"v_thresh": 0.0, "v_spike": 20.0, "v_rest": -65.0, "cm": 1.0, "tau_m": 20.0}),
        (SIMPLE, (0.3, -0.5), 0.001, {}),
        (CHANNELS, (0.002, 0.004), 0.02, {}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_potentials_in_32_bits_are_within_what_these_allow(
    way: str, equations: CellEquations, weights: tuple[float, float], current: float, held: dict[str, float]
) -> None:
    """v over 250 ms of Poisson input stays within 2⁻²² |v - v_rest| tau_m / h, and two roundings of v itself.

    As that of built-in cells (test_precision.py): it counts from where it begins, which is near rest.
    """
    found = []
    for precision in ("double", "single"):
        with Simulator(NativeBackend, timestep=0.1, seed=5, precision=precision, equations=way) as sim:
            kind = sim.names["native_cell_type"](equations)
            cells = sim.Population(100, kind(i_offset=np.linspace(0.0, current, 100), **held))
            noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
            for weight, receptor in zip(weights, ("excitatory", "inhibitory"), strict=True):
                few, synapse = sim.FixedNumberPreConnector(8), sim.StaticSynapse(weight=weight, delay=1.0)
                sim.Projection(noise, cells, few, synapse, receptor_type=receptor)
            cells.record("v")
            sim.run(250.0)
            found.append(result_of_v(cells))

    away = float(np.abs(found[0] + 65.0).max())
    assert 2.0 < away < 40.0
    step = 0.1 / equations.checked.substeps(0.1)
    assert 0.0 < np.abs(found[1] - found[0]).max() < 2.0**-22 * away * 20.0 / step + 2.0 * 2.0**-18


EXPRESSIONS = [
    "a + b", "a - b", "a * b", "a / b", "a % b", "a // b", "a**b if a > 0 else 0", "a**2", "a**3", "a**5", "a**8",
    "a**0.5 if a > 0 else 0", "a**-2 if a != 0 else 1", "-a", "+a", "abs(a)", "exp(a)", "exprel(a)", "exprel(a/1000)",
    "exp(300*a)", "exp(-900*a)", "sqrt(abs(a))", "log(abs(a) + 1)", "log2(abs(a) + 1)", "log10(abs(a) + 1)", "sin(a)",
    "cos(a)", "tan(a)", "sinh(a)", "cosh(a)", "tanh(a)", "arcsin(a/4)", "arccos(a/4)", "arctan(a)", "arctan2(a, b)",
    "hypot(a, b)", "maximum(a, b)", "minimum(a, b)", "sign(a)", "floor(a)", "ceil(a)", "where(a < b, a, b)",
    "1 if 0 < a <= b < 3 else 2", "1 if a > 0 and b > 0 or not a < b else 2", "1 if a == b else 0", "a if True else b",
    "1 if (a > 0 if b > 0 else a < 0) else 2", "pi * a + e", "1e-300 * a", "12345678901234567890 * a",
]  # fmt: skip


@needs_compiler
@pytest.mark.parametrize(("precision", "digits"), [("double", (1e-13, 1e-300)), ("single", (2e-6, 1e-37))])
def test_every_operation_is_what_numpy_makes_of_it(precision: str, digits: tuple[float, float]) -> None:
    """Each operator and function, compiled and in NumPy, of numbers of either sign, 0 and equal ones."""
    rows = "\n".join(f"dx{k}/dt = {text}" for k, text in enumerate(EXPRESSIONS))
    kind = CellEquations("Operations", f"dv/dt = 0 : mV\n{rows}", parameters={"a": 1.0, "b": 2.0})
    pairs = [(a, b) for a in (-3.7, -1.0, 0.0, 1e-9, 0.3, 2.0, 3.9) for b in (-2.0, -0.3, 0.7, 2.0, 2.5)]
    found = []
    for way in ("compiled", "numpy"):
        with Simulator(NativeBackend, timestep=1.0, precision=precision, equations=way) as sim:
            a, b = np.array(pairs).T
            cells = sim.Population(len(pairs), sim.names["native_cell_type"](kind)(a=a, b=b))
            sim.run(1.0)
            found.append(np.array([cells.get(f"x{k}", simplify=False) for k in range(len(EXPRESSIONS))]))

    for text, mine, theirs in zip(EXPRESSIONS, *found, strict=True):
        assert mine == pytest.approx(theirs, rel=digits[0], abs=digits[1]), text


@needs_compiler
@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("way", ["compiled", "numpy"])
def test_results_do_not_depend_on_threads(way: str, precision: str) -> None:
    """1, 2 and 4 threads give the same spikes and the same traces, bit for bit."""

    def run(threads: int) -> Result:
        options = {"timestep": 0.1, "seed": 5, "threads": threads, "precision": precision, "equations": way}
        with Simulator(NativeBackend, **options) as sim:
            cells = network(sim, ADAPTIVE, size=3000)
            sim.run(20.0)
            return result_of(cells)

    check_threads(run, 100)


@needs_compiler
@pytest.mark.parametrize("precision", ["double", "single"])
def test_results_do_not_depend_on_the_width_of_vectors(
    precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs on vectors as wide as the processor's has the bits of what runs on the narrowest, and on none."""
    compiler = next(found for name in ("c++", "g++", "clang++") if (found := which(name)))
    found = []
    for options in ("", "-DPYNN_CLONES=", "-DPYNN_CLONES= -fno-tree-vectorize"):
        script = tmp_path / f"compiler{len(found)}"
        script.write_text(f'#!/bin/sh\nexec {compiler} "$@" {options}\n')
        script.chmod(0o700)
        monkeypatch.setenv("CXX", str(script))
        with Simulator(NativeBackend, timestep=0.1, seed=5, precision=precision, equations="compiled") as sim:
            cells = network(sim, ADAPTIVE)
            sim.run(60.0)
            found.append(result_of(cells))

    assert len(found[0].spikes) > 100
    for other in found[1:]:
        assert other.spikes == found[0].spikes
        assert np.array_equal(other.v, found[0].v)


SCRIPT = """
import hashlib, sys
import numpy as np
import pyNN.native as sim
from pyNN.testing.solved import CONDUCTANCE
sim.setup(timestep=0.1, seed=2, equations=sys.argv[1], precision=sys.argv[2])
celltype = sim.native_cell_type(CONDUCTANCE)(i_offset=np.linspace(0.5, 1.2, 300), v_rest=np.linspace(-66.0, -64.0, 300))
cells = sim.Population(300, celltype)
few, synapse = sim.FixedNumberPreConnector(10), sim.StaticSynapse(weight=0.01, delay=1.0)
sim.Projection(cells, cells, few, synapse, receptor_type="excitatory")
cells.record(["spikes", "v"])
sim.run(60.0)
data = cells.get_data().segments[0]
if sim.rank() == 0:
    order = np.argsort(data.analogsignals[0].array_annotations["channel_index"])
    digest = hashlib.sha256(np.ascontiguousarray(data.analogsignals[0].magnitude[:, order]).tobytes())
    for train in sorted(data.spiketrains, key=lambda t: t.annotations["source_index"]):
        digest.update(train.magnitude.tobytes())
    print(sum(map(len, data.spiketrains)), digest.hexdigest())
"""


@needs_compiler
@needs_mpi
@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("way", ["compiled", "numpy"])
def test_two_processes_are_one_to_the_bit(way: str, precision: str, own_cache: Path) -> None:
    """Also where both find an empty cache and want to compile at the same time."""
    fresh = {"CAWAN_CACHE": str(own_cache / f"ranks-{way}-{precision}")}
    said = [on_processes(processes, "-c", SCRIPT, way, precision, environment=fresh).split() for processes in (2, 0)]

    assert int(said[0][0]) > 100
    assert said[0] == said[1]


def test_without_a_compiler_cells_are_solved_in_numpy_and_the_user_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No compiler on PATH and none compiled before: a leaky integrator is its closed form all the same."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    _tell_once.cache_clear()
    with caplog.at_level(logging.WARNING), Simulator(NativeBackend, timestep=0.1) as sim:
        kind = sim.names["native_cell_type"](DELTA)
        cells, _ = (sim.Population(3, kind(i_offset=0.5, tau_m=[5.0, 10.0, 20.0])) for _ in range(2))
        cells.record("v")
        sim.run(30.0)
        v = result_of_v(cells)

    expected = -65.0 + 0.5 * np.array([5.0, 10.0, 20.0]) * -np.expm1(-np.arange(301)[:, None] * 0.1 / [5.0, 10.0, 20.0])
    assert v == pytest.approx(expected, abs=1e-10)
    told = [record.getMessage() for record in caplog.records if "equations" in record.getMessage()]
    assert len(told) == 1 and "None of c++, g++, clang++ is on PATH" in told[0]


def test_without_a_compiler_who_wants_compiled_cells_hears_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """setup(equations="compiled") never falls back; a compiler that fails is named with what it said."""
    monkeypatch.setenv("CXX", str(tmp_path / "missing"))
    with Simulator(NativeBackend, timestep=0.1, equations="compiled") as sim:
        with pytest.raises(PyNNError, match=r"equations of Delta cannot be compiled.*missing is on PATH"):
            sim.Population(1, sim.names["native_cell_type"](DELTA)())
    monkeypatch.setenv("CXX", "/bin/false")
    with Simulator(NativeBackend, timestep=0.1) as sim:
        with pytest.raises(PyNNError, match=r"/bin/false could not compile .*setup\(equations=\"numpy\"\)"):
            sim.Population(1, sim.names["native_cell_type"](DELTA)())


@needs_compiler
def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAWAN_CACHE", str(tmp_path / "file" / "cache"))
    with Simulator(NativeBackend, timestep=0.1, equations="compiled") as sim:
        with pytest.raises(PyNNError, match=r"cannot be kept in .*file.*CAWAN_CACHE"):
            sim.Population(1, sim.names["native_cell_type"](DELTA)())


def result_of_v(cells: Any) -> Any:
    """The recorded membrane potentials, shape (n_samples, n_cells)."""
    return cells.get_data().segments[0].analogsignals[0].magnitude


@needs_compiler
def test_what_was_compiled_is_found_again(own_cache: Path) -> None:
    """The same equations are compiled once, whatever their parameters' defaults; others are others."""

    def run(**changes: Any) -> int:
        given = {"equations": "dv/dt = rate - v*v/1e4 : mV", "parameters": {"rate": 1.25}, **changes}
        with Simulator(NativeBackend, timestep=0.1, equations="compiled") as sim:
            sim.Population(1, sim.names["native_cell_type"](CellEquations("Cached", **given))())
            sim.run(1.0)
        return len(list(own_cache.glob("native/*/equations.so")))

    first = run()
    assert run(parameters={"rate": 3.0}) == first
    assert run(equations="dv/dt = rate - v*v*v/1e4 : mV") == first + 1


def test_no_text_of_the_user_is_compiled() -> None:
    """Names of C++, and whatever a name may say, are letters and numbers in the source."""
    kind = CellEquations(
        "printf", "dv/dt = int*double - NULL : mV\nddouble/dt = -main*v : 1\nmain = 2*int - v",
        parameters={"int": 1.0, "NULL": 2.0, "system": 3.0}, threshold="v > system", reset="double = int",
        receptors={"exit": "double"},
    )  # fmt: skip
    source = source_of(kind.checked)

    for name in ("NULL", "main", "system", "printf", "exit", "v >"):
        assert name not in source
    with Simulator(NativeBackend, timestep=0.1, equations="auto") as sim:
        sim.Population(1, sim.names["native_cell_type"](kind)())
        sim.run(1.0)


@needs_compiler
@pytest.mark.parametrize("way", ["compiled", "numpy"])
def test_a_membrane_that_leaves_all_numbers_stops_the_run(way: str) -> None:
    """dv/dt = v² from 1 mV is 1 / (1 - t), which is no number from 1 ms on; the message says which cell."""
    square = CellEquations("Square", "dv/dt = v**2 : mV", initial_values={"v": 0.0})
    with Simulator(NativeBackend, timestep=0.1, equations=way) as sim:
        cells = sim.Population(70, sim.names["native_cell_type"](square)(), label="squares")
        cells[66:67].initialize(v=1.0)
        with pytest.raises(NotFiniteError, match="squares") as error:
            sim.run(20.0)

    assert error.value.cell == 66


@needs_compiler
@pytest.mark.parametrize("way", ["compiled", "numpy"])
def test_the_error_falls_with_the_fourth_power_of_the_step(way: str) -> None:
    """A linear oscillator against cos(ω t): half the step, a sixteenth of the error (Kutta 1901)."""
    errors = []
    for step in (0.4, 0.2, 0.1):
        with Simulator(NativeBackend, timestep=0.4, equations=way) as sim:
            cells = sim.Population(3, sim.names["native_cell_type"](oscillator(step))(omega=0.5))
            cells.record("v")
            sim.run(40.0)
            v = result_of_v(cells)[:, 2]
        errors.append(np.abs(v - np.cos(0.5 * 0.4 * np.arange(len(v)))).max())

    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(4.0, abs=0.1)


def test_what_goes_wrong_in_a_step_in_numpy_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception inside a step stops the run and is raised there, not lost between Python and C++."""
    monkeypatch.setattr("pyNN.equations.Stepper.integrate", lambda *_: 1 // 0)
    with Simulator(NativeBackend, timestep=0.1, threads=2, equations="numpy") as sim:
        sim.Population(20000, sim.names["native_cell_type"](DELTA)())
        with pytest.raises(ZeroDivisionError):
            sim.run(10.0)


def test_ctrl_c_in_a_step_in_numpy_stops_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step under way is completed; then the run stops, and goes on as if nothing had been."""
    from pyNN.equations import Stepper

    plain, calls = Stepper.integrate, []

    def interrupted(*args: Any) -> None:
        plain(*args)
        calls.append(1)
        if len(calls) == 5:
            os.kill(os.getpid(), signal.SIGINT)

    found = []
    for stops in (0, 1):
        calls[:] = [] if stops else [1] * 10
        monkeypatch.setattr(Stepper, "integrate", interrupted)
        with Simulator(NativeBackend, timestep=0.1, equations="numpy") as sim:
            cells = sim.Population(3, sim.names["native_cell_type"](DELTA)(i_offset=2.0))
            cells.record(["v", "spikes"])
            if stops:
                with ctrl_c_heard(), pytest.raises(KeyboardInterrupt):
                    sim.run(100.0)
            sim.run_until(100.0)
            found.append(result_of(cells))

    assert found[1].spikes == found[0].spikes
    assert np.array_equal(found[1].v, found[0].v)
