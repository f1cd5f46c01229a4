"""Values and rows as the engine takes them: contiguous arrays of its two types."""

from __future__ import annotations

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values


def floats(values: Values) -> Array:
    """Numbers, shape (1,) for one that all rows share."""
    if isinstance(values, Ragged):
        raise TypeError("A time series is given here where a number is needed.")
    return np.ascontiguousarray(np.atleast_1d(values), dtype=np.float64)


def integers(index: Index) -> Index:
    """Rows."""
    return np.ascontiguousarray(index, dtype=np.int64)
