"""Ion channels of multi-compartment neurons; conductance densities in S/cm²."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardIonChannelModel, Variable

__all__ = ["KdrChannel", "NaChannel", "PassiveLeak", "PassiveLeakHH", "StandardIonChannelModel"]

IONS = ("na", "k", "ca")  # that simulators have by name


def _density(default: float) -> dict[str, Parameter]:
    return {"conductance_density": Parameter(default, "S/cm**2", "nonnegative")}


# Without a value, the reversal potential is that of the cell's ionic_species.
_OF_ION: Mapping[str, Parameter] = {"e_rev": Parameter(None, "mV")}
_GATE = Variable("dimensionless", None)


class NaChannel(StandardIonChannelModel):
    """The sodium channel of the squid axon, at 6.3 °C: conductance_density m³ h, towards the ion's reversal potential.

    References
    ----------
    Hodgkin & Huxley (1952), Journal of Physiology 117, 500, eq. 14-21.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_density(0.12), **_OF_ION}
    variables: ClassVar[Mapping[str, Variable]] = {"m": _GATE, "h": _GATE}
    ion = "na"


class KdrChannel(StandardIonChannelModel):
    """The delayed-rectifier potassium channel of the squid axon, at 6.3 °C: conductance_density n⁴.

    References
    ----------
    Hodgkin & Huxley (1952), Journal of Physiology 117, 500, eq. 6-13.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_density(0.036), **_OF_ION}
    variables: ClassVar[Mapping[str, Variable]] = {"n": _GATE}
    ion = "k"


class PassiveLeak(StandardIonChannelModel):
    """A leak of constant conductance towards e_rev (mV).

    References
    ----------
    Rall (1962), Annals of the New York Academy of Sciences 96, 1071.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_density(0.0003), "e_rev": Parameter(-65.0, "mV")}


class PassiveLeakHH(StandardIonChannelModel):
    """The leak of the squid axon, towards e_rev (mV).

    References
    ----------
    Hodgkin & Huxley (1952), Journal of Physiology 117, 500, table 3.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_density(0.0003), "e_rev": Parameter(-54.3, "mV")}
