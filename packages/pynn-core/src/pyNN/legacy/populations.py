"""What populations, views and assemblies were asked for in PyNN 0.6 to 0.8."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pyNN.legacy.warning import deprecated

if TYPE_CHECKING:
    from pyNN.populations.group import Group

_GSYN = ["gsyn_exc", "gsyn_inh"]


class OldGroup:
    """Methods of old, each with one warning that shows today's line."""

    def tset(self: Any, parametername: str, value_array: Any) -> None:
        """Set a parameter to an array of the population's shape."""
        deprecated(f"tset({parametername!r}, …)", f"set({parametername}=…)")
        self.set(**{parametername: _flat(value_array, parametername)})

    def rset(self: Any, parametername: str, rand_distr: Any) -> None:
        """Set a parameter to drawn values."""
        deprecated(f"rset({parametername!r}, …)", f"set({parametername}=…)")
        self.set(**{parametername: rand_distr})

    def randomInit(self: Any, rand_distr: Any) -> None:
        """Draw initial membrane potentials."""
        deprecated("randomInit(…)", "initialize(v=…)")
        self.initialize(v=rand_distr)

    def record_v(self: Any, record_from: Any = None, rng: Any = None, to_file: Any = True) -> None:
        """Record the membrane potential: of all cells, of ``record_from`` of them at random, or of those cells."""
        deprecated("record_v()", "record('v')")
        _record(self, "v", record_from, rng, to_file)

    def record_gsyn(self: Any, record_from: Any = None, rng: Any = None, to_file: Any = True) -> None:
        """Record both synaptic conductances."""
        deprecated("record_gsyn()", f"record({_GSYN!r})")
        _record(self, _GSYN, record_from, rng, to_file)

    def getSpikes(self: Any, gather: bool = True, compatible_output: bool = True) -> Any:
        """Recorded spikes, one row (index of the cell, ms) each."""
        deprecated("getSpikes()", "get_data('spikes')")
        return spike_rows(self, gather)

    def get_v(self: Any, gather: bool = True, compatible_output: bool = True) -> Any:
        """Recorded potentials, one row (index of the cell, ms, mV) a sample."""
        deprecated("get_v()", "get_data('v')")
        return sample_rows(self, ["v"], gather)

    def get_gsyn(self: Any, gather: bool = True, compatible_output: bool = True) -> Any:
        """Recorded conductances, one row (index of the cell, ms, µS, µS) a sample."""
        deprecated("get_gsyn()", f"get_data({_GSYN!r})")
        return sample_rows(self, _GSYN, gather)

    def printSpikes(self: Any, file: Any, gather: bool = True, compatible_output: bool = True) -> None:
        """Write recorded spikes as text, one line (ms, index of the cell) each."""
        deprecated("printSpikes(…)", "write_data(…, 'spikes')")
        columns = (1, 0) if compatible_output else (0, 1)
        _print(self, file, spike_rows(self, gather), columns, "spikes")

    def print_v(self: Any, file: Any, gather: bool = True, compatible_output: bool = True) -> None:
        """Write recorded potentials as text, one line (mV, index of the cell) a sample, cell by cell."""
        deprecated("print_v(…)", "write_data(…, 'v')")
        columns = (2, 0) if compatible_output else (0, 1, 2)
        _print(self, file, sample_rows(self, ["v"], gather), columns, "v")

    def print_gsyn(self: Any, file: Any, gather: bool = True, compatible_output: bool = True) -> None:
        """Write recorded conductances as text, one line (µS, µS, index of the cell) a sample, cell by cell."""
        deprecated("print_gsyn(…)", f"write_data(…, {_GSYN!r})")
        columns = (2, 3, 0) if compatible_output else (0, 1, 2, 3)
        _print(self, file, sample_rows(self, _GSYN, gather), columns, "gsyn")

    def meanSpikeCount(self: Any, gather: bool = True) -> float:
        """Mean number of spikes of a cell."""
        deprecated("meanSpikeCount()", "mean_spike_count()")
        return self.mean_spike_count(gather)  # type: ignore[no-any-return]  # a float

    def ids(self: Any) -> list[Any]:
        """All cells."""
        deprecated("ids()", "all_cells")
        return list(self.all())

    @property
    def position_generator(self: Any) -> Callable[[int], Any]:
        """A function that gives the position of the cell of an index, shape (3,), µm."""
        return lambda i: self.positions.T[i]


def as_keywords(args: tuple[Any, ...], named: dict[str, Any], what: str) -> dict[str, Any]:
    """``set("name", value)``, ``set({"name": value})`` and ``initialize("v", value)`` as keywords."""
    if not args:
        return named
    if len(args) == 1 and isinstance(args[0], dict):
        given = dict(args[0])
    elif len(args) == 2 and isinstance(args[0], str):
        given = {args[0]: args[1]}
    else:
        raise TypeError(f"{what}() takes parameters by name, such as {what}(tau_m=20.0), not {args!r}.")
    shown = ", ".join(f"{name}={value!r}" for name, value in given.items())
    deprecated(f"{what}({', '.join(map(repr, args))})", f"{what}({shown})")
    return {**given, **named}


def is_count_or_cells(variables: Any) -> bool:
    """Whether ``record(10)`` or ``record([cell, …])`` of PyNN 0.6 is meant."""
    if isinstance(variables, bool) or isinstance(variables, str):
        return False
    if isinstance(variables, int | np.integer):
        return True
    return isinstance(variables, list | tuple | np.ndarray) and len(variables) > 0 and not isinstance(variables[0], str)


def record_some(group: Any, record_from: Any, to_file: Any) -> None:
    """``record(10)`` of PyNN 0.6: spikes of ten cells, or of these."""
    deprecated(f"record({record_from!r})", "sample(n).record('spikes')")
    _record(group, "spikes", record_from, None, to_file)


def _record(group: Any, variables: Any, record_from: Any, rng: Any, to_file: Any) -> None:
    if record_from is None or record_from is True or isinstance(record_from, str) or not is_count_or_cells(record_from):
        group.record(variables, to_file if record_from is None else record_from)
    elif isinstance(record_from, int | np.integer) and not hasattr(record_from, "parent"):
        group.sample(int(record_from), rng).record(variables, to_file)
    else:
        cells = [record_from] if hasattr(record_from, "parent") else list(record_from)
        index = [int(cell) if not hasattr(cell, "parent") else group.id_to_index(cell) for cell in cells]
        group[np.asarray(index, dtype=np.int64)].record(variables, to_file)


def spike_rows(group: Group, gather: bool) -> Any:
    """Recorded spikes since the last reset, shape (n, 2): index of the cell, ms; in the order of time."""
    block = group.get_data("spikes", gather)
    trains = block.segments[-1].spiketrains if block.segments else []
    parts = [
        np.column_stack([np.full(len(train), group.id_to_index(train.annotations["source_id"])), train.magnitude])
        for train in trains
    ]
    rows = np.concatenate([np.empty((0, 2)), *parts])
    return rows[np.lexsort((rows[:, 0], rows[:, 1]))]


def sample_rows(group: Group, variables: list[str], gather: bool) -> Any:
    """Recorded samples since the last reset, cell by cell, shape (n, 2 + n_variables): index, ms, values."""
    block = group.get_data(variables, gather)
    tables = []
    found = [block.segments[-1].filter(name=name) for name in variables] if block.segments else []
    for signals in zip(*found, strict=True):
        times = signals[0].times.rescale("ms").magnitude
        for k, number in enumerate(signals[0].annotations["source_ids"]):
            index = np.full(len(times), group.id_to_index(number))
            tables.append(np.column_stack([index, times, *(signal.magnitude[:, k] for signal in signals)]))
    return np.concatenate([np.empty((0, 2 + len(variables))), *tables])


def _print(group: Any, file: Any, rows: Any, columns: tuple[int, ...], variable: str) -> None:
    from pyNN.recording.files import BaseFile, StandardTextFile

    metadata = {
        "variable": variable, "size": group.size, "first_index": 0, "last_index": group.size - 1,
        "first_id": int(group.first_id) if group.size else 0, "last_id": int(group.last_id) if group.size else 0,
        "label": group.label, "n": len(rows), "dt": group.simulator.timestep,
    }  # fmt: skip
    table = [[int(row[column]) if column == 0 else float(row[column]) for column in columns] for row in rows]
    if isinstance(file, BaseFile):
        file.write(table, metadata)
    else:
        with StandardTextFile(file, "w") as opened:
            opened.write(table, metadata)


def _flat(values: Any, name: str) -> Any:
    """An array of the population's dimensions as one value a cell; rows of spike times stay rows."""
    if name == "spike_times":
        return values
    array = np.asarray(values)
    return array.ravel() if array.ndim > 1 else values
