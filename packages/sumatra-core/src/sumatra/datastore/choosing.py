"""A data store by the name of its class, as exported records have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sumatra.core import get_registered_components
from sumatra.datastore.base import DataStore


def get_data_store(type: str, parameters: Mapping[str, Any]) -> DataStore:
    """The data store of this class name with these parameters; nothing is imported by its name."""
    known = get_registered_components(DataStore)
    name = type.rpartition(".")[2]
    if name not in known:
        raise KeyError(f"There is no data store {type!r}. There are: {', '.join(sorted(known))}.")
    store: DataStore = known[name](**parameters)
    return store
