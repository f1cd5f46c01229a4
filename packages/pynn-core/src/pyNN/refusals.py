"""What a simulator itself refuses, as an error of PyNN's that names the object and has the simulator's own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from cawan.errors import CawanError
from cawan.fast_dataclasses import replace
from cawan.simulator import Edges, Wiring

from pyNN.errors import RefusedValueError
from pyNN.parameters import Parameter


def chosen(given: Mapping[str, Any], parameters: Mapping[str, Parameter]) -> list[str]:
    """The parameters that have another value than the model's default."""
    return [name for name, value in given.items() if not _is(value, parameters[name].default)]


def _is(value: Any, default: Any) -> bool:
    """Whether a value is the default; a list never is, nor has it always a number of dimensions."""
    return value is default or (not isinstance(value, list | tuple) and np.ndim(value) == 0 and value == default)


@contextmanager
def refusals(simulator: str, owner: str, names: Iterable[str], passing: Iterable[Exception] = ()) -> Iterator[None]:
    """Turn errors of a simulator's own into PyNN's.

    Parameters
    ----------
    owner
        The label of the population or projection that is made or changed.
    names
        The parameters that it may be about.
    passing
        Errors of the script's own, which stay as they are; may be filled meanwhile.

    Raises
    ------
    RefusedValueError
        With the simulator's own error as its cause.
    """
    try:
        yield
    except CawanError:
        raise
    except Exception as error:
        if any(error is own for own in passing):
            raise
        raise RefusedValueError(simulator, owner, tuple(names), error) from error


def noting_errors(wiring: Wiring, found: list[Exception]) -> Wiring:
    """The same wiring; what goes wrong while PyNN makes its rows, such as in a function of the script's, is noted."""

    def chunks() -> Iterator[Edges]:
        try:
            yield from wiring.chunks()
        except Exception as error:
            found.append(error)
            raise

    return replace(wiring, chunks=chunks)
