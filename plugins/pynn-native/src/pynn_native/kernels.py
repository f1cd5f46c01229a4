"""Kernels of several exponentials as the engine's columns: term k of ``a_eta`` is the column ``a_eta.k``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.recipes import Recipe

from pynn_native._engine import Engine

_SERIES = ("tau_eta", "a_eta", "tau_gamma", "a_gamma")
_SUMS = {"i_eta": "eta", "v_t": "gamma"}


def expanded(
    engine: Engine, cells: int, model: NativeModel, terms: dict[str, int], values: Mapping[str, Values],
    rows: Index | None,
) -> dict[str, Values]:  # fmt: skip
    """Values by the engine's names; those of other cells are what they are. ``terms``: how many each kernel has."""
    recipe = model.details
    if not isinstance(recipe, Recipe) or recipe.membrane != "GIF":
        return dict(values)
    told: dict[str, Values] = {}
    for name, value in values.items():
        if name in _SERIES and isinstance(value, Ragged):
            told |= _terms(name, value)
            kernel = name.rpartition("_")[2]
            terms[kernel] = max(terms.get(kernel, 0), int(np.diff(value.splits).max(initial=0)))
        elif name not in _SUMS:
            told[name] = value
    for name in _SUMS.keys() & values.keys():
        told |= _made_up(engine, cells, name, terms.get(_SUMS[name], 0), values[name], rows)
    return told


def _terms(name: str, value: Ragged) -> dict[str, Values]:
    """A column for each term; a row that is shorter than the longest has none there."""
    lengths = np.diff(value.splits)
    columns: dict[str, Values] = {}
    for k in range(int(lengths.max(initial=0))):
        there = lengths > k
        column: Array = np.full(len(value), 1.0 if name.startswith("tau") else 0.0)
        column[there] = value.data[value.splits[:-1][there] + k]
        columns[f"{name}.{k}"] = column
    return columns


def _made_up(engine: Engine, cells: int, name: str, terms: int, value: Values, rows: Index | None) -> dict[str, Values]:
    """i_eta and v_t are sums: the first term makes up for what is wanted; nothing where it is so already."""
    told: dict[str, Values] = {name: value}
    base = engine.get_cells(cells, "v_t_star", rows) if name == "v_t" else np.zeros(1)
    if terms:
        columns = [engine.get_cells(cells, f"{_SUMS[name]}.{k}", rows) for k in range(terms)]
        missing = np.asarray(value, dtype=np.float64) - (base + sum(columns))
        if np.any(missing != 0.0):
            told[f"{_SUMS[name]}.0"] = np.ascontiguousarray(columns[0] + missing)
    return told
