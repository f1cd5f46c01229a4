"""Nodes: which cells there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Index

from pyNN.errors import PyNNError
from pyNN.populations import Assembly
from pyNN.serialization.sonata.config import condense

_OWN = ("model_type", "model_template", "population", "dynamics_params", "x", "y", "z")


@dataclass
class NodeGroup:
    """Cells with the same kinds of parameters, in the order of their index in the group.

    Attributes
    ----------
    types
        The row of the table of types of each cell.
    parameters
        Values that differ from cell to cell, each of shape (size,).
    """

    id: int
    types: list[Mapping[str, Any]]
    parameters: Mapping[str, Any]
    positions: Any
    config: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.types)

    size = property(__len__)

    @classmethod
    def from_data(
        cls, id: int, node_types_array: Index, index: Index, h5_data: Any, node_types_map: Mapping[int, Any],
        config: Mapping[str, Any],
    ) -> NodeGroup:  # fmt: skip
        """A group of an HDF5 file; ``index`` says which of its rows each cell has."""
        values = {}
        for source in (h5_data, h5_data.get("dynamics_params")):
            for name, item in () if source is None else source.items():
                if hasattr(item, "shape"):
                    values[name] = np.asarray(item)[index]
        positions = np.stack([values.pop(axis) for axis in "xyz"]) if all(axis in values for axis in "xyz") else None
        return cls(id, [node_types_map[int(t)] for t in node_types_array], values, positions, config)

    def get_cell_type(self, sim: Any) -> Any:
        """The cell type with its parameters.

        Raises
        ------
        PyNNError
            The model is none that this simulator has, or differs within the group.
        """
        kinds = {(row.get("model_type"), row.get("model_template")) for row in self.types}
        if len(kinds) > 1:
            raise PyNNError(f"The cells of node group {self.id} have several models, which one population cannot have.")
        kind, template = kinds.pop()
        if kind == "virtual":
            return sim.SpikeSourceArray()
        if kind not in ("point_neuron", "point_process") or not isinstance(template, str):
            raise PyNNError(f"Node group {self.id} has the model {kind!r}. PyNN reads point neurons and virtual nodes.")
        prefix, _, name = template.rpartition(":")
        model = sim.native_cell_type(name) if prefix.lower() == "nest" else getattr(sim, name)
        given = self._parameters()
        return model(**{key: value for key, value in given.items() if model.has_parameter(key)})

    def _parameters(self) -> dict[str, Any]:
        rows = [{**self._from_file(row), **{k: v for k, v in row.items() if k not in _OWN}} for row in self.types]
        names = {name for row in rows for name in row}
        shared = {name: condense([row.get(name) for row in rows]) for name in names}
        return {**shared, **self.parameters}

    def _from_file(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters that a type names a JSON file of."""
        name = row.get("dynamics_params")
        folder = self.config.get("components", {}).get("point_neuron_models_dir")
        if not isinstance(name, str) or folder is None:
            return {}
        content: dict[str, Any] = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
        return content

    def to_population(self, sim: Any, label: str) -> Any:
        """A population of these cells."""
        made = sim.Population(self.size, self.get_cell_type(sim), label=label)
        if self.positions is not None:
            made.positions = self.positions
        return made


@dataclass
class NodePopulation:
    """Groups of cells under one name; ``ids`` are their numbers in the file, in the order of the assembly."""

    name: str
    groups: list[NodeGroup]
    ids: Index

    @classmethod
    def from_data(
        cls, name: str, h5_data: Any, node_types_map: Mapping[int, Any], config: Mapping[str, Any]
    ) -> NodePopulation:
        """A node population of an HDF5 file."""
        types = np.asarray(h5_data["node_type_id"], dtype=np.int64)
        groups = np.asarray(h5_data["node_group_id"], dtype=np.int64)
        index = np.asarray(h5_data["node_group_index"], dtype=np.int64)
        ids = np.asarray(h5_data["node_id"], dtype=np.int64) if "node_id" in h5_data else np.arange(len(types))
        made, order = [], []
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            rows = rows[np.argsort(index[rows], kind="stable")]
            group_data = h5_data[str(group)]
            made.append(NodeGroup.from_data(int(group), types[rows], index[rows], group_data, node_types_map, config))
            order.append(rows)
        return cls(name, made, ids[np.concatenate([np.empty(0, np.int64), *order])])

    def to_assembly(self, sim: Any) -> Assembly:
        """An assembly of a population for each group."""
        populations = [group.to_population(sim, f"{self.name}-{group.id}") for group in self.groups]
        made = Assembly(*populations, label=self.name)
        made.annotate(sonata_ids=self.ids)
        return made


def sonata_id_to_index(population: Any, id: Any) -> Any:
    """Index in an assembly of nodes with these numbers in the file."""
    ids = np.asarray(population.annotations["sonata_ids"])
    order = np.argsort(ids, kind="stable")
    place = np.minimum(np.searchsorted(ids, id, sorter=order), len(ids) - 1)
    found = order[place]
    if (ids[found] != id).any():
        absent = np.atleast_1d(id)[ids[found] != id][0]
        raise PyNNError(f"The node population {population.label!r} has no node {absent}.")
    return found
