"""How far simulators are from the solution of a cell's equations, at the timestep at which they are timed.

One cell of COBA or HH (benchmarks/simulating.py) gets fixed spikes for 100 ms, as many as in the network; COBA's
threshold is out of reach. The solution is that of an adaptive method of order 8 with tolerances of 1e-11, from one
arriving spike to the next. Printed are the largest and the root-mean-square distance of v from it, every 0.1 ms; where
a cell spikes, the largest is that of its upstroke, of some hundred mV a ms.

    python benchmarks/errors.py                        # both, on the embedded engine, NEST and Brian 2
    python benchmarks/errors.py --network hh --backends native

``brian2-cpp`` is a user's script of Brian 2, whose spikes arrive a step later than those of PyNN; here they leave a
step earlier.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN.simulator import Simulator
from scipy.integrate import solve_ivp
from vogels_abbott import NETWORKS, TIMESTEP, Network
from vogels_abbott.brian2_script import cells, defaults

DURATION = 100.0  # ms
DELAY = 1.0  # ms
ARRIVING = {"exc": 120, "inh": 30}  # in all, about what 64 and 16 sources at 20 Hz send


def arrivals(seed: int) -> dict[str, Any]:
    """Times in ms, on the grid, one spike a step at most."""
    rng = np.random.default_rng(seed)
    steps = np.arange(20, int(DURATION / TIMESTEP) - 20)
    return {side: np.sort(rng.choice(steps, n, replace=False)) * TIMESTEP for side, n in ARRIVING.items()}


def still(name: str) -> Network:
    """The network's cell; an integrate-and-fire cell that cannot fire."""
    network = NETWORKS[name]
    calm = {} if name == "hh" else {"v_thresh": 100.0}
    return Network(network.cell, {**network.parameters, **calm}, network.excitatory, network.inhibitory, 0.0)


def on_pynn(backend: str, name: str, times: dict[str, Any]) -> Any:
    """v on a simulator, mV."""
    network = still(name)
    with Simulator(backend, timestep=TIMESTEP, seed=1) as sim:
        cell = sim.Population(1, sim.names[network.cell](**network.parameters), initial_values={"v": -60.0})
        for side, weight in (("exc", network.excitatory), ("inh", network.inhibitory)):
            source: Any = sim.Population(1, sim.SpikeSourceArray(spike_times=times[side] - DELAY))
            kind = {"exc": "excitatory", "inh": "inhibitory"}[side]
            synapse = sim.StaticSynapse(weight=weight, delay=DELAY)
            sim.Projection(source, cell, sim.OneToOneConnector(), synapse, receptor_type=kind)
        cell.record("v", sampling_interval=TIMESTEP)
        sim.run(DURATION)
        return np.asarray(cell.get_data().segments[0].analogsignals[0].magnitude)[:-1, 0]


def on_brian2(name: str, times: dict[str, Any]) -> Any:
    """v of a script of Brian 2, mV; the same integration as its C++, in NumPy, which needs no compiler."""
    import brian2

    network = still(name)
    brian2.prefs.codegen.target = "numpy"
    brian2.defaultclock.dt = TIMESTEP * brian2.ms
    group = cells(network, 1, defaults(name))
    group.v = -60.0
    made: list[Any] = []
    for side, weight in (("exc", network.excitatory), ("inh", network.inhibitory)):
        sent = (times[side] - DELAY) * brian2.ms
        source = brian2.SpikeGeneratorGroup(1, np.zeros(len(sent), dtype=int), sent)
        synapses = brian2.Synapses(source, group, on_pre=f"{side}_post += {weight!r}")
        synapses.connect()
        synapses.delay = (DELAY - TIMESTEP) * brian2.ms
        made += [source, synapses]
    monitor = brian2.StateMonitor(group, "v", record=True)
    brian2.Network(group, monitor, *made).run(DURATION * brian2.ms)
    return np.asarray(monitor.v[0])


def slope(name: str) -> Callable[..., Any]:
    """dy/dt of the cell; y is v, the two conductances and, for HH, m, h and n."""
    p = {**defaults(name), **still(name).parameters}

    def coba(t: float, y: Any) -> Any:
        v, exc, inh = y
        current = exc * (p["e_rev_E"] - v) + inh * (p["e_rev_I"] - v)
        return [(p["v_rest"] - v) / p["tau_m"] + current / p["cm"], -exc / p["tau_syn_E"], -inh / p["tau_syn_I"]]

    def hh(t: float, y: Any) -> Any:
        v, exc, inh, m, h, n = y
        x = v - p["v_offset"]
        current = exc * (p["e_rev_E"] - v) + inh * (p["e_rev_I"] - v) + p["g_leak"] * (p["e_rev_leak"] - v)
        current += p["gbar_Na"] * m**3 * h * (p["e_rev_Na"] - v) + p["gbar_K"] * n**4 * (p["e_rev_K"] - v)
        rates = (
            (1.28 * bernoulli((13 - x) / 4), 1.4 * bernoulli((x - 40) / 5)),
            (0.128 * np.exp((17 - x) / 18), 4 / (1 + np.exp((40 - x) / 5))),
            (0.16 * bernoulli((15 - x) / 5), 0.5 * np.exp((10 - x) / 40)),
        )
        gates = [a * (1 - z) - b * z for (a, b), z in zip(rates, (m, h, n), strict=True)]
        return [current / p["cm"], -exc / p["tau_syn_E"], -inh / p["tau_syn_I"], *gates]

    return hh if name == "hh" else coba


def bernoulli(x: float) -> Any:
    """x / (e^x - 1)."""
    return x / np.expm1(x) if x else 1.0


def solution(name: str, times: dict[str, Any]) -> Any:
    """v on the grid, mV."""
    network = still(name)
    grid = np.arange(round(DURATION / TIMESTEP)) * TIMESTEP
    y = np.array([-60.0, 0.0, 0.0, *((0.0, 1.0, 0.0) if name == "hh" else ())])
    sides = (("exc", network.excitatory), ("inh", network.inhibitory))
    jumps = sorted((t, which, weight) for which, (side, weight) in enumerate(sides, 1) for t in times[side])
    v, begin = np.empty(len(grid)), 0.0
    for end, which, weight in [*jumps, (DURATION, 1, 0.0)]:
        inside = (grid > begin - 1e-9) & (grid < end - 1e-9)
        if end > begin:
            found = solve_ivp(slope(name), (begin, end), y, "DOP853", rtol=1e-11, atol=1e-11, dense_output=True)
            v[inside], y = found.sol(grid[inside])[0], found.y[:, -1].copy()
        y[which] += abs(weight)
        begin = end
    return v


def main() -> None:
    """Print a line for each cell and simulator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=("coba", "hh"), action="append", help="both by default")
    parser.add_argument("--backends", nargs="+", default=["native", "nest", "brian2-cpp"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    times = arrivals(options.seed)
    for name in options.network or ("coba", "hh"):
        exact = solution(name, times)
        print(f"{name}: {TIMESTEP:g} ms a step, v from {exact.min():.4g} to {exact.max():.4g} mV")
        for backend in options.backends:
            v = on_brian2(name, times) if backend == "brian2-cpp" else on_pynn(backend, name, times)
            away = np.abs(v - exact)
            print(f"{backend:>12}: at most {away.max():.2g} mV, root mean square {np.sqrt(np.mean(away**2)):.2g} mV")


if __name__ == "__main__":
    main()
