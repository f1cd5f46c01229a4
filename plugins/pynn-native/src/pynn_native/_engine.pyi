"""The engine in C++ (src/engine): blocks are numbers, time is counted in steps. Raises IndexError or ValueError."""

from collections.abc import Callable, Mapping
from enum import Enum

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_Integers = NDArray[np.int64]

class Outcome(Enum):
    """How ``advance`` ended."""

    arrived = ...
    stopped = ...
    trouble = ...

class SpikeTap:
    """A recording of spikes."""

class SampleTap:
    """A recording of one variable."""

class Engine:
    """One simulation. Rows None: all; values of shape (1,): one for all rows."""

    def __init__(
        self,
        timestep: float,
        threads: int,
        max_rate: float = ...,
        single_weights: bool = False,
        single_state: bool = False,
        rank: int = 0,
        ranks: int = 1,
        exchange: Callable[[bytes], list[bytes]] | None = None,
    ) -> None:
        """``max_rate``: of a block of cells, Hz. ``single_weights``: of static synapses, in 4 bytes where they differ.

        ``single_state``: state and input of cells are 32-bit numbers; cells without such a kernel raise ValueError.
        ``exchange``: bytes of this process for those of all.
        """
    def local(self, cells: int, /) -> tuple[int, int]:
        """First row that this process computes, and one past the last."""
    @property
    def step(self) -> int: ...
    def create_cells(self, kind: str, size: int, /) -> int: ...
    def create_custom(
        self, states: list[str], parameters: list[str], refractory: str, tau_syn: list[str], origin: str,
        count: int, step: int, size: int, /,
    ) -> int:
        """Cells whose step is the function at address ``step`` (include/custom_work.hpp), which must stay there.

        In 32 bits v counts from the first value of the parameter ``origin``; "": from 0.
        """
    def seed_cells(self, cells: int, low: int, high: int, /) -> None:
        """The 128-bit key of what these cells draw by chance."""
    def get_gaps(self, gaps: int, name: str, rows: _Integers | None, /) -> _Floats: ...
    def set_gaps(self, gaps: int, name: str, values: _Floats, rows: _Integers | None, /) -> None: ...
    def create_sources(self, size: int, /) -> int: ...
    def create_current(self) -> int: ...
    def set_cells(self, cells: int, name: str, values: _Floats, rows: _Integers | None, /) -> None: ...
    def get_cells(self, cells: int, name: str, rows: _Integers | None, /) -> _Floats: ...
    def set_spike_times(self, sources: int, data: _Floats, splits: _Integers, rows: _Integers | None, /) -> None: ...
    def drive(
        self,
        sources: int,
        /,
        *,
        rate: _Floats,
        start: _Floats,
        stop: _Floats,
        key: tuple[int, int],
        since: float,
        table: _Integers,
        thresholds: list[NDArray[np.uint64]],
    ) -> None:
        """Poisson trains. ``table``: which of ``thresholds`` a source is drawn with, step by step; -1: in windows."""
    def set_current(self, current: int, times: _Floats, amplitudes: _Floats, /) -> None: ...
    def inject(self, current: int, cells: int, rows: _Integers, /) -> None: ...
    def get_synapses(self, synapses: int, name: str, rows: _Integers | None, /) -> _Floats: ...
    def set_synapses(self, synapses: int, name: str, values: _Floats, rows: _Integers | None, /) -> None: ...
    def record_spikes(self, of_sources: bool, block: int, rows: _Integers, /) -> SpikeTap: ...
    def record_samples(self, cells: int, variable: str, rows: _Integers, every: int, /) -> SampleTap: ...
    def read_spikes(self, tap: SpikeTap, /) -> tuple[_Integers, _Floats]:
        """Rows and times (ms) of what is new."""
    def read_samples(self, tap: SampleTap, /) -> tuple[int, _Floats]:
        """Step of the first new sample, and all new ones, shape (n_samples, n_channels)."""
    def stop_spikes(self, tap: SpikeTap, /) -> None:
        """End a recording; it must not be used again."""
    def stop_samples(self, tap: SampleTap, /) -> None:
        """End a recording; it must not be used again."""
    def advance(self, goal: int, pulse: Callable[[], bool]) -> Outcome:
        """To step ``goal``, or to where the pulse says stop or something is wrong. What the pulse raises comes out."""
    def trouble(self) -> tuple[bool, int, int, float, int]:
        """What was wrong: whether it is a rate, block of cells, row, value, and the last step when all was well."""

class Rule:
    """A connection rule (``cawan.simulator.Rule``); ``number`` of shape (1,) or one for each target (source)."""

    def __init__(
        self, kind: str, key: tuple[int, int], pre: _Integers, post: _Integers, twins: _Integers | None,
        probability: float, number: _Floats, with_replacement: bool, mutual: bool,
    ) -> None: ...  # fmt: skip

class Draw:
    """Values that a rule draws (``cawan.simulator.Draw``); parameters in PyNN's order."""

    def __init__(
        self, name: str, distribution: str, parameters: list[float], key: tuple[int, int], scale: float, step: float,
        lowest: float, highest: float,
    ) -> None: ...  # fmt: skip

class RowMaker:
    """The rows of a rule, chunk after chunk; a signal that raises ends it."""

    def __init__(self, rule: Rule, draws: list[Draw]) -> None: ...
    def next(self, most: int) -> tuple[_Integers, _Integers, dict[str, _Floats]]:
        """Both ends and the drawn values of the next rows; none where all were made."""

class Arriving:
    """The synapses of one block: they arrive in chunks, or a rule is expanded."""

    def __init__(self, engine: Engine, from_sources: bool, pre: int, post: int, receptor: int) -> None: ...
    def add(self, pre: _Integers, post: _Integers, values: Mapping[str, _Floats], /) -> None:
        """One chunk; the arrays are copied."""
    def connect(self, kind: str, common: Mapping[str, float], low: int = 0, high: int = 0, /) -> int:
        """Make the block, in which ``common`` holds for what no chunk gave; its key has two halves."""
    def expand(
        self, kind: str, rule: Rule, draws: list[Draw], common: Mapping[str, float], low: int, high: int, /
    ) -> int:
        """Make the block that a rule describes."""
    def procedural(self, rule: Rule, draws: list[Draw], common: Mapping[str, float], /) -> int:
        """Make a block of static synapses that a rule makes anew each time that they are needed."""
    def connect_gaps(self, common: Mapping[str, float], /) -> int:
        """Make a block of gap junctions."""
