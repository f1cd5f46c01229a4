"""Connectors: who connects to whom."""

from importlib.util import find_spec

from pyNN.connectors.base import Connector
from pyNN.connectors.distance import DistanceDependentProbabilityConnector
from pyNN.connectors.functions import DisplacementDependentProbabilityConnector, IndexBasedProbabilityConnector
from pyNN.connectors.given import ArrayConnector, CloneConnector, CSAConnector, FromFileConnector
from pyNN.connectors.maps import MapConnector
from pyNN.connectors.random import (
    FixedNumberConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
)
from pyNN.connectors.simple import AllToAllConnector, FromListConnector, OneToOneConnector
from pyNN.connectors.totals import FixedTotalNumberConnector, SmallWorldConnector
from pyNN.core import IndexBasedExpression

haveCSA = find_spec("csa") is not None
DefaultCSAConnector = CSAConnector  # the name of pyNN.nest

__all__ = [
    "AllToAllConnector",
    "ArrayConnector",
    "CSAConnector",
    "CloneConnector",
    "Connector",
    "DefaultCSAConnector",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "FixedNumberConnector",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "IndexBasedExpression",
    "IndexBasedProbabilityConnector",
    "MapConnector",
    "OneToOneConnector",
    "SmallWorldConnector",
    "haveCSA",
]
