"""What synapses begin with: the state variables that ``initialize`` sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pyNN.errors import InvalidValueError, UnknownParameterError
from pyNN.standardmodels.base import SynapseType


def starting_values(synapse: SynapseType, known: Mapping[str, float], given: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that were given for state variables, one for all connections.

    Parameters
    ----------
    known
        Variables that may be set, with their present values.

    Raises
    ------
    UnknownParameterError
        There is no such variable.
    InvalidValueError
        It is no number, or the variable begins with the value of a parameter (``always_from``) and this is another.
    """
    name_of_type = type(synapse).__name__
    found: dict[str, float] = {}
    for name, value in given.items():
        parameter = synapse.always_from.get(name)
        if name not in known and parameter is None:
            raise UnknownParameterError(name, name_of_type, {*known, *synapse.always_from}, "state variable")
        number = _number(name_of_type, name, value)
        if parameter is None:
            found[name] = number
        elif number != _number(name_of_type, parameter, synapse.given[parameter]):
            raise InvalidValueError(name_of_type, name, number, f"the value of {parameter}: all are there at time 0")
    return found


def _number(owner: str, name: str, value: Any) -> float:
    plain = value
    if getattr(value, "is_homogeneous", False):
        from pyNN.parameters.lazy import LazyArray  # and SciPy, which no other script waits for

        plain = LazyArray(value, shape=(1,)).evaluate(simplify=True)
    if isinstance(plain, bool | str) or np.ndim(plain) or not np.isreal(plain):
        raise InvalidValueError(owner, name, value, "one number for all connections")
    return float(plain)
