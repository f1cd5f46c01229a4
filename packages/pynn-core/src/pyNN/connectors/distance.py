"""Connectors whose probability depends on where the cells are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from cawan.simulator import Array, Index

from pyNN.connectors.base import Ends, Plan, Rows
from pyNN.connectors.maps import MapConnector, checked, trials
from pyNN.errors import InvalidValueError
from pyNN.expressions import Expression, of_distances
from pyNN.random import AbstractRNG


class DistanceDependentProbabilityConnector(MapConnector):
    """Each pair with a probability that is an expression in the distance ``d`` (µm), such as "exp(-d / 100)".

    ``d_expression`` may be a function of an array of distances instead. Source i of target j is connected where
    uniform number i of substream j lies below the probability.
    """

    parameter_names = ("allow_self_connections", "d_expression")

    def __init__(
        self, d_expression: str | Callable[[Array], Array], allow_self_connections: bool | str = True,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback, **old,
        )  # fmt: skip
        self.d_expression = d_expression
        self._probability: Callable[[Array], Array]
        if isinstance(d_expression, str):
            expression = Expression(d_expression, ("d",))
            self._probability = lambda d: np.broadcast_to(np.asarray(expression(d=d), dtype=np.float64), d.shape)
        elif callable(d_expression):
            self._probability = lambda d: of_distances(d_expression, d)
        else:
            raise InvalidValueError(type(self).__name__, "d_expression", d_expression, "an expression or a function")

    def plan(self, ends: Ends) -> Plan:
        """For each target its own substream, one uniform number for each source."""

        def probabilities(i: Index, j: Index) -> Array:
            probability = self._probability(ends.distances(Rows(i, j)))
            return checked(type(self).__name__, probability, j)

        return trials(self, ends, probabilities)
