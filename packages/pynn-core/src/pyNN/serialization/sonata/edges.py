"""Edges: who is connected to whom, by which synapses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Index

from pyNN.connectors import FromListConnector
from pyNN.errors import PyNNError
from pyNN.projections import Projection
from pyNN.serialization.sonata.config import condense
from pyNN.serialization.sonata.nodes import sonata_id_to_index

_NAMES = {"syn_weight": "weight"}


@dataclass
class EdgeGroup:
    """Connections with the same kinds of parameters."""

    id: int
    types: list[Mapping[str, Any]]
    source_ids: Index
    target_ids: Index
    parameters: Mapping[str, Any]

    @classmethod
    def from_data(
        cls, id: int, edge_types_array: Index, index: Index, source_ids: Index, target_ids: Index, h5_data: Any,
        edge_types_map: Mapping[int, Any], config: Mapping[str, Any],
    ) -> EdgeGroup:  # fmt: skip
        """A group of an HDF5 file; ``index`` says which of its rows each connection has."""
        values = {}
        for source in (h5_data, h5_data.get("dynamics_params")):
            for name, item in () if source is None else source.items():
                if hasattr(item, "shape"):
                    values[_NAMES.get(name, name)] = np.asarray(item, dtype=np.float64)[index]
        return cls(id, [edge_types_map[int(t)] for t in edge_types_array], source_ids, target_ids, values)

    def get_synapse_and_receptor_type(self, sim: Any) -> tuple[Any, str | None]:
        """The class of the synapses, and where they arrive (None: as the weights say)."""
        templates = {row.get("model_template", "pynn:StaticSynapse") for row in self.types}
        receptors = {row.get("receptor_type") for row in self.types}
        if len(templates) > 1 or len(receptors) > 1:
            raise PyNNError(f"The edges of group {self.id} have several models or receptors; a projection has one.")
        prefix, _, name = str(templates.pop()).rpartition(":")
        native = prefix.lower() == "nest" and name != "static_synapse"
        standard = "StaticSynapse" if prefix.lower() == "nest" else name
        model = sim.native_synapse_type(name) if native else getattr(sim, standard)
        return model, receptors.pop()

    def to_projection(self, pre: Any, post: Any, edge_population_name: str, sim: Any) -> Projection:
        """A projection of these connections."""
        model, receptor = self.get_synapse_and_receptor_type(sim)
        shared = {_NAMES.get(name, name): condense([row.get(name) for row in self.types]) for name in self.types[0]}
        columns = {name: values for name, values in self.parameters.items() if name in model.parameters}
        known = set(model.parameters) - set(columns)
        fixed = {k: v for k, v in shared.items() if k in known and not isinstance(v, list)}
        ends = [sonata_id_to_index(pre, self.source_ids), sonata_id_to_index(post, self.target_ids)]
        table = np.column_stack([*ends, *columns.values()]).astype(np.float64)
        connector = FromListConnector(table, list(columns))
        label = f"{edge_population_name}-{self.id}"
        return Projection(pre, post, connector, model(**fixed), receptor_type=receptor, label=label)


@dataclass
class EdgePopulation:
    """Groups of connections from one node population to another."""

    name: str
    source: str
    target: str
    groups: list[EdgeGroup]

    @classmethod
    def from_data(
        cls, name: str, h5_data: Any, edge_types_map: Mapping[int, Any], config: Mapping[str, Any]
    ) -> EdgePopulation:
        """An edge population of an HDF5 file."""
        source, target = h5_data["source_node_id"], h5_data["target_node_id"]
        ends = [_text(dataset.attrs["node_population"]) for dataset in (source, target)]
        parts = ("type_id", "group_id", "group_index")
        columns = [np.asarray(h5_data[f"edge_{part}"], dtype=np.int64) for part in parts]
        types, groups, index = columns
        pre, post = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
        made = []
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            here = types[rows], index[rows], pre[rows], post[rows]
            made.append(EdgeGroup.from_data(int(group), *here, h5_data[str(group)], edge_types_map, config))
        return cls(name, ends[0], ends[1], made)

    def to_projections(self, net: Any, sim: Any) -> list[Projection]:
        """A projection for each group."""
        pre, post = net.get_component(self.source), net.get_component(self.target)
        return [group.to_projection(pre, post, self.name, sim) for group in self.groups]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
