"""Cells that make their own spike: exponential, quadratic and Hodgkin-Huxley. PyNN's units: ms, mV, nA, µS, nF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cawan.simulator import Values

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardCellType, Variable, require_order
from pyNN.standardmodels.integrate_and_fire import reversal, synapses

ADAPTIVE: Mapping[str, Parameter] = {
    "cm": Parameter(0.281, "nF", "positive"),
    "tau_refrac": Parameter(0.1, "ms", "nonnegative"),
    "v_spike": Parameter(-40.0, "mV"),
    "v_reset": Parameter(-70.6, "mV"),
    "v_rest": Parameter(-70.6, "mV"),
    "tau_m": Parameter(9.3667, "ms", "positive"),
    "i_offset": Parameter(0.0, "nA"),
    "a": Parameter(4.0, "nS"),
    "b": Parameter(0.0805, "nA"),
    "delta_T": Parameter(2.0, "mV", "positive"),
    "tau_w": Parameter(144.0, "ms", "positive"),
    "v_thresh": Parameter(-50.4, "mV"),
}


class _Adaptive(StandardCellType):
    parameters: ClassVar[Mapping[str, Parameter]] = {**ADAPTIVE, **synapses(5.0), **reversal(0.0, -80.0)}
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "w": Variable("nA"),
        "gsyn_exc": Variable("uS"),
        "gsyn_inh": Variable("uS"),
    }
    receptor_types = ("excitatory", "inhibitory")
    conductance_based = True
    injectable = True

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """v_reset must lie below v_spike, or one spike would be without end."""
        require_order(owner, values, "v_reset", "v_spike")


class EIF_cond_exp_isfa_ista(_Adaptive):
    """Adaptive exponential integrate-and-fire cell with exponentially decaying synaptic conductances.

    cm dv/dt = (cm / tau_m) (v_rest - v + delta_T exp((v - v_thresh) / delta_T)) + g_exc (e_rev_E - v)
    + g_inh (e_rev_I - v) - w + i_offset + i_injected, tau_w dw/dt = 0.001 a (v - v_rest) - w (a in nS, w in nA).
    Where v ≥ v_spike at the end of a step the cell fires: v = v_reset for tau_refrac, w grows by b. In the equations
    v counts as v_spike where it lies above, so that the upstroke stays finite.

    By the classical Runge-Kutta method of order 4 in steps of at most 0.05 ms; conductances are exact.

    References
    ----------
    Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2 and table 1.
    """


class EIF_cond_alpha_isfa_ista(_Adaptive):
    """As :class:`EIF_cond_exp_isfa_ista`, with alpha-shaped conductances that peak at the weight after tau_syn.

    References
    ----------
    Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2 and table 1.
    """


class Izhikevich(StandardCellType):
    """The simple model of Izhikevich.

    dv/dt = 0.04 v² + 5 v + 140 - u + 1000 (i_offset + i_injected) (currents in nA), du/dt = a (b v - u).
    A spike adds the weight (mV) to v. Where v ≥ 30 mV at the end of a step the cell fires: v = c, u grows by d.

    By the classical Runge-Kutta method of order 4 in steps of at most 0.05 ms.

    References
    ----------
    Izhikevich (2003), IEEE Transactions on Neural Networks 14, 1569, eq. 1-3.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "a": Parameter(0.02, "1/ms"),
        "b": Parameter(0.2, "1/ms"),
        "c": Parameter(-65.0, "mV"),
        "d": Parameter(2.0, "mV/ms"),
        "i_offset": Parameter(0.0, "nA"),
    }
    variables: ClassVar[Mapping[str, Variable]] = {"v": Variable("mV", -70.0), "u": Variable("mV/ms", -14.0)}
    receptor_types = ("excitatory", "inhibitory")
    injectable = True

    @property
    def weight_units(self) -> str:
        """A weight is a jump of v."""
        return "mV"


class HH_cond_exp(StandardCellType):
    """Hodgkin-Huxley cell of Traub and Miles with exponentially decaying synaptic conductances.

    cm dv/dt = g_leak (e_rev_leak - v) + gbar_Na m³ h (e_rev_Na - v) + gbar_K n⁴ (e_rev_K - v)
    + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset + i_injected, dx/dt = α_x (1 - x) - β_x x for m, h, n.
    With V = v - v_offset: α_m = 0.32 (13 - V) / (exp((13 - V) / 4) - 1), β_m = 0.28 (V - 40) / (exp((V - 40) / 5) - 1),
    α_h = 0.128 exp((17 - V) / 18), β_h = 4 / (1 + exp((40 - V) / 5)), α_n = 0.032 (15 - V) / (exp((15 - V) / 5) - 1),
    β_n = 0.5 exp((10 - V) / 40), all per ms.
    A spike is a maximum of v above v_offset + 30 mV: the cell fires at the first step after it.
    The gates m, h and n can be recorded, and begin closed but for h, which is open, unless they are initialised.

    By the classical Runge-Kutta method of order 4 in steps of at most 0.034 ms; conductances are exact.

    References
    ----------
    Traub & Miles (1991), "Neuronal networks of the hippocampus", Cambridge University Press;
    Brette et al. (2007), Journal of Computational Neuroscience 23, 349, Appendix B, benchmark 3.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "gbar_Na": Parameter(20.0, "uS", "nonnegative"),
        "gbar_K": Parameter(6.0, "uS", "nonnegative"),
        "g_leak": Parameter(0.01, "uS", "nonnegative"),
        "cm": Parameter(0.2, "nF", "positive"),
        "v_offset": Parameter(-63.0, "mV"),
        "e_rev_Na": Parameter(50.0, "mV"),
        "e_rev_K": Parameter(-90.0, "mV"),
        "e_rev_leak": Parameter(-65.0, "mV"),
        **reversal(0.0, -80.0),
        **synapses(0.2, 2.0),
        "i_offset": Parameter(0.0, "nA"),
    }
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", -65.0),
        "gsyn_exc": Variable("uS"),
        "gsyn_inh": Variable("uS"),
        "m": Variable("", 0.0),
        "h": Variable("", 1.0),
        "n": Variable("", 0.0),
    }
    receptor_types = ("excitatory", "inhibitory")
    conductance_based = True
    injectable = True
