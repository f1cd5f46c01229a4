"""Simulator backends with one planted bug each in their models: the kit must fail, by exactly these tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import NativeModel, Ragged, Tag, Wiring
from pyNN._reference import ReferenceBackend
from pyNN._reference.cells import CurrDelta
from pyNN._reference.gaps import Gaps
from pyNN._reference.membranes import Gif, HodgkinHuxley, Membrane
from pyNN._reference.plasticity import Plastic
from pyNN._reference.stochastic import Quantal
from pyNN.testing import BackendKit


class Planted(ReferenceBackend):
    """The reference, ready for a bug in what it is told at ``create`` and ``connect``."""

    interface: ClassVar[int] = 1
    cell_factors: ClassVar[Mapping[str, float]] = {}
    synapse_factors: ClassVar[Mapping[str, float]] = {}

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """Some values times a factor, then whatever the bug does to the block."""
        values = {n: v * self.cell_factors[n] if n in self.cell_factors else v for n, v in values.items()}
        block = super().create(model, size, values, tag)
        self.spoil(block)
        return block

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Some values times a factor, then whatever the bug does to the block."""
        common = {n: v * self.synapse_factors.get(n, 1.0) for n, v in wiring.common.items()}
        made = super().connect(model, pre, post, receptor, Wiring(wiring.chunks, common), tag)
        self.spoil(made)
        return made

    def spoil(self, block: Any) -> None:
        """The bug, in a block."""


class MembraneTimeConstant(Planted):
    """tau_m x 1.1."""

    cell_factors = {"tau_m": 1.1, "tau_w": 1.1}


class TestMembraneTimeConstant(BackendKit):
    """Membrane time constant x 1.1."""

    backend = MembraneTimeConstant
    known_failures = {
        "test_models_follow_the_equations_of_their_papers": "must catch: membrane time constant x 1.1",
        "test_models_fire_when_their_equations_do": "must catch: membrane time constant x 1.1",
    }


class ChannelsFivePercentStrong(Planted):
    """Sodium x 1.05, in the Hodgkin-Huxley cell alone."""

    cell_factors = {"gbar_Na": 1.05, "gbar_K": 1.05}


class TestChannelsFivePercentStrong(BackendKit):
    """Channels x 1.05."""

    backend = ChannelsFivePercentStrong
    known_failures = {"test_models_of_channels_trace_the_whole_spike": "must catch: channels x 1.05"}


class GatesMixedUp(Planted):
    """Gives n where m is recorded, and m where n is."""

    def record(self, block: Any, variable: str, index: Any, interval: float) -> Any:
        """Of the wrong gate."""
        return super().record(block, {"m": "n", "n": "m"}.get(variable, variable), index, interval)


class TestGatesMixedUp(BackendKit):
    """Gates mixed up."""

    backend = GatesMixedUp
    known_failures = {
        "test_models_follow_the_equations_of_their_papers": "must catch: gates mixed up",
        "test_models_of_channels_begin_with_the_gates_that_are_set": "must catch: gates mixed up",
    }


class GatesAtRest(Planted):
    """Lets every gate begin where it does by default, whatever it is set to."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """All but the gates."""
        rest = {"m": 0.0, "h": 1.0, "n": 0.0}
        super().set(block, {name: rest.get(name, value) for name, value in values.items()}, index)


class TestGatesAtRest(BackendKit):
    """Gates at rest."""

    backend = GatesAtRest
    known_failures = {"test_models_of_channels_begin_with_the_gates_that_are_set": "must catch: gates at rest"}


class AdaptationInWrongUnit(Planted):
    """Takes a in nS for µS."""

    cell_factors = {"a": 1000.0}


class TestAdaptationInWrongUnit(BackendKit):
    """Adaptation in the wrong unit."""

    backend = AdaptationInWrongUnit
    known_failures = {"test_models_follow_the_equations_of_their_papers": "must catch: adaptation in the wrong unit"}


class StiffNeighbour(Planted):
    """Lets no conductance decay in a step in which one of the cells is stiff."""

    def spoil(self, block: Any) -> None:
        """Of the whole block."""
        if isinstance(block, Membrane):
            integrate = block.integrate

            def step() -> Any:
                """One step."""
                kept = {name: block.values[name].copy() for name in block.moved()}
                stiff = block.pull().max() * block.timestep > 1.0
                v = integrate()
                if stiff:
                    block.values.update(kept)
                return v

            block.integrate = step  # type: ignore[method-assign]  # the bug


class TestStiffNeighbour(BackendKit):
    """Stiff neighbour."""

    backend = StiffNeighbour
    known_failures = {"test_models_move_each_cell_by_itself": "must catch: stiff neighbour"}


class SpikeAtCrossing(Planted):
    """Lets a Hodgkin-Huxley cell fire when it crosses a low level, not at its peak."""

    def spoil(self, block: Any) -> None:
        """Upwards through the level."""
        if isinstance(block, HodgkinHuxley):
            level = block.values["v_offset"] - 10.0
            block.fires = lambda step: (block.values["v"] >= level) & (block._before < level)  # type: ignore[method-assign]  # the bug


class TestSpikeAtCrossing(BackendKit):
    """Spike at the crossing."""

    backend = SpikeAtCrossing
    known_failures = {"test_models_fire_when_their_equations_do": "must catch: spike at the crossing"}


class InputWhileRefractory(Planted):
    """Adds delta input to refractory cells too."""

    def spoil(self, block: Any) -> None:
        """To all cells."""
        if isinstance(block, CurrDelta):
            values = block.values

            def receive(receptor: int, weight: Any) -> None:
                """Whatever the cell does."""
                values["v"] += weight

            block.receive = receive  # type: ignore[method-assign]  # the bug


class TestInputWhileRefractory(BackendKit):
    """Input while refractory."""

    backend = InputWhileRefractory
    known_failures = {"test_models_of_delta_currents_jump_by_the_weight": "must catch: input while refractory"}


class HazardTooHigh(Planted):
    """lambda0 x 1.2."""

    cell_factors = {"lambda0": 1.2}


class TestHazardTooHigh(BackendKit):
    """Hazard x 1.2."""

    backend = HazardTooHigh
    known_failures = {"test_models_generalised_fire_by_chance": "must catch: hazard x 1.2"}


class KernelsAfterRefractoriness(Planted):
    """Adds to the kernels when the refractory time is over, as upstream's mechanism for NEURON does."""

    def spoil(self, block: Any) -> None:
        """Shrink what a spike adds to what would be left of it then, which is too little before."""
        if isinstance(block, Gif):
            for kernel in ("eta", "gamma"):
                block.values[f"a_{kernel}"] = block.values[f"a_{kernel}"] * np.exp(-4.0 / block.values[f"tau_{kernel}"])


class TestKernelsAfterRefractoriness(BackendKit):
    """Kernels after refractoriness."""

    backend = KernelsAfterRefractoriness
    known_failures = {"test_models_generalised_adapt_as_their_kernels": "must catch: kernels after refractoriness"}


class ReceptorsMixedUp(Planted):
    """Sends the input of every receptor of a composed neuron to the first."""

    def spoil(self, block: Any) -> None:
        """One receptor."""
        if isinstance(block, Membrane):
            receive = block.receive
            block.receive = lambda receptor, weight: receive(0, weight)  # type: ignore[method-assign]  # the bug


class TestReceptorsMixedUp(BackendKit):
    """Receptors mixed up."""

    backend = ReceptorsMixedUp
    known_failures = {"test_models_of_parts_have_each_receptor": "must catch: receptors mixed up"}


class NoRowsUnheardOf(Planted):
    """Asks a wiring for its weights, which one without rows does not have."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Look at what is given."""
        given = {name for edges in wiring.chunks() for name in edges.values}
        if "weight" in model.parameters and "weight" not in wiring.common.keys() | given:
            raise KeyError("weight")
        return super().connect(model, pre, post, receptor, wiring, tag)


class TestNoRowsUnheardOf(BackendKit):
    """No rows unheard of."""

    backend = NoRowsUnheardOf
    known_failures = {"test_synapses_of_every_type_may_be_none": "must catch: no rows unheard of"}


class LearningFivePercentStrong(Planted):
    """Every change of a weight x 1.05."""

    synapse_factors = {"A_plus": 1.05, "A_minus": 1.05, "eta": 1.05}


class TestLearningFivePercentStrong(BackendKit):
    """Learning x 1.05."""

    backend = LearningFivePercentStrong
    known_failures = {
        "test_stdp_pairs_every_spike_with_every_spike": "must catch: learning x 1.05",
        "test_stdp_of_inhibition_steers_by_the_target_rate": "must catch: learning x 1.05",
        "test_stdp_counts_the_delay_on_either_side_of_the_synapse": "must catch: learning x 1.05",
        "test_stdp_sends_the_weight_that_was_learnt": "must catch: learning x 1.05",
    }


class DendriticDelayIgnored(Planted):
    """Puts the whole delay before the synapse."""

    synapse_factors = {"dendritic_delay_fraction": 0.0}


class TestDendriticDelayIgnored(BackendKit):
    """Dendritic delay ignored."""

    backend = DendriticDelayIgnored
    known_failures = {
        "test_stdp_counts_the_delay_on_either_side_of_the_synapse": "must catch: dendritic delay ignored",
        "test_stdp_pairs_every_spike_with_every_spike": "must catch: dendritic delay ignored",
    }


class NearestPairsOnly(Planted):
    """Pairs a spike with the last one of the other side alone, as upstream's rules for NEURON do."""

    def spoil(self, block: Any) -> None:
        """A trace that forgets."""
        if isinstance(block, Plastic):
            for trace in (block._pre_trace, block._post_trace):
                self._forget(trace)

    @staticmethod
    def _forget(trace: Any) -> None:
        add = trace.add

        def forgetful(rows: Any, step: int, timestep: float, tau: Any) -> None:
            """Nothing of earlier spikes stays."""
            add(rows, step, timestep, tau)
            trace.before[rows] = 0.0

        trace.add = forgetful


class TestNearestPairsOnly(BackendKit):
    """Nearest pairs only."""

    backend = NearestPairsOnly
    known_failures = {
        "test_stdp_pairs_every_spike_with_every_spike": "must catch: nearest pairs only",
        "test_stdp_of_inhibition_steers_by_the_target_rate": "must catch: nearest pairs only",
    }


class FirstWeightSent(Planted):
    """Learns, but acts with the weight of the beginning."""

    def spoil(self, block: Any) -> None:
        """Remember it."""
        if isinstance(block, Plastic):
            first, arrive = block.values["weight"].copy(), block.arrive
            block.arrive = lambda rows, weights, steps: arrive(rows, first[rows], steps)  # type: ignore[method-assign]  # the bug


class TestFirstWeightSent(BackendKit):
    """First weight sent."""

    backend = FirstWeightSent
    known_failures = {"test_stdp_sends_the_weight_that_was_learnt": "must catch: first weight sent"}


class BoundsIgnored(Planted):
    """Lets weights grow ten times as far as w_max allows."""

    synapse_factors = {"w_max": 10.0}


class TestBoundsIgnored(BackendKit):
    """Bounds ignored."""

    backend = BoundsIgnored
    known_failures = {"test_stdp_stays_within_bounds": "must catch: bounds ignored"}


class ChanceIgnored(Planted):
    """Passes every spike."""

    synapse_factors = {"p": 1e9}


class TestChanceIgnored(BackendKit):
    """Chance ignored."""

    backend = ChanceIgnored
    known_failures = {"test_chance_simple_synapses_pass_a_share_of_spikes": "must catch: chance ignored"}


class SitesNeverEmpty(Planted):
    """Fills every release site at once."""

    def spoil(self, block: Any) -> None:
        """Recovery in no time."""
        if isinstance(block, Quantal):
            block.values["tau_rec"] = block.values["tau_rec"] * 1e-6


class TestSitesNeverEmpty(BackendKit):
    """Sites never empty."""

    backend = SitesNeverEmpty
    known_failures = {
        "test_chance_sites_release_and_recover": "must catch: sites never empty",
        "test_chance_several_sites_release_each_on_its_own": "must catch: sites never empty",
    }


class FirstUseWithoutU(Planted):
    """Takes the u that was set for that of the first spike, as NEST's quantal_stp_synapse does."""

    def connect(self, model: Any, pre: Any, post: Any, receptor: str, wiring: Any, tag: Any) -> Any:
        """Nothing is set yet."""
        made = super().connect(model, pre, post, receptor, wiring, tag)
        if made is not None:
            made.use = made.values.get("U")
        return made

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """u less by what U will add."""
        use = getattr(block, "use", None)
        if "u" in values and use is not None:
            values = {**values, "u": (values["u"] - use) / np.maximum(1.0 - use, 1e-9)}
        super().set(block, values, index)


class TestFirstUseWithoutU(BackendKit):
    """First use without U."""

    backend = FirstUseWithoutU
    known_failures = {
        "test_chance_of_the_first_spike_is_above_the_use_that_was_set": "must catch: first use without U",
    }


class SitesCountedOnce(Planted):
    """Keeps the number of sites with which synapses were made, whatever is set."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Leave n out."""
        super().set(block, {name: value for name, value in values.items() if name != "n"}, index)


class TestSitesCountedOnce(BackendKit):
    """Sites counted once."""

    backend = SitesCountedOnce
    known_failures = {"test_chance_sites_that_are_added_are_full": "must catch: sites counted once"}


class UseForgotten(Planted):
    """Begins with u = 0, whatever was set."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Leave u out."""
        super().set(block, {name: value for name, value in values.items() if name != "u"}, index)


class TestUseForgotten(BackendKit):
    """Use forgotten."""

    backend = UseForgotten
    known_failures = {"test_chance_begins_with_the_use_that_was_set": "must catch: use forgotten"}


class DrawsInOrderOfCreation(Planted):
    """Takes numbers from one generator that all synapses share, as upstream's backends do."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """A key that counts blocks."""
        return super().connect(model, pre, post, receptor, wiring, Tag(tag.label, len(self._synapses)))


class TestDrawsInOrderOfCreation(BackendKit):
    """Draws in order of creation."""

    backend = DrawsInOrderOfCreation
    known_failures = {"test_chance_depends_on_the_stream_alone": "must catch: draws in order of creation"}


class OneWayJunction(Planted):
    """Lets the current of a gap junction flow into the second cell alone."""

    def spoil(self, block: Any) -> None:
        """The first cell feels nothing."""
        if isinstance(block, Gaps):

            def flow() -> None:
                """One side."""
                difference = block.first.values["v"][block.pre] - block.second.values["v"][block.post]
                np.add.at(block.second.current, block.post, block.values["weight"] * difference)

            block.flow = flow  # type: ignore[method-assign]  # the bug


class TestOneWayJunction(BackendKit):
    """One-way junction."""

    backend = OneWayJunction
    known_failures = {"test_gaps_pull_both_cells_together": "must catch: one-way junction"}


class JunctionFixed(Planted):
    """Does not let a gap junction change."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Deaf."""
        if not isinstance(block, Gaps):
            super().set(block, values, index)


class TestJunctionFixed(BackendKit):
    """Junction fixed."""

    backend = JunctionFixed
    known_failures = {"test_gaps_change_in_mid_run": "must catch: junction fixed"}


class EverySecondSpikeLost(Planted):
    """Forgets every second spike of a source that it is fed."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Half of them."""
        times = values.get("spike_times")
        if isinstance(times, Ragged) and len(times.data):
            rows = [times.row(k)[::2] for k in range(len(times))]
            splits = np.cumsum([0, *map(len, rows)], dtype=np.int64)
            values = {**values, "spike_times": replace(times, data=np.concatenate(rows), splits=splits)}
        super().set(block, values, index)


class TestEverySecondSpikeLost(BackendKit):
    """Every second spike lost."""

    backend = EverySecondSpikeLost
    known_failures = {
        "test_sources_with_dead_time_have_rate_and_intervals": "must catch: every second spike lost",
        "test_sources_of_gamma_intervals_have_their_shape": "must catch: every second spike lost",
        "test_sources_of_changing_intensity_follow_it": "must catch: every second spike lost",
    }
