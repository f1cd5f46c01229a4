"""Brunel's network of sparsely connected cells on the embedded engine beside plain NEST, simulation phase only.

12 500 cells, 15.6 million synapses and 12 500 external Poisson sources of about 20 kHz (Brunel 2000, Journal of
Computational Neuroscience 8, 183: g = 5, external rate twice the threshold rate, J = 0.1 mV, in-degree a tenth; reset
to 0 mV as in the example ``brunel_delta_nest`` of NEST). NEST is used through PyNEST: its own ``poisson_generator`` and
connection rules. Ours is a PyNN script: a population of ``SpikeSourcePoisson``, one source to a cell. Both run in this
process, in turns, so that what else the machine does meets both alike. The first 100 ms, in which the network begins to
fire, are not timed. With ``--plastic``, synapses from excitatory onto excitatory cells learn from every pair of spikes,
with the additive rule on both sides.

    python benchmarks/brunel.py                              # delta-shaped currents
    python benchmarks/brunel.py --currents exp --repeats 3 --threads 2
    python benchmarks/brunel.py --plastic --duration 100
    python benchmarks/brunel.py --sides native nest brian2-cpp
    OPENBLAS_NUM_THREADS=1 python benchmarks/brunel.py --sides native --limits

``--limits`` says what share of this processor's limits, measured in the same run (``limits.py``), the engine reached:
bits of its connections that it reads from memory, and operations on membranes and currents in double precision.
``brian2-cpp`` is a script of Brian 2 in C++ standalone mode (``brunel_on_brian2.py``): its building and compiling are
left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyNN.simulator import Simulator
from simulating import TIMESTEP, describe, vector_width

DELAY, TAU_M, TAU_SYN, TAU_REFRAC, V_THRESH, V_RESET, C_M = 1.5, 20.0, 0.5, 2.0, 20.0, 0.0, 1.0  # ms, mV, nF
PSP, G, ETA = 0.1, 5.0, 2.0  # mV; inhibition over excitation; external rate over the threshold rate
BEGIN = 100.0  # ms that are not timed
# Reckoned for each cell and step: the propagator, three counted inputs of three operations each, and the threshold.
OPERATIONS = {"delta": 14, "exp": 18}
SQUARE = 512  # targets: the engine keeps connections in whole squares, a bit for each pair
LEARNING = {"tau_plus": 20.0, "A_plus": 1e-3, "A_minus": 1e-3}


@dataclass(frozen=True)
class Run:
    """CPU and wall-clock seconds: of building, and of simulating one biological second; and the mean rate, Hz."""

    build: float | None  # None: not measured
    cpu: float
    wall: float
    rate: float


@dataclass(frozen=True)
class Network:
    """What was asked for, and what follows: the excitatory weight (mV, or nA), and the rate of each source, Hz."""

    size: int
    exponential: bool
    plastic: bool
    duration: float
    threads: int
    seed: int

    @property
    def excitatory(self) -> int:
        """Four of five cells."""
        return self.size * 4 // 5

    @property
    def in_degree(self) -> tuple[int, int]:
        """A tenth of the excitatory and of the inhibitory cells."""
        return self.excitatory // 10, (self.size - self.excitatory) // 10

    @property
    def jump(self) -> float:
        """By how much a spike moves the membrane in the end, mV: the whole charge over the capacitance."""
        if not self.exponential:
            return PSP
        ratio = TAU_M / TAU_SYN
        shape = ratio / (ratio - 1) * (ratio ** (-1 / (ratio - 1)) - ratio ** (-ratio / (ratio - 1)))
        return PSP / shape

    @property
    def weight(self) -> float:
        """mV of a delta-shaped current; nA of an exponential one."""
        return self.jump * C_M / TAU_SYN if self.exponential else self.jump

    @property
    def drive(self) -> float:
        """Of each external source, Hz: twice what brings the mean potential to the threshold."""
        return 1000.0 * ETA * V_THRESH / (self.jump * TAU_M)


def timed(building: float, run: Callable[[float], Any], count: Callable[[], float], duration: float) -> Run:
    """Simulate the beginning, then time the rest; ``count`` gives the spikes of a cell on average so far."""
    run(BEGIN)
    before = count()
    wall, cpu = time.perf_counter(), time.process_time()
    run(duration)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    per_second = 1000.0 / duration
    return Run(building, cpu * per_second, wall * per_second, (count() - before) * per_second)


def build(sim: Simulator, network: Network) -> Any:
    """The network as a PyNN script writes it; gives all cells, whose spikes are recorded."""
    membrane = {
        "tau_m": TAU_M, "cm": C_M, "v_rest": 0.0, "v_reset": V_RESET, "v_thresh": V_THRESH, "tau_refrac": TAU_REFRAC,
    }  # fmt: skip
    synaptic = {"tau_syn_E": TAU_SYN, "tau_syn_I": TAU_SYN}
    celltype = sim.IF_curr_exp(**membrane, **synaptic) if network.exponential else sim.IF_curr_delta(**membrane)
    exc = sim.Population(network.excitatory, celltype, initial_values={"v": 0.0}, label="excitatory")
    inh = sim.Population(network.size - exc.size, celltype, initial_values={"v": 0.0}, label="inhibitory")
    cells = exc + inh
    noise = sim.Population(network.size, sim.SpikeSourcePoisson(rate=network.drive), label="noise")
    weight, (from_exc, from_inh) = network.weight, network.in_degree
    static = sim.StaticSynapse(weight=weight, delay=DELAY)
    inhibition = sim.StaticSynapse(weight=-G * weight, delay=DELAY)
    sim.Projection(noise, cells, sim.OneToOneConnector(), static, receptor_type="excitatory")
    some = sim.FixedNumberPreConnector(from_exc)
    if network.plastic:
        pairs = sim.SpikePairRule(tau_minus=20.0, **LEARNING)
        bounds = sim.AdditiveWeightDependence(w_max=2 * weight)
        learning = sim.STDPMechanism(pairs, bounds, weight=weight, delay=DELAY)
        sim.Projection(exc, exc, some, learning, receptor_type="excitatory")
        sim.Projection(exc, inh, some, static, receptor_type="excitatory")
    else:
        sim.Projection(exc, cells, some, static, receptor_type="excitatory")
    sim.Projection(inh, cells, sim.FixedNumberPreConnector(from_inh), inhibition, receptor_type="inhibitory")
    cells.record("spikes")
    return cells


def on_native(network: Network) -> Run:
    """The PyNN script on the embedded engine."""
    cpu = time.process_time()
    with Simulator("native", timestep=TIMESTEP, seed=network.seed, threads=network.threads) as sim:
        cells = build(sim, network)
        building = time.process_time() - cpu
        return timed(building, sim.run, lambda: float(cells.mean_spike_count()), network.duration)


def on_nest(network: Network) -> Run:
    """The same through PyNEST, in pF and pA."""
    import nest

    cpu = time.process_time()
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=TIMESTEP, local_num_threads=network.threads, rng_seed=network.seed, print_time=False)
    membrane = {
        "tau_m": TAU_M, "C_m": 1000.0 * C_M, "E_L": 0.0, "V_reset": V_RESET, "V_th": V_THRESH, "t_ref": TAU_REFRAC,
        "V_m": 0.0, "I_e": 0.0,
    }  # fmt: skip
    weight, model = network.weight, "iaf_psc_delta"
    if network.exponential:
        membrane |= {"tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN}
        weight, model = 1000.0 * weight, "iaf_psc_exp"
    if network.plastic:
        membrane["tau_minus"] = 20.0
    exc = nest.Create(model, network.excitatory, params=membrane)
    inh = nest.Create(model, network.size - network.excitatory, params=membrane)
    noise = nest.Create("poisson_generator", params={"rate": network.drive})
    recorder = nest.Create("spike_recorder")
    from_exc, from_inh = network.in_degree
    static = {"synapse_model": "static_synapse", "weight": weight, "delay": DELAY}
    nest.Connect(noise, exc + inh, "all_to_all", static)
    some = {"rule": "fixed_indegree", "indegree": from_exc, "allow_multapses": False}
    learning = {
        "synapse_model": "stdp_synapse", "weight": weight, "delay": DELAY, "lambda": LEARNING["A_plus"], "alpha": 1.0,
        "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": LEARNING["tau_plus"], "Wmax": 2 * weight,
    }  # fmt: skip
    nest.Connect(exc, exc, some, learning if network.plastic else static)
    nest.Connect(exc, inh, some, static)
    nest.Connect(inh, exc + inh, {**some, "indegree": from_inh}, {**static, "weight": -G * weight})
    nest.Connect(exc + inh, recorder)
    building = time.process_time() - cpu
    return timed(building, nest.Simulate, lambda: recorder.n_events / network.size, network.duration)


def compare(sides: Mapping[str, Callable[[], Run]], repeats: int) -> dict[str, list[Run]]:
    """Run all in turns; print medians and ranges, and ratios of the others to the first. Gives what was measured."""
    found: dict[str, list[Run]] = {side: [] for side in sides}
    for _ in range(repeats):
        for side, run in sides.items():
            found[side].append(run())
    for side, runs in found.items():
        report(side, runs)
    first, *others = sides
    for other in others:
        for clock in ("build", "cpu", "wall"):
            pairs = [(getattr(a, clock), getattr(b, clock)) for a, b in zip(found[first], found[other], strict=True)]
            if all(None not in pair for pair in pairs):
                print(f"{other} / {first}, {clock}: {describe([b / a for a, b in pairs], 'times')}")
    return found


def report_limits(network: Network, runs: Sequence[Run]) -> None:
    """Print what share of the processor's limits the engine reached."""
    from limits import measure

    cpu, rate = statistics.median(run.cpu for run in runs), statistics.median(run.rate for run in runs)
    row = -(-network.size // SQUARE) * SQUARE // 8  # bytes
    operations = OPERATIONS["exp" if network.exponential else "delta"] * network.size * 1000.0 / TIMESTEP
    reached = {"read": 1e-9 * rate * network.size * row / cpu, "computed": 1e-9 * operations / cpu}
    print(measure().report("native", **reached))


def report(side: str, runs: Sequence[Run]) -> None:
    """Print medians and ranges of one side."""
    build = [run.build for run in runs if run.build is not None]
    cpu, wall, rate = describe([r.cpu for r in runs]), describe([r.wall for r in runs]), [r.rate for r in runs]
    print(f"{side:>10}: {f'build CPU {describe(build)}; ' if build else ''}CPU {cpu}, wall {wall} per biological "
          f"second; {statistics.median(rate):.2f} Hz", flush=True)  # fmt: skip


def on_brian2(network: Network) -> Callable[[], Run]:
    """The same in C++ standalone mode of Brian 2, compiled."""
    from brunel_on_brian2 import Brunel

    constants = {
        "tau_m": TAU_M, "tau_syn": TAU_SYN, "capacity": C_M, "v_thresh": V_THRESH, "v_reset": V_RESET,
        "tau_refrac": TAU_REFRAC, "g": G, "delay": DELAY,
    }  # fmt: skip
    return Brunel(network, constants, {**LEARNING, "tau_minus": 20.0}, BEGIN).measure


SIDES: dict[str, Callable[[Network], Callable[[], Run]]] = {
    "native": lambda network: partial(on_native, network),
    "nest": lambda network: partial(on_nest, network),
    "brian2-cpp": on_brian2,
}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--currents", choices=["delta", "exp"], default="delta")
    parser.add_argument("--plastic", action="store_true", help="excitatory synapses onto excitatory cells learn")
    sides = ["native", "nest"]
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=sides, help="the first against each other")
    parser.add_argument("--cells", type=int, default=12500)
    parser.add_argument("--duration", type=float, default=200.0, help="ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits", action="store_true", help="what share of the processor's limits was reached")
    options = parser.parse_args()
    if options.limits and (options.plastic or options.threads > 1 or "native" not in options.sides):
        parser.error("--limits is for the native side, on one thread, without --plastic")
    if options.limits and os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        parser.error("--limits measures one thread: set OPENBLAS_NUM_THREADS=1 in the environment")
    return options


def main() -> None:
    """Compare the sides that were asked for."""
    options = arguments()
    network = Network(
        options.cells, options.currents == "exp", options.plastic, options.duration, options.threads, options.seed
    )
    kind = f"{options.currents}{', plastic' if network.plastic else ''}, drive {network.drive:.0f} Hz"
    print(f"Brunel {network.size}, {kind}, {network.threads} thread(s), double precision; {platform.machine()}, "
          f"{vector_width()}", flush=True)  # fmt: skip
    found = compare({side: SIDES[side](network) for side in options.sides}, options.repeats)
    if options.limits:
        report_limits(network, found["native"])


if __name__ == "__main__":
    main()
