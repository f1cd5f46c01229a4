"""A network of Brian 2 in C++ standalone mode with the rows and the stimulus of one of PyNN's."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from brian2_program import Program
from pyNN.simulator import Simulator

from vogels_abbott import STIMULUS, TIMESTEP, Network, Timing, build
from vogels_abbott.brian2_script import cells, defaults


class Standalone:
    """The compiled network; each ``measure`` runs it from the beginning."""

    def __init__(self, network: Network, options: argparse.Namespace) -> None:
        if network.plastic:
            raise SystemExit("brian2-cpp has no plastic network; leave it out of --backends or take another --network")
        self._duration, self._size = options.duration, options.cells
        self._program = Program(lambda: self._describe(network, options), options.threads)

    def _describe(self, network: Network, options: argparse.Namespace) -> None:
        import brian2

        start, rows, when, who = taken(network, options)
        group = cells(network, options.cells, defaults(options.network))
        group.v = start
        exc, inh = group[: options.cells * 4 // 5], group[options.cells * 4 // 5 :]
        noise = brian2.SpikeGeneratorGroup(20, who, when * brian2.ms)
        weights = network.excitatory, network.inhibitory, network.stimulus
        made: list[Any] = []
        for source, variable, weight, (pre, post) in zip(
            (exc, inh, noise), ("exc", "inh", "exc"), weights, rows, strict=True
        ):
            synapses = brian2.Synapses(source, group, on_pre=f"{variable}_post += {weight!r}")
            synapses.connect(i=pre, j=post)
            synapses.delay = options.delay * brian2.ms
            made.append(synapses)
        self._monitor = brian2.SpikeMonitor(group)
        everything = brian2.Network(group, noise, *made, self._monitor)
        everything.run(TIMESTEP * brian2.ms)
        everything.run(options.duration * brian2.ms)

    def measure(self) -> Timing:
        """Run the program."""
        run, per_second = self._program.measure(), 1000.0 / self._duration
        rate = float(self._monitor.num_spikes / self._size * per_second)
        return Timing(run.wall * per_second, run.cpu * per_second, rate)


def taken(network: Network, options: argparse.Namespace) -> tuple[Any, list[tuple[Any, Any]], Any, Any]:
    """What PyNN drew: v, the ends of all synapses, times (ms) and sources of the stimulus."""
    with Simulator("native", timestep=TIMESTEP, seed=options.seed) as sim:
        built = build(sim, network, options.cells, options.delay)
        start = np.array(built.cells.get("v"))
        ends = [np.array(p.get(["weight"], "list"), dtype=float)[:, :2].astype(int).T for p in built.projections]
        built.stimulus.record("spikes")
        sim.run(STIMULUS)
        trains = [np.asarray(train.magnitude) for train in built.stimulus.get_data().segments[0].spiketrains]
    who = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    return start, [(pre, post) for pre, post in ends], np.concatenate(trains), who
