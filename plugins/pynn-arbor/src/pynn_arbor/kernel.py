"""Arbor itself, and the C interface of our catalogue; both loaded at the first use."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from pynn_arbor.building import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

_P, _N, _I = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
_INT, _U, _D = ctypes.c_int, ctypes.c_uint64, ctypes.c_double
_SIGNATURES: Mapping[str, tuple[list[Any], Any]] = {
    "begin": ([_N, _D], None),
    "end": ([_N], None),
    "block": ([_N, _INT, _N, _U, _U], _N),
    "column": ([_N, _N, _P], None),
    "port": ([_N, _N, _INT, _P, _P, _P, _P, _P], None),
    "kernel": ([_N, _N, _INT, _N, _P, _P, _P], None),
    "prepare": ([_N, _N], None),
    "times": ([_N, _N, _P, _P, _I], None),
    "current": ([_N, _N, _P, _N, _P, _I], None),
    "no_taps": ([_N, _N], None),
    "tap": ([_N, _N, _P, _P, _N, _I, _I, _I, _P], None),
    "log": ([_N, _N, _INT], None),
    "fired": ([_N, _N], _N),
    "drain": ([_N, _N, _P, _P], None),
    "synapses": ([_N, _INT, _N, _N, _N, _U, _U, _N, _N, _P], _N),
    "synapse_column": ([_N, _N, _P], None),
    "incoming": ([_N, _P, _P, _P], None),
    "settle": ([_N, _N, _I], None),
    "forget": ([_N, _I], None),
    "gaps": ([_N, _P, _P, _P, _P], None),
    "look": ([_N], None),
}
_numbers = count(1)


@cache
def arbor() -> Any:
    """Arbor's Python module."""
    import arbor as module

    return module


@cache
def _functions(path: str) -> dict[str, Any]:
    found = ctypes.CDLL(path)
    functions = {}
    for name, (arguments, result) in _SIGNATURES.items():
        function = getattr(found, f"cawan_{name}")
        function.argtypes, function.restype = arguments, result
        functions[name] = function
    return functions


@cache
def catalogue(path: str) -> Any:
    """Arbor's view of our mechanism."""
    return arbor().load_catalogue(path)


class World:
    """One network in the catalogue's memory. Arrays are handed over by address: whoever owns them keeps them."""

    def __init__(self, timestep: float) -> None:
        self.path = str(library())
        self.number = next(_numbers)
        self.timestep = timestep
        self._call("begin", timestep)

    def close(self) -> None:
        """Forget the network; no simulation of Arbor's may still use it."""
        self._call("end")

    def _call(self, name: str, *arguments: Any) -> Any:
        return _functions(self.path)[name](self.number, *arguments)

    def block(self, membrane: int, size: int, stream: int) -> int:
        """A new block of cells or sources; gives its number."""
        return int(self._call("block", membrane, size, *halves(stream)))

    def column(self, block: int, column: NDArray[Any]) -> None:
        """The next column of a block."""
        self._call("column", block, address(column))

    def port(self, block: int, kind: int, columns: list[NDArray[Any] | None]) -> None:
        """The next receptor of a block: g, s, e_rev, rise and decay."""
        self._call("port", block, kind, *map(address, columns))

    def kernel(self, block: int, gamma: bool, a: NDArray[Any], tau: NDArray[Any], value: NDArray[Any]) -> None:
        """The exponentials of a spike-triggered kernel, each of shape (size, n)."""
        self._call("kernel", block, int(gamma), a.shape[1], address(a), address(tau), address(value))

    def prepare(self, block: int) -> None:
        """Compute what follows from the parameters."""
        self._call("prepare", block)

    def times(self, block: int, splits: NDArray[Any], steps: NDArray[Any], done: int) -> None:
        """The steps at which sources fire, of which those up to ``done`` have passed."""
        self._call("times", block, address(splits), address(steps), done)

    def current(self, block: int, channel: NDArray[Any] | None, values: NDArray[Any] | None, first: int) -> None:
        """Injected currents from step ``first`` on: values of shape (steps, channels), and the channel of each cell."""
        channels = 0 if values is None else values.shape[1]
        self._call("current", block, address(channel), channels, address(values), first)

    def taps(self, block: int, taps: list[tuple[NDArray[Any], NDArray[Any], int, int, int, NDArray[Any]]]) -> None:
        """What is sampled in the next slice: column, channel of each cell, first step, every, end, values."""
        self._call("no_taps", block)
        for column, place, first, every, last, values in taps:
            self._call(
                "tap", block, address(column), address(place), values.shape[1], first, every, last, address(values)
            )

    def log(self, block: int) -> None:
        """Keep spikes from now on."""
        self._call("log", block, 1)

    def drain(self, block: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Steps and rows of the spikes since the last time."""
        found = np.empty((2, self._call("fired", block)), dtype=np.int64)
        self._call("drain", block, address(found[0]), address(found[1]))
        return found[0], found[1]

    def synapses(self, kind: int, ends: tuple[int, int, int], stream: int, size: int, width: int, places: Any) -> int:
        """A block of synapses; ``ends``: block of sources, block of targets, receptor. Gives its number."""
        return int(self._call("synapses", kind, *ends, *halves(stream), size, width, places))

    def synapse_column(self, synapses: int, column: NDArray[Any]) -> None:
        """The next column of a block of synapses."""
        self._call("synapse_column", synapses, address(column))

    def incoming(self, offset: NDArray[Any], of: NDArray[Any], row: NDArray[Any]) -> None:
        """What arrives at each cell: where its synapses begin, and the block and row of each."""
        self._call("incoming", address(offset), address(of), address(row))

    def settle(self, synapses: int, step: int) -> None:
        """Compute what all spikes up to this step do to these synapses."""
        self._call("settle", synapses, step)

    def forget(self, step: int) -> None:
        """Nobody needs the spikes up to this step any more."""
        self._call("forget", step)

    def gaps(self, offset: NDArray[Any], other: NDArray[Any], place: NDArray[Any], weight: NDArray[Any]) -> None:
        """Gap junctions of each cell: where they begin, the cell on the other side, the place of the conductance."""
        self._call("gaps", *map(address, (offset, other, place, weight)))

    def look(self) -> None:
        """Gap junctions see the potentials of now."""
        self._call("look")


def address(array: NDArray[Any] | None) -> int | None:
    """Where an array begins; its rows must lie one after the other."""
    if array is not None and not array.flags.c_contiguous:
        raise TypeError("an array whose rows are apart")
    return None if array is None else int(array.ctypes.data)


def halves(stream: int) -> tuple[int, int]:
    """The lower and upper 64 bits of a key."""
    return stream & (1 << 64) - 1, stream >> 64 & (1 << 64) - 1
