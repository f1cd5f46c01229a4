"""Cell models against their papers' equations, solved apart with a fine step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.standardmodels.catalogue import CELL_TYPES
from pyNN.standardmodels.cells import LIF, AdExp, PointNeuron
from pyNN.standardmodels.receptors import AlphaPSR, BetaPSR, CurrExpPSR, ExpPSR
from pyNN.testing import equations as eq
from pyNN.testing.base import STEP, Bench, KitTests, times_of


@dataclass(frozen=True)
class Case:
    """How a standard cell is tried: its equations, receptor shapes, and a current that stays below threshold."""

    equations: eq.Equations
    shape: str
    subthreshold: float
    firing: float
    weight: float
    recorded: Sequence[str] = ("v",)
    tolerance: float = 0.02  # mV: 0.1 ms steps, reliability target for models without an exact solution
    extra: Mapping[str, float] | None = None
    late: float = 1.0  # steps for each interval


_CASES: Mapping[str, Case] = {
    "IF_curr_exp": Case(eq.LEAKY, "current", 0.3, 1.0, 0.5, tolerance=1e-3),
    "IF_cond_exp": Case(eq.LEAKY, "exp", 0.3, 1.0, 0.02, ("v", "gsyn_exc", "gsyn_inh")),
    "IF_cond_alpha": Case(eq.LEAKY, "alpha", 0.3, 1.0, 0.05, ("v", "gsyn_exc", "gsyn_inh")),
    "IF_facets_hardware1": Case(
        eq.LEAKY, "exp", 0.0, 0.0, 0.002, ("v", "gsyn_exc", "gsyn_inh"),
        extra={"cm": 0.2, "tau_m": 5.0, "tau_refrac": 1.0, "e_rev_E": 0.0},
    ),
    "IF_cond_exp_gsfa_grr": Case(eq.SAGGING, "exp", 0.3, 1.0, 0.02, ("v", "gsyn_exc", "g_s", "g_r")),
    "EIF_cond_exp_isfa_ista": Case(eq.ADAPTING, "exp", 0.2, 0.9, 0.01, ("v", "w", "gsyn_exc")),
    "EIF_cond_alpha_isfa_ista": Case(eq.ADAPTING, "alpha", 0.2, 0.9, 0.01, ("v", "w", "gsyn_inh")),
    # forward Euler, which NEST takes, is off by half a step's change
    "Izhikevich": Case(eq.QUADRATIC, "none", 0.002, 0.01, 0.0, ("v", "u"), tolerance=0.12, late=3.0),
    "HH_cond_exp": Case(
        eq.CHANNELS, "exp", 0.0, 0.5, 0.003, ("v", "gsyn_exc", "m", "h", "n"), tolerance=0.05, late=2.0,
    ),
}  # fmt: skip


class ModelTests(KitTests):
    """Every cell type of the table."""

    def test_models_follow_the_equations_of_their_papers(self) -> None:
        """Below threshold, under a current and two inputs, every variable is that of the paper's equations."""
        for name, case in self._cases():
            expected = _solution(name, case, case.subthreshold, 15.0)
            with self.bench() as bench:
                reads = self._driven(bench, name, case, case.subthreshold)
                bench.advance(15.0)
                found = {variable: read().values[:, 0] for variable, read in reads.items()}

            assert not expected.spikes, name
            for variable in found:
                close = (
                    case.tolerance if variable == "v" else 0.02 * max(np.abs(expected.samples[variable]).max(), 1e-9)
                )
                assert found[variable] == pytest.approx(expected.samples[variable], abs=close), (name, variable)

    def test_models_fire_when_their_equations_do(self) -> None:
        """Under a strong current the first spikes are those of the paper's equations, to a step each interval.

        A maximum is known only at the second step after it, so Hodgkin-Huxley cells have two. Izhikevich's equations
        by forward Euler, which NEST takes, are late by three.
        """
        for name, case in self._cases():
            if not case.firing:
                continue
            expected = _solution(name, case, case.firing, 30.0).spikes[:3]
            with self.bench() as bench:
                cells = bench.cells(name, 1, i_offset=case.firing)
                self._inputs(bench, cells, case)
                spikes = bench.record(cells, "spikes")
                bench.advance(30.0)
                found = times_of(spikes())[:3]

            assert len(found) == len(expected) and expected, name
            bound = case.late * STEP * np.arange(1, len(expected) + 1) + 1e-6
            assert np.all(np.abs(found - np.array(expected)) <= bound), (name, found, expected)

    def test_models_of_channels_trace_the_whole_spike(self) -> None:
        """v of the Hodgkin-Huxley cell follows the equations through upstroke, peak and undershoot, within 1 mV.

        At the steepest v changes by some 30 mV a step, so a spike late by a twentieth of a step would be seen.
        """
        self.needs("HH_cond_exp")
        expected = _solution("HH_cond_exp", _CASES["HH_cond_exp"], 0.5, 15.0)
        with self.bench() as bench:
            cells = bench.cells("HH_cond_exp", 1, i_offset=0.5)
            self._inputs(bench, cells, _CASES["HH_cond_exp"])
            v = bench.record(cells, "v")
            bench.advance(15.0)
            values = v().values[:, 0]

        assert values.max() > 30.0
        assert values == pytest.approx(expected.samples["v"], abs=1.0)

    def test_models_of_channels_begin_with_the_gates_that_are_set(self) -> None:
        """m, h and n, of each cell by itself, are those that were set, and move from there as the equations say."""
        self.needs("HH_cond_exp")
        gates = {"m": (0.1, 0.3), "h": (0.4, 0.8), "n": (0.7, 0.5)}
        if not gates.keys() <= self.backend.models["HH_cond_exp"].variables.keys():
            pytest.skip(f"{self.backend.name} has no m, h and n to set")
        given: dict[str, Any] = {name: np.array(values) for name, values in gates.items()}
        with self.bench() as bench:
            cells = bench.cells("HH_cond_exp", 2, **given)
            reads = {name: bench.record(cells, name, (0, 1)) for name in gates}
            v = bench.record(cells, "v", (0, 1))
            bench.advance(2.0)
            found = {"v": v().values, **{name: read().values for name, read in reads.items()}}

        for k in (0, 1):
            begin = [-65.0, *(values[k] for values in gates.values())]
            case = Case(replace(eq.CHANNELS, state=partial(_state, begin)), "none", 0.0, 0.0, 0.0)
            expected = _solution("HH_cond_exp", case, 0.0, 2.0)
            for name, values in found.items():
                bound = 0.05 if name == "v" else 0.01
                assert values[:, k] == pytest.approx(expected.samples[name], abs=bound), (name, k)
            assert [found[name][0, k] for name in reads] == [gates[name][k] for name in reads]

    def test_models_move_each_cell_by_itself(self) -> None:
        """A cell under 20 µS, too stiff for one step of an explicit method, changes no other, and relaxes afterwards.

        While the conductance decays, its neighbour of the same population is where it would be without; once it has, v
        of the strong cell decays to v_rest with tau_m.
        """
        leaky = ("IF_cond_exp", "IF_cond_alpha", "IF_cond_exp_gsfa_grr")
        names = [name for name in leaky if name in self.backend.models]
        if not names:
            pytest.skip(f"{self.backend.name} has no leaky cell with conductances")
        for name in names:
            weak, strong = (self._beside(name, weight) for weight in (0.01, 20.0))

            assert np.ptp(weak[:, 1]) > 0.1, name
            assert strong[:, 1] == pytest.approx(weak[:, 1], rel=0, abs=1e-9), name
            assert strong[:, 0].max() > -1.0, name
            left = (strong[200, 0] + 65.0) * np.exp(-5.0 / 20.0)
            assert strong[250, 0] + 65.0 == pytest.approx(left, abs=0.02), name

    def _beside(self, name: str, weight: float) -> Array:
        """v of a cell under this weight, which decays within ms, and of its neighbour under 0.01 µS."""
        with self.bench() as bench:
            cells = bench.cells(name, 2, v_thresh=50.0, tau_m=20.0, v_rest=-65.0, tau_syn_E=1.0)
            rows = [([0, 0], [0, 1], {"weight": [weight, 0.01]})]
            bench.connect(bench.source([2.0]), cells, rows, receptor="excitatory", delay=1.0)
            v = bench.record(cells, "v", (0, 1))
            bench.advance(25.0)
            return np.asarray(v().values)

    def test_models_of_delta_currents_jump_by_the_weight(self) -> None:
        """A spike moves v by its weight in mV, decaying with tau_m; while the cell is refractory it does nothing."""
        self.needs("IF_curr_delta")
        with self.bench() as bench:
            cells = bench.cells("IF_curr_delta", 1, tau_m=10.0, tau_refrac=5.0)
            source = bench.source([2.0], [10.0, 13.0])
            bench.connect(source, cells, [([0, 1], [0, 0], {"weight": [4.0, 20.0]})], delay=1.0)
            v, spikes = bench.record(cells, "v"), bench.record(cells, "spikes")
            bench.advance(20.0)
            values, fired = v().values[:, 0], times_of(spikes())

        rising = np.arange(70) * STEP
        assert values[31:101] == pytest.approx(-65.0 + 4.0 * np.exp(-(rising + STEP) / 10.0), abs=1e-9)
        assert fired == pytest.approx([11.0], abs=1e-6)
        assert values[115:155] == pytest.approx(np.full(40, -65.0), abs=1e-9)

    def test_models_generalised_fire_by_chance(self) -> None:
        """With v held at a distance from the threshold, counts are those of the hazard lambda0.

        Pozzorini et al. (2015), eq. 2, a geometric number of steps from spike to spike; within four standard errors.
        """
        self.needs("GIF_cond_exp")
        size, duration, rate = 300, 60.0, 100.0  # Hz
        with self.bench() as bench:
            cells = bench.cells(
                "GIF_cond_exp", size, stream=11, v_t_star=-65.0, lambda0=rate, tau_refrac=STEP, a_eta=(0.0,),
                tau_eta=(1.0,), a_gamma=(0.0,), tau_gamma=(1.0,),
            )  # fmt: skip
            spikes = bench.record(cells, "spikes", range(size))
            bench.advance(duration)
            counts = np.bincount(np.asarray(spikes().index), minlength=size)

        hazard = -np.expm1(-rate * STEP / 1000.0)
        expected = duration / STEP / (1 / hazard + 1)  # one step of refractoriness after each spike
        assert counts.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / size))
        assert counts.var(ddof=1) == pytest.approx(expected, rel=4 * np.sqrt(2 / size) + 0.02)

    def test_models_generalised_adapt_as_their_kernels(self) -> None:
        """A spike adds a_eta to i_eta and a_gamma to v_t, each exponential decaying with its own constant."""
        self.needs("GIF_cond_exp")
        with self.bench() as bench:
            cells = bench.cells(
                "GIF_cond_exp", 1, i_offset=2.0, lambda0=1000.0, delta_v=0.01, v_t_star=-60.0, tau_refrac=4.0,
                a_eta=(0.5, 0.2), tau_eta=(2.0, 50.0), a_gamma=(40.0,), tau_gamma=(30.0,),
            )  # fmt: skip
            spikes = bench.record(cells, "spikes")
            eta, threshold = bench.record(cells, "i_eta"), bench.record(cells, "v_t")
            bench.advance(20.0)
            fired = times_of(spikes())
            i_eta, v_t = eta().values[:, 0], threshold().values[:, 0]

        assert len(fired) == 1
        since = np.arange(201) * STEP - fired[0]
        late = since > 2 * STEP
        wanted = 0.5 * np.exp(-since / 2.0) + 0.2 * np.exp(-since / 50.0)
        assert i_eta[late] == pytest.approx(wanted[late], abs=1.1 * STEP * (0.5 / 2.0 + 0.2 / 50.0))
        assert v_t[late] == pytest.approx((-60.0 + 40.0 * np.exp(-since / 30.0))[late], abs=1.1 * STEP * 40.0 / 30.0)
        assert v_t[: np.flatnonzero(since >= -2 * STEP)[0]] == pytest.approx(-60.0)

    def test_models_of_parts_have_each_receptor(self) -> None:
        """A PointNeuron's receptors act side by side, each with its own shape, reversal potential and record."""
        self.needs("PointNeuron")
        fast, slow = ExpPSR(tau_syn=2.0, e_syn=0.0), AlphaPSR(tau_syn=4.0, e_syn=-20.0)
        inhibiting = BetaPSR(tau_rise=0.5, tau_decay=6.0, e_syn=-80.0)
        currents = {"one": CurrExpPSR(tau_syn=3.0), "two": CurrExpPSR(tau_syn=8.0)}
        conductances: list[dict[str, Any]] = [
            {"fast": fast, "slow": slow, "inhibiting": inhibiting}, {"slow": slow, "inhibiting": inhibiting},
            {"slow": slow, "late": AlphaPSR(tau_syn=9.0, e_syn=-60.0)},
        ]  # fmt: skip
        tried = [
            self._compare_parts(PointNeuron(membrane, **receptors), equations, weight)
            for membrane, equations in ((LIF(i_offset=0.2), eq.LEAKY), (AdExp(i_offset=0.1), eq.ADAPTING))
            for receptors, weight in [*((group, 0.01) for group in conductances), (currents, 0.2)]
        ]
        assert any(tried), f"{self.backend.name} has a row of PointNeuron and takes none of these"

    def _compare_parts(self, neuron: PointNeuron, equations: eq.Equations, weight: float) -> bool:
        """Whether the backend has a neuron of these parts; if so, it moves as the equations say."""
        try:
            self.backend().resolve(*neuron.composition)
        except LookupError:
            return False
        shapes = {name: _SHAPES[type(part)](part.given) for name, part in neuron.post_synaptic_receptors.items()}
        arrivals = {name: (3.0 + 2.0 * k, 9.0) for k, name in enumerate(shapes)}
        with self.bench() as bench:
            cells = bench.cells(neuron)
            kind = "gsyn" if neuron.conductance_based else "isyn"
            shown = [name for name in shapes if f"{name}.{kind}" in bench.variables(cells)]
            reads = {name: bench.record(cells, f"{name}.{kind}") for name in shown}
            v = bench.record(cells, "v")
            for name, times in arrivals.items():
                source = bench.source([t - 1.0 for t in times])
                bench.connect(source, cells, [([0], [0], {})], receptor=name, weight=weight, delay=1.0)
            bench.advance(20.0)
            found, values = {name: read().values[:, 0] for name, read in reads.items()}, v().values[:, 0]

        p = {name: float(value) for name, value in neuron.neuron.given.items()}
        inputs = {name: eq.Input(arrivals[name], weight, shape, neuron.given.get(f"{name}.e_syn"))
                  for name, shape in shapes.items()}  # fmt: skip
        expected = eq.solve(equations, p, list(inputs.values()), 20.0, STEP)
        assert values == pytest.approx(expected.samples["v"], abs=0.02)
        clock = np.arange(201) * STEP
        for name in shown:
            wanted = np.array([inputs[name].at(t + 1e-9) for t in clock])
            assert found[name] == pytest.approx(wanted, abs=1e-6 * weight), name
        return True

    def _cases(self) -> list[tuple[str, Case]]:
        return [(name, case) for name, case in _CASES.items() if name in self.backend.models]

    def _driven(self, bench: Bench, name: str, case: Case, current: float) -> dict[str, Any]:
        given: dict[str, Any] = {"i_offset": current} if current else {}
        cells = bench.cells(name, 1, **given)
        self._inputs(bench, cells, case)
        known = bench.variables(cells)
        return {variable: bench.record(cells, variable) for variable in case.recorded if variable in known}

    def _inputs(self, bench: Bench, cells: Any, case: Case) -> None:
        if case.weight:
            sign = -1.0 if case.shape == "current" else 1.0
            source = bench.source([4.0, 9.0], [7.0])
            bench.connect(source, cells, [([0], [0], {})], receptor="excitatory", weight=case.weight, delay=1.0)
            bench.connect(source, cells, [([1], [0], {})], receptor="inhibitory", weight=sign * case.weight, delay=1.0)


_SHAPES: Mapping[type[Any], Callable[[Mapping[str, Any]], Any]] = {
    ExpPSR: lambda p: eq.exponential(p["tau_syn"]), AlphaPSR: lambda p: eq.alpha(p["tau_syn"]),
    BetaPSR: lambda p: eq.beta(p["tau_rise"], p["tau_decay"]), CurrExpPSR: lambda p: eq.exponential(p["tau_syn"]),
}  # fmt: skip


def _solution(name: str, case: Case, current: float, duration: float) -> eq.Solution:
    """The fine solution, with the synaptic variables that the cell records."""
    numbers = {key: p.default for key, p in CELL_TYPES[name].parameters.items() if isinstance(p.default, float)}
    p: dict[str, float] = {**numbers, **(case.extra or {}), "i_offset": current}
    inputs = []
    if case.weight:
        for letter, times, sign in (("E", (5.0, 10.0), 1.0), ("I", (8.0,), -1.0)):
            tau = p[f"tau_syn_{letter}"]
            shape = eq.alpha(tau) if case.shape == "alpha" else eq.exponential(tau)
            reversal = None if case.shape == "current" else p[f"e_rev_{letter}"]
            weight = sign * case.weight if case.shape == "current" else case.weight
            inputs.append(eq.Input(times, weight, shape, reversal))
    found = eq.solve(case.equations, p, inputs, duration, STEP)
    clock: Array = np.arange(round(duration / STEP) + 1) * np.float64(STEP)
    for variable, one in zip(("gsyn_exc", "gsyn_inh"), inputs, strict=False):
        found.samples[variable] = _sampled(one, clock)
    return found


def _state(begin: Sequence[float], p: Mapping[str, float]) -> list[float]:
    """Where a cell begins, whatever its parameters are."""
    return list(begin)


def _sampled(one: eq.Input, clock: Array) -> Array:
    return np.array([one.at(t + 1e-9) for t in clock])
