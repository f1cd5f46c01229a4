"""Leaky integrate-and-fire cells. PyNN's units: ms, mV, nA, µS, nF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from cawan.simulator import Values

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardCellType, Variable, require_order

MEMBRANE: Mapping[str, Parameter] = {
    "v_rest": Parameter(-65.0, "mV"),
    "cm": Parameter(1.0, "nF", "positive"),
    "tau_m": Parameter(20.0, "ms", "positive"),
    "tau_refrac": Parameter(0.1, "ms", "nonnegative"),
    "v_thresh": Parameter(-50.0, "mV"),
    "v_reset": Parameter(-65.0, "mV"),
    "i_offset": Parameter(0.0, "nA"),
}
CURRENTS: Mapping[str, Variable] = {
    "v": Variable("mV", "v_rest"),
    "isyn_exc": Variable("nA", recordable=False),
    "isyn_inh": Variable("nA", recordable=False),
}
CONDUCTANCES: Mapping[str, Variable] = {
    "v": Variable("mV", "v_rest"),
    "gsyn_exc": Variable("uS"),
    "gsyn_inh": Variable("uS"),
}


def synapses(excitatory: float, inhibitory: float | None = None) -> dict[str, Parameter]:
    """Time constants of the two receptors."""
    second = excitatory if inhibitory is None else inhibitory
    return {"tau_syn_E": Parameter(excitatory, "ms", "positive"), "tau_syn_I": Parameter(second, "ms", "positive")}


def reversal(excitatory: float = 0.0, inhibitory: float = -70.0) -> dict[str, Parameter]:
    """Reversal potentials of the two receptors."""
    return {"e_rev_E": Parameter(excitatory, "mV"), "e_rev_I": Parameter(inhibitory, "mV")}


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

    parameters: ClassVar[Mapping[str, Parameter]] = {**MEMBRANE, **synapses(5.0)}
    variables: ClassVar[Mapping[str, Variable]] = CURRENTS


class IF_curr_alpha(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with alpha-shaped synaptic currents.

    As :class:`IF_curr_exp`, but a spike adds the current w (t / tau_syn) exp(1 - t / tau_syn), whose peak is the
    weight w (nA) after tau_syn.

    References
    ----------
    Rotter & Diesmann (1999), Biological Cybernetics 81, 381, section 3.1 (exact integration).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**MEMBRANE, **synapses(0.5)}
    variables: ClassVar[Mapping[str, Variable]] = CURRENTS


class IF_curr_delta(_IntegrateAndFire):
    """Leaky integrate-and-fire cell whose potential jumps at a spike.

    cm dv/dt = cm (v_rest - v) / tau_m + i_offset + i_injected; a spike adds the weight (mV) to v, unless the cell is
    refractory. At v ≥ v_thresh the cell fires, v = v_reset for tau_refrac.

    References
    ----------
    Rotter & Diesmann (1999), Biological Cybernetics 81, 381 (exact integration);
    Brunel (2000), Journal of Computational Neuroscience 8, 183, eq. 1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**MEMBRANE}
    variables: ClassVar[Mapping[str, Variable]] = {"v": Variable("mV", "v_rest")}

    @property
    def weight_units(self) -> str:
        """A weight is a jump of v."""
        return "mV"


class IF_cond_exp(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with exponentially decaying synaptic conductances.

    cm dv/dt = cm (v_rest - v) / tau_m + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset + i_injected,
    tau_syn dg/dt = -g, a spike adds the weight (µS) to g. At v ≥ v_thresh the cell fires, v = v_reset for
    tau_refrac.

    References
    ----------
    Brette et al. (2007), Journal of Computational Neuroscience 23, 349, Appendix B, benchmark 1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**MEMBRANE, **synapses(5.0), **reversal()}
    variables: ClassVar[Mapping[str, Variable]] = CONDUCTANCES
    conductance_based = True


class IF_cond_alpha(_IntegrateAndFire):
    """Leaky integrate-and-fire cell with alpha-shaped synaptic conductances.

    As :class:`IF_cond_exp`, but a spike adds the conductance w (t / tau_syn) exp(1 - t / tau_syn), whose peak is the
    weight w (µS) after tau_syn. The conductances are exact, v is by the classical Runge-Kutta method of order 4.

    References
    ----------
    Brette et al. (2007), Journal of Computational Neuroscience 23, 349, section 2.1;
    Rall (1967), Journal of Neurophysiology 30, 1138 (the alpha function).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**MEMBRANE, **synapses(0.3, 0.5), **reversal()}
    variables: ClassVar[Mapping[str, Variable]] = CONDUCTANCES
    conductance_based = True


class IF_cond_exp_gsfa_grr(_IntegrateAndFire):
    """As :class:`IF_cond_exp`, with conductances for spike-frequency adaptation and for relative refractoriness.

    To the current are added 0.001 g_s (e_rev_sfa - v) + 0.001 g_r (e_rev_rr - v), with g_s and g_r in nS;
    tau_sfa dg_s/dt = -g_s, tau_rr dg_r/dt = -g_r, and each spike of the cell adds q_sfa to g_s and q_rr to g_r (nS).
    The conductances are exact, v is by the classical Runge-Kutta method of order 4.

    References
    ----------
    Muller, Buesing, Schemmel & Meier (2007), Neural Computation 19, 2958, eq. 2.1-2.4.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **MEMBRANE,
        **synapses(5.0),
        **reversal(),
        "tau_sfa": Parameter(100.0, "ms", "positive"),
        "e_rev_sfa": Parameter(-75.0, "mV"),
        "q_sfa": Parameter(15.0, "nS", "nonnegative"),
        "tau_rr": Parameter(2.0, "ms", "positive"),
        "e_rev_rr": Parameter(-75.0, "mV"),
        "q_rr": Parameter(3000.0, "nS", "nonnegative"),
    }
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "g_r": Variable("nS"),
        "g_s": Variable("nS"),
        "gsyn_exc": Variable("uS"),
        "gsyn_inh": Variable("uS"),
    }
    conductance_based = True


class IF_facets_hardware1(_IntegrateAndFire):
    """The cell of the FACETS hardware, stage 1: :class:`IF_cond_exp` with cm = 0.2 nF, tau_refrac = 1 ms, e_rev_E = 0.

    The leak is g_leak (nS), so that tau_m = 200 ms / g_leak. Weights are conductances, µS.

    References
    ----------
    Schemmel, Bruederle, Meier & Ostendorf (2007), IEEE International Symposium on Circuits and Systems, 3367.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "g_leak": Parameter(40.0, "nS", "positive"),
        **synapses(30.0),
        "v_reset": Parameter(-80.0, "mV"),
        "e_rev_I": Parameter(-80.0, "mV"),
        "v_rest": Parameter(-65.0, "mV"),
        "v_thresh": Parameter(-55.0, "mV"),
    }
    variables: ClassVar[Mapping[str, Variable]] = CONDUCTANCES
    conductance_based = True


class GIF_cond_exp(StandardCellType):
    """Generalised integrate-and-fire cell: escape noise, a moving threshold and spike-triggered currents.

    cm dv/dt = cm (v_rest - v) / tau_m + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) - i_eta + i_offset + i_injected.
    In a step h the cell fires with probability 1 - exp(-λ h), λ = lambda0 exp((v - v_t) / delta_v); then v = v_reset
    for tau_refrac. i_eta and v_t - v_t_star are sums of exponentials that decay with ``tau_eta`` and ``tau_gamma``; a
    spike adds ``a_eta`` (nA) and ``a_gamma`` (mV) to them, at the spike. Any number of exponentials is legal.

    Each cell draws from a stream of its own, one number a step, so trains do not depend on what else is simulated.

    References
    ----------
    Pozzorini, Mensi, Hagens, Naud, Koch & Gerstner (2015), PLOS Computational Biology 11, e1004275, eq. 1-5;
    Mensi, Naud, Pozzorini, Avermann, Petersen & Gerstner (2012), Journal of Neurophysiology 107, 1756.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "v_rest": Parameter(-65.0, "mV"),
        "cm": Parameter(1.0, "nF", "positive"),
        "tau_m": Parameter(20.0, "ms", "positive"),
        "tau_refrac": Parameter(4.0, "ms", "nonnegative"),
        **synapses(5.0),
        **reversal(),
        "v_reset": Parameter(-65.0, "mV"),
        "i_offset": Parameter(0.0, "nA"),
        "delta_v": Parameter(0.5, "mV", "positive"),
        "v_t_star": Parameter(-48.0, "mV"),
        "lambda0": Parameter(1.0, "Hz", "nonnegative"),
        "tau_eta": Parameter((1.0, 10.0, 100.0), "ms", "positive"),
        "tau_gamma": Parameter((1.0, 10.0, 100.0), "ms", "positive"),
        "a_eta": Parameter((1.0, 1.0, 1.0), "nA"),
        "a_gamma": Parameter((1.0, 1.0, 1.0), "mV"),
    }
    variables: ClassVar[Mapping[str, Variable]] = {
        "v": Variable("mV", "v_rest"),
        "gsyn_exc": Variable("uS"),
        "gsyn_inh": Variable("uS"),
        "i_eta": Variable("nA"),
        "v_t": Variable("mV", "v_t_star"),
    }
    receptor_types = ("excitatory", "inhibitory")
    conductance_based = True
    injectable = True
