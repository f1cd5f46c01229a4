"""From PyNN's names and units to a simulator's, and back: the only place where the two meet."""

from __future__ import annotations

from collections.abc import Mapping

from cawan.simulator import Native, NativeModel, Ragged, Values


def to_native(model: NativeModel, values: Mapping[str, Values], weight_scale: float = 1.0) -> dict[str, Values]:
    """Native values of a model's parameters or variables.

    Parameters
    ----------
    values
        PyNN's values by PyNN's names; all of them where ``model.computed`` needs several.
    weight_scale
        The receptor's, for what is a weight.
    """
    native: dict[str, Values] = {}
    for name, value in values.items():
        row = model.parameters.get(name) or model.variables.get(name)
        if row is not None:
            native[row.name] = scaled(value, factor(row, weight_scale))
    if model.computed is not None:
        native.update(model.computed(values))
    return native


def defaults(model: NativeModel) -> dict[str, Values]:
    """Native values of what PyNN's model does not have."""
    return {row.name: row.default for row in model.parameters.values() if row.default is not None}


def factor(row: Native, weight_scale: float = 1.0) -> float:
    """What PyNN's value is multiplied by."""
    return row.scale * weight_scale if row.is_weight else row.scale


def scaled(value: Values, by: float) -> Values:
    """A value times a number; a scale of 1 gives the same object, bit for bit."""
    if by == 1.0:
        return value
    if isinstance(value, Ragged):
        return Ragged(value.data * by, value.splits)
    return value * by


def to_pynn(row: Native, value: Values, weight_scale: float = 1.0) -> Values:
    """A native value in PyNN's unit."""
    by = factor(row, weight_scale)
    if by == 1.0:
        return value
    if isinstance(value, Ragged):
        return Ragged(value.data / by, value.splits)
    return value / by
