"""Blocks of cells of a user's equations: their columns in the engine, and the step that moves them on."""

from __future__ import annotations

from functools import cache

import numpy as np
from cawan.logs import logger
from pyNN.compiling import cxx_compiler, no_compiler
from pyNN.equations import CheckedCell, derived
from pyNN.expressions import value_of

from pynn_native._engine import Engine
from pynn_native.arrays import floats
from pynn_native.custom_building import compiled_step
from pynn_native.custom_counting import ORIGIN, origin_of
from pynn_native.custom_source import divisors, parameters_of
from pynn_native.custom_stepping import NumpyStep

_REFRACTORY = ".refractory"
_log = logger(__name__)


def numpy_step(cell: CheckedCell, wanted: str, single: bool) -> NumpyStep | None:
    """The step in NumPy where it is ``wanted``, or where "auto" finds no compiler; else None."""
    if wanted == "numpy":
        return NumpyStep(cell, single)
    if wanted == "auto" and cxx_compiler() is None:
        _tell_once()
        return NumpyStep(cell, single)
    return None


@cache
def _tell_once() -> None:
    _log.warning(
        "Cells from equations are solved in NumPy, ten to sixty times slower than compiled, since there is no "
        'C++ compiler. %s setup(equations="numpy") asks for NumPy without this warning.',
        no_compiler(),
    )


def create(
    engine: Engine, cell: CheckedCell, size: int, timestep: float, step: NumpyStep | None, single: bool
) -> int:
    """A block of such cells, of an engine of 32-bit numbers where it is ``single``; gives its number."""
    taus = [f".tau.{port}" for port in range(len(cell.receptors))]
    columns = [*parameters_of(cell), _REFRACTORY, *taus]
    origin = ORIGIN if ORIGIN in cell.parameters else ""
    address = compiled_step(cell, single) if step is None else step.address
    return engine.create_custom(
        list(cell.states), columns, _REFRACTORY, taus, origin, cell.substeps(timestep), address, size
    )


def derive(engine: Engine, number: int, cell: CheckedCell, timestep: float) -> None:
    """Compute what follows from the parameters, after they changed."""
    parameters = {name: engine.get_cells(number, name, None) for name in cell.parameters}
    own = {ORIGIN: origin_of(cell, parameters)} if ORIGIN in parameters else {}
    parameters |= own
    found = own | derived(cell, parameters, timestep)
    known = {**parameters, **found}
    with np.errstate(divide="ignore"):  # what divides by 0 leaves all numbers, and the engine says which cell did
        found |= {name: np.atleast_1d(1.0 / value_of(tree, known)) for name, tree in divisors(cell).items()}
    for name, column in found.items():
        engine.set_cells(number, name, floats(column), None)
