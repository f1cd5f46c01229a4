"""Which receptors each connection onto cells of many compartments reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.logs import logger
from cawan.simulator import Array, Index

from pyNN.connectors.base import Rows
from pyNN.errors import ConnectionError
from pyNN.random.streams import Identity
from pyNN.standardmodels.base import SynapseType
from pyNN.standardmodels.synapses import ElectricalSynapse

if TYPE_CHECKING:
    from pyNN.populations.group import Group

_log = logger(__name__)
PLACE = "receptor on the cell"  # the column that a connection's row gets


@dataclass(frozen=True)
class Reached:
    """For each postsynaptic index, the receptors that a connection reaches: rows of its population's placement.

    ``splits``: shape (n_post + 1,); index j has ``rows[splits[j]:splits[j + 1]]``.
    """

    rows: Index
    splits: Index
    label: str

    def apply(self, rows: Rows, values: Mapping[str, Array]) -> tuple[Rows, dict[str, Array]]:
        """A row for each receptor that a connection reaches, with the connection's values."""
        begins, counts = self.splits[rows.post], np.diff(self.splits)[rows.post]
        if not counts.all():
            lost = np.unique(rows.post[counts == 0])
            _log.warning(
                "%s: %d cells have no such receptor at these places, so %d connections onto them are not made; the "
                "first is cell %d.", self.label, len(lost), int((counts == 0).sum()), int(lost[0]),
            )  # fmt: skip
        again = np.repeat(np.arange(len(rows)), counts)
        nth = np.arange(len(again)) - np.repeat(np.cumsum(counts) - counts, counts)
        chosen = rows.select(again)
        columns = {**chosen.columns, PLACE: self.rows[begins[again] + nth].astype(np.float64)}
        return Rows(chosen.pre, chosen.post, columns), {name: column[again] for name, column in values.items()}


def reached_by(
    post: Group, receptor: str, selector: Any, synapse_type: SynapseType, identity: Identity, label: str
) -> Reached | None:
    """The receptors of a projection's targets; None where these are points.

    Raises
    ------
    ConnectionError
        Some targets are points, or it is a place on points that is asked for, or a gap junction.
    """
    many = [population.has_places for population, _ in post.parts()]
    if not any(many):
        if selector is not None:
            raise ConnectionError(
                f"location_selector={selector!r} chooses among receptors of a MultiCompartmentNeuron; the cells of "
                f"{post.label!r} are points. Leave it out."
            )
        return None
    if not all(many):
        raise ConnectionError(
            f"Some cells of {post.label!r} are points, and others have many compartments. Make a projection for each."
        )
    if isinstance(synapse_type, ElectricalSynapse):
        raise ConnectionError("Gap junctions between cells of many compartments are not available. Use point cells.")
    found: list[Index] = []
    key = identity.key("location_selector")
    for population, index in post.parts():
        found += population.places.targets(receptor, selector, index, key)
    splits = np.cumsum([0, *map(len, found)], dtype=np.int64)
    return Reached(np.concatenate([np.empty(0, np.int64), *found]), splits, label)
