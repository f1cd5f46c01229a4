"""The standard cell types. PyNN's units: ms, mV, nA, µS, nF, Hz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cawan.simulator import Values

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardCellType, Variable, require_order

_MEMBRANE = {
    "v_rest": Parameter(-65.0, "mV"),
    "cm": Parameter(1.0, "nF", "positive"),
    "tau_m": Parameter(20.0, "ms", "positive"),
    "tau_refrac": Parameter(0.1, "ms", "nonnegative"),
    "v_thresh": Parameter(-50.0, "mV"),
    "v_reset": Parameter(-65.0, "mV"),
    "i_offset": Parameter(0.0, "nA"),
}


def _synapses(tau: float) -> dict[str, Parameter]:
    return {"tau_syn_E": Parameter(tau, "ms", "positive"), "tau_syn_I": Parameter(tau, "ms", "positive")}


class _IntegrateAndFire(StandardCellType):
    receptor_types = ("excitatory", "inhibitory")
    injectable = True

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """v_reset must lie below v_thresh, or one spike would be without end."""
        require_order(owner, values, "v_reset", "v_thresh")


class IF_curr_exp(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with exponentially decaying synaptic currents.

    cm dv/dt = cm (v_rest - v) / tau_m + i_exc + i_inh + i_offset + i_injected,
    tau_syn di/dt = -i, a spike adds the weight (nA) to i. At v ≥ v_thresh the cell fires, v = v_reset for
    tau_refrac.

    References
    ----------
    Rotter & Diesmann (1999), Biological Cybernetics 81, 381, eq. 2-11 (exact integration).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_MEMBRANE, **_synapses(5.0)}
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "isyn_exc": Variable("nA", recordable=False),
        "isyn_inh": Variable("nA", recordable=False),
    }


class IF_curr_alpha(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with alpha-shaped synaptic currents.

    As :class:`IF_curr_exp`, but a spike adds the current w (t / tau_syn) exp(1 - t / tau_syn), whose peak is the
    weight w (nA) after tau_syn.

    References
    ----------
    Rotter & Diesmann (1999), Biological Cybernetics 81, 381, section 3.1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_MEMBRANE, **_synapses(0.5)}
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "isyn_exc": Variable("nA", recordable=False),
        "isyn_inh": Variable("nA", recordable=False),
    }


class IF_cond_exp(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with exponentially decaying synaptic conductances.

    cm dv/dt = cm (v_rest - v) / tau_m + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset + i_injected,
    tau_syn dg/dt = -g, a spike adds the weight (µS) to g. At v ≥ v_thresh the cell fires, v = v_reset for
    tau_refrac.

    References
    ----------
    Brette et al. (2007), Journal of Computational Neuroscience 23, 349, Appendix B, benchmark 1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_MEMBRANE,
        **_synapses(5.0),
        "e_rev_E": Parameter(0.0, "mV"),
        "e_rev_I": Parameter(-70.0, "mV"),
    }
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "gsyn_exc": Variable("uS"),
        "gsyn_inh": Variable("uS"),
    }
    conductance_based = True


class SpikeSourcePoisson(StandardCellType):
    """Independent Poisson spike trains of ``rate`` from ``start`` for ``duration``."""

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "rate": Parameter(1.0, "Hz", "nonnegative"),
        "start": Parameter(0.0, "ms", "nonnegative"),
        "duration": Parameter(1e10, "ms", "nonnegative"),
    }


class SpikeSourceArray(StandardCellType):
    """Spikes at given times (ms, ≥ 0); times between two steps of the clock move up to the next."""

    parameters: ClassVar[Mapping[str, Parameter]] = {"spike_times": Parameter((), "ms")}
