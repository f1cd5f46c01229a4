"""What populations, views and assemblies have in common: everything that can be said of some cells."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Array, Index

from pyNN.errors import CellNotFoundError, NotInjectableError, PyNNError
from pyNN.legacy.populations import OldGroup, as_keywords, is_count_or_cells, record_some
from pyNN.legacy.spinnaker import SpiNNakerGroup
from pyNN.native_types import handles
from pyNN.parallel import from_all
from pyNN.random import AbstractRNG, NumpyRNG
from pyNN.random.streams import choose_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyNN.populations.assembly import Assembly
    from pyNN.populations.cell import ID
    from pyNN.populations.population import Population
    from pyNN.simulator import Simulator

Parts = list[tuple["Population", Index]]


class Group(OldGroup, SpiNNakerGroup, ABC):
    """Some cells, in order: each of them is a row of one of the populations in :meth:`parts`."""

    label: str
    annotations: dict[str, Any]

    @abstractmethod
    def parts(self) -> Parts:
        """The populations that the cells belong to, with their rows there; in the order of the cells."""

    @property
    @abstractmethod
    def simulator(self) -> Simulator:
        """Where the cells live."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in getattr(getattr(self, "celltype", None), "parameters", ()):
            raise PyNNError(f"Setting {name!r} as an attribute changes no cell. Use set({name}={value!r}).")
        super().__setattr__(name, value)

    # -- the cells ------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """Number of cells."""
        return sum(len(index) for _, index in self.parts())

    def __len__(self) -> int:
        return self.size

    @property
    def local_size(self) -> int:
        """Cells that this process owns."""
        return len(self.local_cells)

    @property
    def all_cells(self) -> NDArray[np.int64]:
        """Numbers of all cells, shape (size,)."""
        found = [population.first_number + index for population, index in self.parts()]
        return np.concatenate([np.empty(0, np.int64), *found])

    @property
    def local_cells(self) -> NDArray[np.int64]:
        """Numbers of the cells that this process owns."""
        found = [p.first_number + index[np.isin(index, p.local_rows())] for p, index in self.parts()]
        return np.concatenate([np.empty(0, np.int64), *found])

    def __iter__(self) -> Iterator[ID]:
        for population, index in self.parts():
            for k in index[np.isin(index, population.local_rows())]:
                yield population.cell(int(k))

    def all(self) -> Iterator[ID]:
        """All cells, also those that other processes own."""
        for population, index in self.parts():
            for k in index:
                yield population.cell(int(k))

    def cell_at(self, k: int) -> ID:
        """The k-th cell; counts from the end where k is negative."""
        if not -self.size <= k < self.size:
            raise CellNotFoundError(f"{self.label!r} has {self.size} cells, so none has index {k}.")
        number = k % self.size
        for population, index in self.parts():
            if number < len(index):
                return population.cell(int(index[number]))
            number -= len(index)
        raise CellNotFoundError(f"{self.label!r} has no cell {k}.")

    @property
    def first_id(self) -> ID:
        """The first cell."""
        return self.cell_at(0)

    @property
    def last_id(self) -> ID:
        """The last cell."""
        return self.cell_at(-1)

    def id_to_index(self, id: Any) -> Any:
        """Index of a cell in this group, or an array of them for several cells."""
        numbers = self.all_cells
        if isinstance(id, Group):
            id = id.all_cells
        asked = np.atleast_1d(np.asarray(id, dtype=np.int64))
        order = np.argsort(numbers, kind="stable")
        place = np.searchsorted(numbers, asked, sorter=order)
        found = order[np.minimum(place, max(len(order) - 1, 0))] if len(order) else np.empty(0, np.int64)
        if not len(order) or (numbers[found] != asked).any():
            raise CellNotFoundError(f"{id!r} is not a cell of {self.label!r}.")
        return int(found[0]) if np.ndim(id) == 0 else found

    def sample(self, n: int, rng: AbstractRNG | None = None) -> Any:
        """A view of n different cells, at random: by ``rng``, else the same ones for the same seed of ``setup``."""
        if not 0 <= n <= self.size:
            raise PyNNError(f"{self.label!r} has {self.size} cells, so {n} different ones cannot be sampled.")
        if rng is None:
            key = next((population.identity.key("sample") for population, _ in self.parts()), 0)
            return self[choose_rows(key, 0, self.size, n, replace=False)]
        source: Any = rng if hasattr(rng, "permutation") else NumpyRNG(rng.seed)
        return self[np.sort(source.permutation(np.arange(self.size))[:n])]

    @abstractmethod
    def __getitem__(self, index: Any) -> Any:
        """A cell (whole number), or a view (slice, indices, mask)."""

    def __add__(self, other: Group) -> Assembly:
        from pyNN.populations.assembly import Assembly

        return Assembly(self, other)

    # -- what they are --------------------------------------------------------------------------------------------

    @property
    def positions(self) -> Array:
        """Where the cells are, shape (3, size), µm."""
        found = [population.positions[:, index] for population, index in self.parts()]
        return np.concatenate([np.empty((3, 0)), *found], axis=1)

    @property
    def conductance_based(self) -> bool:
        """Whether synaptic weights are conductances (µS) for all cells; else currents (nA)."""
        kinds = [bool(population.celltype.conductance_based) for population, _ in self.parts()]
        return bool(kinds) and all(kinds)

    @property
    def _homogeneous_synapses(self) -> bool:
        """Whether weights are conductances for all cells, or currents for all."""
        return len({bool(population.celltype.conductance_based) for population, _ in self.parts()}) <= 1

    @property
    def _mask_local(self) -> NDArray[np.bool_]:
        """Which cells this process owns, shape (size,)."""
        return np.isin(self.all_cells, self.local_cells)

    @property
    def native(self) -> Any:
        """The simulator's own objects for these cells, such as NEST's NodeCollection; of an assembly, a list of them.

        Raises
        ------
        AttributeError
            The simulator does not hand out its objects.
        """
        parts = self.parts()
        found = handles(
            self.simulator, self.label, [(part.block, None if part is self else index) for part, index in parts]
        )
        return found[0] if len(parts) == 1 else found

    @property
    def node_collection(self) -> Any:
        """As :attr:`native`, by the name that PyNN has for it on NEST."""
        return self.native

    @property
    def brian2_group(self) -> Any:
        """As :attr:`native`, by the name that PyNN has for it on Brian 2."""
        return self.native

    @property
    def receptor_types(self) -> tuple[str, ...]:
        """Where synapses arrive; those that all cells have."""
        types = [population.celltype.receptor_types for population, _ in self.parts()]
        return tuple(name for name in types[0] if all(name in other for other in types)) if types else ()

    @property
    def injectable(self) -> bool:
        """Whether a current source may be attached."""
        return all(population.celltype.injectable for population, _ in self.parts())

    def can_record(self, variable: str, location: object = None) -> bool:
        """Whether ``record`` takes this variable."""
        return all(population.celltype.can_record(variable) for population, _ in self.parts())

    def find_units(self, variable: str) -> str:
        """PyNN's unit of a variable or parameter."""
        return str(self.parts()[0][0].celltype.units[variable])

    # -- parameters -----------------------------------------------------------------------------------------------

    def get(self, parameter_names: str | Sequence[str], gather: bool = False, simplify: bool = True) -> Any:
        """Values of parameters, or of state variables as they are now, such as ``v``.

        Parameters
        ----------
        simplify
            One number where all cells have the same value; else always an array of shape (size,).
        """
        if not isinstance(parameter_names, str):
            return [self.get(name, gather, simplify) for name in parameter_names]
        found = [population.present(parameter_names, index) for population, index in self.parts()]
        values: Any = _series_array(found) if _is_series(found) else np.concatenate([np.empty(0), *found])
        if not gather and self.simulator.num_processes() > 1:
            values = values[self._mask_local]
        if simplify and len(values) and all(value == values[0] for value in values):
            first = values[0]
            return first if not isinstance(first, np.floating) else float(first)
        return values

    def set(self, *old: Any, **parameters: Any) -> None:
        """Change parameters from now on: one value, one for each cell, a distribution or a function of the index."""
        parameters = as_keywords(old, parameters, "set")
        parts = self.parts()
        for population, _ in parts:
            for name in parameters:
                population.celltype.require_parameter(name)
        for (population, index), shares in zip(parts, self._shares(parameters), strict=True):
            population.set_rows(shares, index, self.label)

    def initialize(self, *old: Any, **initial_values: Any) -> None:
        """Set state variables: their values at time 0, and from now on where the simulation has begun."""
        initial_values = as_keywords(old, initial_values, "initialize")
        for (population, index), shares in zip(self.parts(), self._shares(initial_values), strict=True):
            population.initialize_rows(shares, index, self.label)

    def get_initial_value(self, variable: str) -> Array:
        """Values of a variable at time 0, shape (size,)."""
        return np.concatenate([population.initial_of(variable)[index] for population, index in self.parts()])

    def _shares(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each part's share of the values: an array of shape (size,) is divided, anything else goes to all."""
        parts = self.parts()
        if len(parts) == 1:
            return [dict(given)]
        shares: list[dict[str, Any]] = [{} for _ in parts]
        starts = np.cumsum([0, *(len(index) for _, index in parts)])
        for name, value in given.items():
            divided = isinstance(value, list | tuple | np.ndarray) and np.ndim(value) >= 1 and len(value) == self.size
            for k, share in enumerate(shares):
                share[name] = value[starts[k] : starts[k + 1]] if divided else value
        return shares

    # -- currents and recording -----------------------------------------------------------------------------------

    def inject(self, current_source: Any, location: Any = None) -> None:
        """Attach a current source to every cell; ``location``: where on cells of many compartments, else the source."""
        if not self.injectable:
            raise NotInjectableError(self.label)
        if location is None:
            current_source.inject_into(self)  # sources of others may know of no places
        else:
            current_source.inject_into(self, location)

    def record(
        self, variables: str | Sequence[str] | None = "spikes", to_file: Any = None,
        sampling_interval: float | None = None, locations: Any = None,
    ) -> None:  # fmt: skip
        """Record from now on; None ends all recording of these cells' populations.

        Parameters
        ----------
        sampling_interval
            ms, a multiple of the timestep; each step by default.
        to_file
            Where to write the data at ``end``: a file name or a Neo IO.
        locations
            Where on cells of many compartments: a section's name, a place of :mod:`pyNN.morphology`, a list of these,
            or a dictionary, name in the data → place. Signals are called by place and variable, such as "soma.v".
            Else where the cell fires.
        """
        if is_count_or_cells(variables):
            record_some(self, variables, to_file)
            return
        for population, index in self.parts():
            population.recorder.record(variables, index, sampling_interval, locations)
        if to_file is not None and not isinstance(to_file, bool):
            self.simulator.write_at_end(self, variables, to_file)

    def get_data(
        self, variables: str | Sequence[str] = "all", gather: bool = True, clear: bool = False,
        annotations: Mapping[str, Any] | None = None, locations: Any = None,
    ) -> Any:  # fmt: skip
        """What was recorded, as a Neo Block with one segment for each run between resets.

        Parameters
        ----------
        clear
            Forget it once it is handed over.
        locations
            Names of places, of which alone the signals are wanted.
        """
        from pyNN.recording.neo_blocks import at_places, make_block

        block = make_block(self, variables, gather=gather, clear=clear, annotations=annotations)
        return block if locations is None else at_places(block, locations)

    def write_data(
        self, io: Any, variables: str | Sequence[str] = "all", gather: bool = True, clear: bool = False,
        annotations: Mapping[str, Any] | None = None, locations: Any = None,
    ) -> None:  # fmt: skip
        """Write what was recorded to a file (name or Neo IO); its ending tells the format."""
        from pyNN.recording.neo_blocks import write_block

        block = self.get_data(variables, gather, clear, annotations, locations)
        processes, rank = self.simulator.num_processes(), self.simulator.rank()
        if processes > 1 and not gather and isinstance(io, str | os.PathLike):
            name, ending = os.path.splitext(io)
            io = f"{name}.{rank}{ending}"
        if rank == 0 or not gather:
            write_block(block, io)

    def get_spike_counts(self, gather: bool = True) -> dict[int, int]:
        """Number of recorded spikes of each cell since the last reset, by cell."""
        counts: dict[int, int] = {}
        for population, index in self.parts():
            found, recorded = population.recorder.spike_counts(), population.recorder.recorded("spikes")
            chosen = index[np.isin(index, recorded)]
            counts.update({int(population.first_number + k): int(found[k]) for k in chosen})
        if gather and self.simulator.num_processes() > 1:
            shares = from_all(counts)
            return dict(sorted((number, count) for share in shares for number, count in share.items()))
        return counts

    def mean_spike_count(self, gather: bool = True) -> float:
        """Mean number of recorded spikes of a cell since the last reset."""
        counts = list(self.get_spike_counts().values())
        return float(np.mean(counts)) if counts else float("nan")

    def annotate(self, **annotations: Any) -> None:
        """Keep notes with the cells; recorded data carry them."""
        self.annotations.update(annotations)

    def save_positions(self, file: Any) -> None:
        """Write a line (index of the cell, x, y, z in µm) for each cell, to a text file or a file object of PyNN."""
        from pyNN.recording.files import StandardTextFile

        rows = np.column_stack([np.arange(self.size), self.positions.T])
        metadata = self._notes()
        if isinstance(file, str | os.PathLike):
            with StandardTextFile(file, "w") as opened:
                opened.write([[int(k), *(float(x) for x in xyz)] for k, *xyz in rows], metadata)
        else:
            file.write(rows, metadata)

    def _notes(self) -> dict[str, str]:
        return {"population": self.label}

    def describe(self, template: Any = "default", engine: Any = "default") -> Any:
        """A description for people.

        Parameters
        ----------
        template
            A text with placeholders, or the name of a file that holds one; None: the values as a dictionary.
        engine
            The template engine, by name or as a class of :mod:`pyNN.descriptions`.
        """
        from pyNN.descriptions import render

        return render(engine, self.template if template == "default" else template, self.described())

    template: ClassVar[str] = "population_default.txt"

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """What a description says."""

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from pyNN.populations.html import table

        kinds = {f"cells of {p.label}": f"{len(index)} × {p.celltype!r}" for p, index in self.parts()}
        recorded = {t.variable for p, _ in self.parts() for t in p.recorder.tracks}
        return table(
            f"{type(self).__name__} {self.label!r}",
            {"cells": self.size, **kinds, "recorded": ", ".join(sorted(recorded)) or "nothing"},
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size}, {self.label!r})"


class BasePopulation(Group):
    """Cells of one type: a population or a view."""

    def is_local(self, id: int) -> bool:
        """Whether this process owns a cell."""
        return bool(self._mask_local[self.id_to_index(id)])

    def nearest(self, position: Any) -> ID:
        """The cell nearest to a position (3 numbers, µm)."""
        squares = ((self.positions - np.asarray(position, dtype=np.float64)[:, None]) ** 2).sum(axis=0)
        return self.cell_at(int(np.argmin(squares)))


def _is_series(found: list[Any]) -> bool:
    return any(isinstance(values, list) for values in found)


def _series_array(found: list[Any]) -> Any:
    """An array of Sequences, shape (size,)."""
    items = [item for part in found for item in part]
    values = np.empty(len(items), dtype=object)
    values[:] = items
    return values
