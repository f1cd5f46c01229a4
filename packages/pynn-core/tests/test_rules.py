"""Rules as data: what an engine is told, and that the core makes no row where nobody asks for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Block, NativeModel, Rule, Tag, Wiring
from pyNN._reference import ReferenceBackend
from pyNN.errors import ConnectionError, DelayRangeError, InvalidWeightError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator


class Told(ReferenceBackend):
    """Keeps the wirings that it is given, and makes no synapse."""

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Kept."""
        self.wirings = [*getattr(self, "wirings", []), wiring]
        return None


def told(connector: str, *arguments: Any, groups: Any = None, **options: Any) -> list[Rule]:
    """The rules of one projection, a block pair each, from cells to themselves unless ``groups`` says otherwise."""
    with Simulator(Told, timestep=0.1, seed=1) as sim:
        cells = sim.Population(10, sim.IF_curr_exp(), label="a")
        pre, post = (cells, cells) if groups is None else groups(sim, cells)
        synapse = sim.StaticSynapse(weight=RandomDistribution("uniform", (0.1, 0.2)), delay=options.pop("delay", 1.0))
        sim.Projection(pre, post, getattr(sim, connector)(*arguments, **options), synapse)
        return [wiring.rule for wiring in sim.backend.wirings]


@pytest.mark.parametrize("connector", ["FixedProbabilityConnector", "FixedNumberPreConnector", "AllToAllConnector"])
def test_large_projections_are_built_without_a_row(connector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """2.5e9 synapses are described to the engine, and their weights checked, without making one."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a row was made")

    for module in ("random", "simple"):
        monkeypatch.setattr(f"pyNN.connectors.{module}.chunked", refuse)
    arguments = {"FixedProbabilityConnector": (0.25,), "FixedNumberPreConnector": (25000,), "AllToAllConnector": ()}
    with Simulator(Told, timestep=0.1) as sim:
        cells = sim.Population(100_000, sim.IF_curr_exp())
        weight = RandomDistribution("normal_clipped", (0.1, 0.02), low=0.0)
        synapse = sim.StaticSynapse(weight=weight, delay=RandomDistribution("uniform", (0.1, 2.0)))
        sim.Projection(
            cells, cells, getattr(sim, connector)(*arguments[connector]), synapse, receptor_type="excitatory"
        )
        (wiring,) = sim.backend.wirings

    assert wiring.rule is not None and set(wiring.rule.draws) == {"weight", "delay"}
    assert wiring.size == {"FixedNumberPreConnector": 2_500_000_000, "AllToAllConnector": 10**10}.get(connector)


def test_rules_say_delays_in_steps_within_the_limits() -> None:
    """A drawn delay carries the step and its limits in steps; a weight does not."""
    (rule,) = told("OneToOneConnector", delay=RandomDistribution("uniform", (0.3, 2.0)))

    delay, weight = rule.draws["delay"], rule.draws["weight"]
    assert (delay.step, delay.lowest, delay.highest) == (0.1, 1.0, np.inf)
    assert weight.step == 0.0


def test_rules_count_cells_of_other_blocks() -> None:
    """Each pair of blocks of two assemblies gets the whole rule, with -1 for the cells of other blocks."""

    def groups(sim: Any, cells: Any) -> Any:
        others = sim.Population(3, sim.IF_curr_exp(), label="b")
        return cells[4:7] + others, others + cells[5:9]

    rules = told("FixedNumberPreConnector", 2, allow_self_connections=False, groups=groups)

    assert [rule.pre.tolist() for rule in rules[::2]] == [[4, 5, 6, -1, -1, -1], [-1, -1, -1, 0, 1, 2]]
    assert [rule.post.tolist() for rule in rules[:2]] == [[0, 1, 2, -1, -1, -1, -1], [-1, -1, -1, 5, 6, 7, 8]]
    assert rules[0].twins is not None and rules[0].twins.tolist() == [3, 4, 5, 1, 2, -1, -1]


def test_rules_are_silent_about_twins_where_all_connections_are_allowed() -> None:
    """No twins are looked for where a cell may connect to itself."""
    assert told("FixedProbabilityConnector", 0.5)[0].twins is None
    (rule,) = told("AllToAllConnector", allow_self_connections="NoMutual")
    assert rule.twins is not None and rule.parameters["allow_mutual_connections"] == 0.0


def test_values_that_might_be_refused_are_looked_at_first() -> None:
    """A weight or a delay that is drawn out of range is refused before the backend is told anything."""
    wrong = {
        "weight": (RandomDistribution("normal", (0.1, 0.2)), 1.0, InvalidWeightError),
        "delay": (0.1, RandomDistribution("uniform", (0.0, 2.0)), DelayRangeError),
    }
    for weight, delay, error in wrong.values():
        with Simulator(Told, timestep=0.1, min_delay=0.5) as sim:
            cells = sim.Population(50, sim.IF_curr_exp())
            with pytest.raises(error):
                sim.Projection(
                    cells, cells, sim.FixedNumberPreConnector(5), sim.StaticSynapse(weight=weight, delay=delay),
                    receptor_type="excitatory",
                )  # fmt: skip

            assert not hasattr(sim.backend, "wirings")


def test_a_cell_without_partners_is_refused_before_a_row_is_made() -> None:
    """An only cell that must not connect to itself has nobody to connect to."""
    with Simulator(Told, timestep=0.1) as sim:
        cell = sim.Population(1, sim.IF_curr_exp())
        for connector in (sim.FixedNumberPreConnector, sim.FixedNumberPostConnector):
            with pytest.raises(ConnectionError, match="no cell is there"):
                sim.Projection(cell, cell, connector(1, allow_self_connections=False), sim.StaticSynapse())
