"""Brunel's network of ``brunel.py`` as a user of Brian 2 writes it in C++ standalone mode: in mV, nF and nA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from brian2_program import Program
from vogels_abbott import TIMESTEP

if TYPE_CHECKING:
    from brunel import Network, Run

_DELTA = "dv/dt = -v / (tau_m * ms) : 1 (unless refractory)"
_EXPONENTIAL = """
dv/dt = -v / (tau_m * ms) + (exc + inh) / (capacity * ms) : 1 (unless refractory)
dexc/dt = -exc / (tau_syn * ms) : 1
dinh/dt = -inh / (tau_syn * ms) : 1
"""
# The rule of Song, Miller and Abbott (2000) as in Brian 2's tutorial, with weights and bounds of the network.
_LEARNING = """
w : 1
dearlier/dt = -earlier / (tau_plus * ms) : 1 (event-driven)
dlater/dt = -later / (tau_minus * ms) : 1 (event-driven)
"""
_ON_PRE = """
{receptor}_post += w{awake}
earlier += A_plus * w_max
w = clip(w - later, 0, w_max)
"""
_ON_POST = """
later += A_minus * w_max
w = clip(w + earlier, 0, w_max)
"""


class Brunel:
    """The compiled network; each ``measure`` runs it from the beginning."""

    def __init__(self, network: Network, constants: dict[str, float], learning: dict[str, float], begin: float) -> None:
        self._network, self._constants, self._learning, self._begin = network, constants, learning, begin
        self._program = Program(self._describe, network.threads, network.seed)

    def _describe(self) -> None:
        import brian2

        network, values = self._network, self._constants
        exc, inh = ("exc", "inh") if network.exponential else ("v", "v")
        awake = "" if network.exponential else " * int(not_refractory_post)"
        group = brian2.NeuronGroup(
            network.size, _EXPONENTIAL if network.exponential else _DELTA, method="exact",
            threshold="v >= v_thresh", reset="v = v_reset", refractory=values["tau_refrac"] * brian2.ms,
            namespace=values,
        )  # fmt: skip
        # As many spikes of the drive as a Poisson source sends in a step, with its weight.
        mean = network.drive * TIMESTEP / 1000.0
        drawn = f"{exc} += {network.weight!r} * poisson({mean!r}){awake.replace('_post', '')}"
        group.run_regularly(drawn, dt=TIMESTEP * brian2.ms, when="synapses")
        made: list[Any] = []
        inhibition = f"{inh}_post += {-values['g'] * network.weight!r}{awake}"
        for first, last, count, on_pre in (
            (0, network.excitatory, network.in_degree[0], f"{exc}_post += {network.weight!r}{awake}"),
            (network.excitatory, network.size, network.in_degree[1], inhibition),
        ):
            excitatory = first == 0
            split = network.excitatory if excitatory and network.plastic else 0
            if split:
                made.append(self._plastic(group[:split], exc, awake, count))
            synapses = brian2.Synapses(group[first:last], group[split:], on_pre=on_pre)
            self._connect(synapses, last - first, network.size - split, count)
            synapses.delay = values["delay"] * brian2.ms
            made.append(synapses)
        self._monitor = brian2.SpikeMonitor(group)
        everything = brian2.Network(group, *made, self._monitor)
        everything.run(self._begin * brian2.ms)
        everything.run(network.duration * brian2.ms)

    def _plastic(self, group: Any, receptor: str, awake: str, count: int) -> Any:
        """Synapses that learn from every pair of spikes, with the additive rule."""
        import brian2

        weight = self._network.weight
        synapses = brian2.Synapses(
            group, group, _LEARNING, on_pre=_ON_PRE.format(receptor=receptor, awake=awake), on_post=_ON_POST,
            namespace={**self._learning, "w_max": 2 * weight},
        )  # fmt: skip
        self._connect(synapses, len(group), len(group), count)
        synapses.w = weight
        synapses.pre.delay = self._constants["delay"] * brian2.ms
        return synapses

    def _connect(self, synapses: Any, sources: int, targets: int, count: int) -> None:
        """A fixed number of different sources for each target."""
        draw = np.random.default_rng(self._network.seed + sources)
        pre = np.concatenate([draw.choice(sources, count, replace=False) for _ in range(targets)])
        synapses.connect(i=pre, j=np.repeat(np.arange(targets), count))

    def measure(self) -> Run:
        """Run the program."""
        from brunel import Run

        run, per_second = self._program.measure(), 1000.0 / self._network.duration
        late = np.count_nonzero(np.asarray(self._monitor.t_) * 1000.0 >= self._begin)
        return Run(None, run.cpu * per_second, run.wall * per_second, late / self._network.size * per_second)
