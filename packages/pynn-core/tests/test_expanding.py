"""Expanders: rows come from one that is installed, and from NumPy where none takes a rule or one is broken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from cawan.errors import DoesNotImportError
from cawan.expander import Expander
from cawan.plugins import Plugins
from cawan.simulator import Edges, Rule
from pyNN.errors import InvalidWeightError
from pyNN.projections import expanding
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator


class Diagonal(Expander):
    """Joins cell k to cell k, whatever the rule says, with one weight: nobody else makes such rows."""

    def __init__(self, weight: float = 0.25) -> None:
        self.asked: list[Rule] = []
        self.weight = weight

    def takes(self, rule: Rule) -> bool:
        """Fixed probability alone."""
        return rule.kind == "fixed_probability"

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """In two chunks."""
        self.asked.append(rule)
        for part in np.array_split(np.arange(len(rule.post)), 2):
            values = {name: np.full(len(part), self.weight * draw.scale) for name, draw in rule.draws.items()}
            yield Edges(rule.pre[part], rule.post[part], values)


class Whole(Diagonal):
    """Gives more rows at once than a backend takes."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """One chunk of 1 000 001 rows."""
        yield Edges(np.zeros(10**6 + 1, np.int64), np.zeros(10**6 + 1, np.int64))


def project(sim: Simulator, connector: Any = None, weight: Any = 0.1) -> Any:
    """A projection among ten cells."""
    cells = sim.Population(10, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=weight)
    return sim.Projection(cells, cells, connector or sim.FixedProbabilityConnector(0.5), synapse)


def test_rows_come_from_the_expander_everywhere(sim: Simulator) -> None:
    """What the backend has, ``len``, ``get`` and the indices are the expander's rows."""
    expander = Diagonal()
    with expanding.using(expander):
        made = project(sim, weight=RandomDistribution("uniform", (0.1, 0.3)))
        on_backend = sim.backend.get(made._placed[0][2], ["i", "j"])

        assert len(made) == 10
        assert made.get("weight", "list") == [(k, k, 0.25) for k in range(10)]
        assert [np.asarray(on_backend[side]).tolist() for side in "ij"] == [list(range(10))] * 2
    assert expander.asked


def test_rows_that_an_expander_does_not_take_come_from_others(sim: Simulator) -> None:
    """The first that takes a rule makes its rows; where none does, NumPy does."""
    expander, second = Diagonal(), Diagonal()
    with expanding.using(expander, second):
        assert len(project(sim, sim.AllToAllConnector())) == 100
        assert len(project(sim)) == 10

    assert expander.asked
    assert not second.asked


def test_values_from_an_expander_are_checked_like_others(sim: Simulator) -> None:
    """A weight of the wrong sign that an unbounded distribution gave is refused, whoever drew it."""
    with expanding.using(Diagonal(-0.5)), pytest.raises(InvalidWeightError, match="cell 0 to cell 0"):
        cells = sim.Population(10, sim.IF_cond_exp())
        synapse = sim.StaticSynapse(weight=RandomDistribution("normal", (0.1, 0.1)))
        sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.5), synapse)


def test_chunks_that_are_too_large_are_refused(sim: Simulator) -> None:
    """An expander that gives more rows at once than a backend takes is named."""
    with expanding.using(Whole()), pytest.raises(RuntimeError, match="Whole gave 1000001 rows of fixed_probability"):
        project(sim)


def test_broken_expanders_are_one_line_each(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that does not import and one that does not start are said once, and the next one is used."""

    class Stuck(Diagonal):
        def __init__(self) -> None:
            raise OSError("no such library")

    def load(plugins: Plugins[Expander], name: str) -> type[Expander]:
        if name == "torn":
            raise DoesNotImportError("rule expander", name, "pynn-torn", "1.0", "ImportError: torn.")
        return {"stuck": Stuck, "whole": Diagonal}[name]

    monkeypatch.setattr(Plugins, "names", lambda plugins: ["stuck", "torn", "whole"])
    monkeypatch.setattr(Plugins, "load", load)
    monkeypatch.setattr(expanding, "_given", [])
    expanding._installed.cache_clear()
    try:
        sizes = [len(project(sim)) for _ in range(2)]
    finally:
        expanding._installed.cache_clear()
        monkeypatch.undo()

    said = [record.message for record in caplog.records if record.name == expanding.__name__]
    assert sizes == [10, 10]
    assert len(said) == 2
    assert "'stuck'" in said[0]
    assert "no such library" in said[0]
    assert "pynn-torn" in said[1]
