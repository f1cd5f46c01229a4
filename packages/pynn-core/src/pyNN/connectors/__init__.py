"""Who connects to whom: each connector plans the rows of a projection, the same on every simulator."""

from pyNN.connectors.base import Connector, Ends, Plan, Rows
from pyNN.connectors.distance import DistanceDependentProbabilityConnector
from pyNN.connectors.random import FixedNumberPostConnector, FixedNumberPreConnector, FixedProbabilityConnector
from pyNN.connectors.simple import AllToAllConnector, FromListConnector, OneToOneConnector

__all__ = [
    "AllToAllConnector",
    "Connector",
    "DistanceDependentProbabilityConnector",
    "Ends",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FromListConnector",
    "OneToOneConnector",
    "Plan",
    "Rows",
]
