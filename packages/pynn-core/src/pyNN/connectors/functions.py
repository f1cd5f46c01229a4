"""Connectors whose probability is a function of the script's: of both indices, or of the displacement."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np
from cawan.simulator import Array, Index

from pyNN.connectors.base import Ends, Plan
from pyNN.connectors.maps import MapConnector, checked, trials
from pyNN.core import IndexBasedExpression
from pyNN.errors import InvalidValueError
from pyNN.random import AbstractRNG


class IndexBasedProbabilityConnector(MapConnector):
    """Each pair with a probability that follows from the indices of the two cells.

    ``index_expression(i, j)`` takes arrays of both indices, shape (n,), and gives the probabilities. Source i of target
    j is connected where uniform number i of substream j lies below its probability.
    """

    parameter_names = ("allow_self_connections", "index_expression")

    def __init__(
        self, index_expression: IndexBasedExpression, allow_self_connections: bool | str = True,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback,
        )  # fmt: skip
        if not isinstance(index_expression, IndexBasedExpression):
            raise InvalidValueError(
                type(self).__name__, "index_expression", index_expression, "an IndexBasedExpression (pyNN.core)"
            )
        self.index_expression = index_expression

    def plan(self, ends: Ends) -> Plan:
        """For each target its own substream, one uniform number for each source."""
        expression = copy(self.index_expression)
        expression.projection = ends

        def probabilities(i: Index, j: Index) -> Array:
            given = np.asarray(expression(i, j), dtype=np.float64)
            return checked(type(self).__name__, np.array(np.broadcast_to(given, i.shape)), j)

        return trials(self, ends, probabilities)


class DisplacementDependentProbabilityConnector(IndexBasedProbabilityConnector):
    """Each pair with a probability that follows from the displacement of the target from the source.

    ``disp_function(d)`` takes an array of shape (3, n), µm, and gives n probabilities.
    """

    class DisplacementExpression(IndexBasedExpression):
        """A function of the displacement, as one of the indices."""

        def __init__(self, disp_function: Callable[[Any], Any]) -> None:
            self._disp_function = disp_function

        def __call__(self, i: Any, j: Any) -> Any:
            """The function's value for the pairs (i[k], j[k])."""
            post, pre = self.projection.post.positions, self.projection.pre.positions
            return self._disp_function(post[:, j] - pre[:, i])

    def __init__(
        self, disp_function: Callable[[Any], Any], allow_self_connections: bool | str = True,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None,
    ) -> None:  # fmt: skip
        if not callable(disp_function):
            raise InvalidValueError(type(self).__name__, "disp_function", disp_function, "a function of displacements")
        super().__init__(
            self.DisplacementExpression(disp_function), allow_self_connections, location_selector, rng, safe, callback
        )
