"""Rules: an engine that expands them by itself connects the cells that PyNN says, with the values that PyNN says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.projections import Projection, expanding
from pyNN.random import RandomDistribution
from pyNN.testing.base import KitTests
from pyNN.translation import factor


class RuleTests(KitTests):
    """Whoever makes the rows of a rule, the core's chunks or the backend, they are those of "Random streams"."""

    def test_rules_connect_whom_pynn_says(self) -> None:
        """Each rule, within one population, joins the same cells with the same drawn weights as the core's rows."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator(seed=3) as sim:
            cells = sim.Population(70, sim.IF_curr_exp())
            for connector in connectors(sim):
                ours, theirs = rows(sim, cells, cells, connector)

                assert ours[0] == theirs[0], repr(connector)
                assert ours[1] == pytest.approx(theirs[1], rel=1e-12), repr(connector)

    def test_rules_count_cells_within_views_and_assemblies(self) -> None:
        """Cells are counted within the two groups that are joined, whatever rows and blocks they have."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator(seed=4) as sim:
            some, others = (sim.Population(40, sim.IF_curr_exp(), label=label) for label in "ab")
            for connector in connectors(sim):
                ours, theirs = rows(sim, some[3:39] + others, others[5:] + some[:25], connector)

                assert ours[0] == theirs[0], repr(connector)
                assert ours[1] == pytest.approx(theirs[1], rel=1e-12), repr(connector)


def connectors(sim: Any) -> list[Any]:
    """One of each rule."""
    return [
        sim.AllToAllConnector(allow_self_connections=False), sim.OneToOneConnector(),
        sim.FixedProbabilityConnector(0.1, allow_self_connections=False), sim.FixedNumberPreConnector(7),
        sim.FixedNumberPostConnector(7, allow_self_connections=False),
        sim.FixedTotalNumberConnector(150, with_replacement=False),
    ]  # fmt: skip


def rows(sim: Any, pre: Any, post: Any, connector: Any) -> tuple[tuple[Any, Array], tuple[Any, Array]]:
    """Both ends of every synapse, sorted, and the weights: the backend's, and those that NumPy makes."""
    weight = RandomDistribution("uniform", (0.1, 0.3))
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    made = sim.Projection(pre, post, connector, synapse, receptor_type="excitatory")
    with expanding.using():
        i, j, _ = np.array(made.get("weight", "list")).T
        weights = np.array(made.get("weight", "list", with_address=False))
    return _sorted(*_on_backend(sim, made)), _sorted(i.astype(np.int64), j.astype(np.int64), weights)


def _on_backend(sim: Any, made: Projection) -> tuple[Any, Any, Array]:
    row, scale = made._models.parameters["weight"], made._weight_scale()
    pres: list[int] = []
    posts: list[int] = []
    weights: list[float] = []
    for source, target, block in made._placed:
        found = sim.backend.get(block, ["i", "j", row.name])
        for numbers, part, name in ((pres, source, "i"), (posts, target, "j")):
            place = {int(cell): part.start + k for k, cell in enumerate(part.index)}
            numbers.extend(place[int(cell)] for cell in np.asarray(found[name]))
        native = np.broadcast_to(np.asarray(found[row.name], dtype=np.float64), np.shape(found["i"]))
        weights.extend((native / factor(row, scale)).tolist())
    return np.array(pres, dtype=np.int64), np.array(posts, dtype=np.int64), np.array(weights)


def _sorted(pre: Any, post: Any, weights: Array) -> tuple[Any, Array]:
    order = np.lexsort((weights, pre, post))
    return list(zip(pre[order].tolist(), post[order].tolist(), strict=True)), weights[order]
