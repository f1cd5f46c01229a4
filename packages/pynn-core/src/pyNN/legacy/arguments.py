"""Arguments as they were typed in PyNN 0.6 to 0.8, turned into today's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pyNN.legacy.warning import deprecated


def of_old(
    structure: Any, label: str | None, initial_values: Mapping[str, Any] | None, cellparams: Any, cellclass: Any
) -> tuple[Any, str | None, Mapping[str, Any] | None, Any]:
    """Structure, label, initial values and cell parameters of a Population, where an old form stands among them.

    PyNN 0.6 had the label as the fourth argument, and initial potentials as the cell parameter ``v_init``.
    """
    if isinstance(structure, str):
        deprecated(f"Population(size, celltype, params, {structure!r})", f"Population(…, label={structure!r})")
        structure, label = None, structure
    if isinstance(initial_values, str):
        deprecated("Population(size, celltype, params, structure, label)", f"Population(…, label={initial_values!r})")
        initial_values, label = None, initial_values
    if isinstance(cellparams, Mapping) and "v_init" in cellparams and not hasattr(cellclass, "v_init"):
        params = dict(cellparams)
        v_init = params.pop("v_init")
        deprecated(f"the cell parameter v_init={v_init!r}", f"Population(…, initial_values={{'v': {v_init!r}}})")
        cellparams, initial_values = params, {"v": v_init, **dict(initial_values or {})}
    return structure, label, initial_values, cellparams


def at_grid_place(place: tuple[Any, ...], dim: tuple[int, ...]) -> int:
    """The index of the cell at a place of a grid, ``population[3, 4]`` of PyNN 0.6; z varies fastest, then y."""
    index = int(np.ravel_multi_index(tuple(int(k) for k in place), dim))
    deprecated(f"population[{', '.join(map(str, place))}]", f"population[{index}]")
    return index


def of_old_source(
    source: str, names: tuple[str, ...], positional: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, Any]:
    """Parameters of a current source by name, also where PyNN 0.6 gave them by place, or all in one dictionary."""
    if not positional:
        return dict(named)
    if len(positional) == 1 and isinstance(positional[0], Mapping):
        given = dict(positional[0])
    elif len(positional) <= len(names):
        given = dict(zip(names, positional, strict=False))
    else:
        raise TypeError(f"{source} takes {len(names)} parameters ({', '.join(names)}), not {len(positional)}.")
    shown = ", ".join(f"{name}={value!r}" for name, value in given.items())
    deprecated(f"{source}({', '.join(map(repr, positional))})", f"{source}({shown})")
    return {**given, **named}
