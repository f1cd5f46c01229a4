"""The cells of the Vogels-Abbott networks as a user of Brian 2 writes them, in mV, nF, nA and µS."""

from __future__ import annotations

from typing import Any

from vogels_abbott import NETWORKS, Network

_CURRENT = """
dv/dt = (v_rest - v) / (tau_m * ms) + (exc + inh) / (capacity * ms) : 1 (unless refractory)
dexc/dt = -exc / (tau_syn_E * ms) : 1
dinh/dt = -inh / (tau_syn_I * ms) : 1
"""
_CONDUCTANCE = """
dv/dt = (v_rest - v) / (tau_m * ms)
        + (exc * (e_rev_E - v) + inh * (e_rev_I - v)) / (capacity * ms) : 1 (unless refractory)
dexc/dt = -exc / (tau_syn_E * ms) : 1
dinh/dt = -inh / (tau_syn_I * ms) : 1
"""
# The channels as in the example COBAHH of Brian 2.
_CHANNELS = """
dv/dt = (g_leak * (e_rev_leak - v) + gbar_Na * m**3 * h * (e_rev_Na - v) + gbar_K * n**4 * (e_rev_K - v)
         + exc * (e_rev_E - v) + inh * (e_rev_I - v)) / (capacity * ms) : 1
dm/dt = (alpha_m * (1 - m) - beta_m * m) / ms : 1
dh/dt = (alpha_h * (1 - h) - beta_h * h) / ms : 1
dn/dt = (alpha_n * (1 - n) - beta_n * n) / ms : 1
dexc/dt = -exc / (tau_syn_E * ms) : 1
dinh/dt = -inh / (tau_syn_I * ms) : 1
x = v - v_offset : 1
alpha_m = 0.32 * 4 / exprel((13 - x) / 4) : 1
beta_m = 0.28 * 5 / exprel((x - 40) / 5) : 1
alpha_h = 0.128 * exp((17 - x) / 18) : 1
beta_h = 4 / (1 + exp((40 - x) / 5)) : 1
alpha_n = 0.032 * 5 / exprel((15 - x) / 5) : 1
beta_n = 0.5 * exp((10 - x) / 40) : 1
"""
# Equations, Brian 2's own method for them, and what is a spike.
_CELLS = {
    "IF_curr_exp": (_CURRENT, "exact", "v >= v_thresh"),
    "IF_cond_exp": (_CONDUCTANCE, "exponential_euler", "v >= v_thresh"),
    "HH_cond_exp": (_CHANNELS, "exponential_euler", "v > -20"),
}


def cells(network: Network, size: int, namespace: dict[str, float]) -> Any:
    """A group of cells; other parameters than the network's come from ``namespace``."""
    import brian2

    values = {**namespace, **network.parameters}
    values["capacity"] = values.pop("cm")  # Brian 2 reads cm as centimetres
    equations, method, threshold = _CELLS[network.cell]
    integrates = network.cell != "HH_cond_exp"
    group = brian2.NeuronGroup(
        size,
        equations,
        method=method,
        threshold=threshold,
        reset="v = v_reset" if integrates else "",
        refractory=network.parameters["tau_refrac"] * brian2.ms if integrates else "v > -20",
        namespace=values,
    )
    if not integrates:
        group.h = 1.0  # where PyNN's cells start
    return group


def defaults(name: str) -> dict[str, float]:
    """PyNN's parameters of the cell of a network, where it does not set them."""
    from pyNN.simulator import Simulator

    with Simulator("native", timestep=0.1) as sim:
        found: dict[str, float] = sim.names[NETWORKS[name].cell].default_parameters
    return dict(found)
