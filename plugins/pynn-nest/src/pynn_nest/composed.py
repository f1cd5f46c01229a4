"""PointNeurons on NEST: of one kind of receptor each, as NEST's multisynapse models are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cawan.simulator import NativeModel

COMPOSED: Mapping[str, NativeModel] = MappingProxyType({})
