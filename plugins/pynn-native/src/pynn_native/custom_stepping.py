"""The step of a user's equations in NumPy, where nothing can be compiled: called by the engine as a compiled one is."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyNN.equations import CURRENT, CheckedCell, Stepper
from pyNN.interrupts import interrupts_wait

from pynn_native.custom_source import parameters_of

_TILE = 64


class _Lane(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("stride", ctypes.c_size_t)]


class _Work(ctypes.Structure):
    """``CustomWork`` of include/custom_work.hpp."""

    _fields_ = [
        ("first", ctypes.c_size_t),
        ("last", ctypes.c_size_t),
        ("states", ctypes.POINTER(ctypes.c_void_p)),
        ("parameters", ctypes.POINTER(_Lane)),
        ("current", _Lane),
        ("inputs", ctypes.POINTER(ctypes.c_void_p)),
        ("free", ctypes.c_void_p),
        ("fires", ctypes.c_void_p),
        ("reached", ctypes.c_void_p),
        ("h", ctypes.c_double),
        ("count", ctypes.c_size_t),
    ]


_STEP = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Work))


class NumpyStep:
    """One cell type, of 32-bit numbers where it is ``single``. It must live as long as the engine that calls it.

    Attributes
    ----------
    address
        Of a function that does what ``CustomStep`` does, in any thread.
    failure
        What went wrong in a step, which the engine then ends.
    pending
        What Ctrl-C raised while a step was under way; the step was completed.
    """

    def __init__(self, cell: CheckedCell, single: bool) -> None:
        self._stepper, self._columns = Stepper(cell), parameters_of(cell)
        self._number: np.dtype[Any] = np.dtype(np.float32 if single else np.float64)
        self._mask: np.dtype[Any] = np.dtype(np.int32 if single else np.int64)
        self._function = _STEP(self._call)
        self.address = ctypes.cast(self._function, ctypes.c_void_p).value or 0
        self.failure: BaseException | None = None
        self.pending: BaseException | None = None

    def _call(self, pointer: Any) -> int:
        done = False
        try:
            with interrupts_wait():
                self._step(pointer.contents)
                done = True
        except BaseException as error:  # noqa: BLE001 - none may pass through C++; the backend raises it again
            if not done:
                self.failure = error
                return 1
            self.pending = error
        return 0

    def _step(self, work: Any) -> None:
        stepper, cell, kind = self._stepper, self._stepper.cell, self._number
        first, size = _TILE * work.first, _TILE * (work.last - work.first)
        states = {name: _view(work.states[k], first, size, kind) for k, name in enumerate(cell.states)}
        columns = {name: _lane(work.parameters[k], first, size, kind) for k, name in enumerate(self._columns)}
        columns[CURRENT] = _lane(work.current, first, size, kind)
        free = _view(work.free, first, size, self._mask) != 0
        for _ in range(work.count):
            stepper.integrate(columns, states, free, work.h)
        for port in range(len(cell.receptors)):
            arrived = _view(work.inputs[port], 0, size, kind)
            stepper.receive(states, port, arrived, free)
            arrived[:] = 0.0
        fires = stepper.fires(columns, states) & free
        _view(work.fires, first, size, self._mask)[:] = fires
        reached = _view(work.reached, work.first, work.last - work.first, np.dtype(np.uint8))
        reached[:] = fires.reshape(-1, _TILE).any(axis=1)
        stepper.reset(columns, states, np.flatnonzero(fires).astype(np.int64))


def raise_again(steps: Sequence[NumpyStep]) -> None:
    """What was raised in a step and could not pass through the engine."""
    for step in steps:
        for error in (step.failure, step.pending):
            if error is not None:
                step.failure = step.pending = None
                raise error


def _view(address: int, first: int, size: int, kind: np.dtype[Any]) -> Any:
    """Numbers of this kind in the engine's memory."""
    memory = (ctypes.c_char * (kind.itemsize * size)).from_address(address + kind.itemsize * first)
    return np.frombuffer(memoryview(memory).cast("B"), dtype=kind)


def _lane(lane: Any, first: int, size: int, kind: np.dtype[Any]) -> Any:
    """A column, of one number where all cells share it."""
    return _view(lane.base, first, size, kind) if lane.stride else _view(lane.base, 0, 1, kind)
