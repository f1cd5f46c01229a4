"""Weights, delays and spaces that connectors carried in PyNN 0.6 and 0.7."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cawan.fast_dataclasses import dataclass

from pyNN.errors import UnknownParameterError
from pyNN.legacy.warning import deprecated
from pyNN.space import Space

if TYPE_CHECKING:
    from pyNN.connectors.base import Connector

_SPACE = ("axes", "scale_factor", "offset", "periodic_boundaries")
_IGNORED = ("verbose",)
# Connectors of PyNN 0.7 that had a faster twin.
FAST = (
    "AllToAllConnector", "DistanceDependentProbabilityConnector", "FixedProbabilityConnector", "SmallWorldConnector",
)  # fmt: skip


@dataclass(frozen=True)
class OldValues:
    """Values of synapses by today's names, and the space that distances were measured in."""

    values: Mapping[str, Any]
    space: Space | None


def old_values(connector: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> OldValues | None:
    """What a connector of old was given beside its rule; None where nothing was.

    Raises
    ------
    UnknownParameterError
        A name that neither PyNN 0.13 nor those before it had.
    """
    if not given:
        return None
    known = ("weights", "delays", "space", *_SPACE, *_IGNORED)
    for name in given:
        if name not in known:
            raise UnknownParameterError(name, connector, [*allowed, *known], "argument")
    values: dict[str, Any] = {}
    for old, new in (("weights", "weight"), ("delays", "delay")):
        if old in given:
            values[new] = given[old]
            deprecated(f"{connector}({old}={given[old]!r})", f"StaticSynapse({new}={given[old]!r}) as synapse_type")
    space = given.get("space")
    measured = {name: given[name] for name in _SPACE if name in given and given[name] is not False}
    if measured:
        space = Space(**measured)
        shown = ", ".join(f"{name}={value!r}" for name, value in measured.items())
        deprecated(f"{connector}({shown})", f"Projection(…, space=Space({shown}))")
    elif space is not None:
        deprecated(f"{connector}(space=…)", "Projection(…, space=…)")
    return OldValues(values, space)


def fast(connector: type[Connector]) -> Callable[..., Connector]:
    """The twin of a connector; there is one of each kind today."""

    def make(*args: Any, **given: Any) -> Connector:
        deprecated(f"Fast{connector.__name__}(…)", f"{connector.__name__}(…)")
        return connector(*args, **given)

    make.__name__ = make.__qualname__ = f"Fast{connector.__name__}"
    return make
