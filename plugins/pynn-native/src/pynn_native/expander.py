"""Connection rules made into rows in compiled code, for every simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cawan.expander import Expander
from cawan.simulator import Edges, Rule

from pynn_native._engine import RowMaker
from pynn_native.rules import engine_draw, engine_rule, expandable

_ROWS = 1 << 16  # of a chunk: few enough that the columns of one fit a cache of some MiB


class CompiledExpander(Expander):
    """All kinds of rules, and every distribution of PyNN."""

    interface: ClassVar[int] = 1

    def takes(self, rule: Rule) -> bool:
        """Whether it is one of the six kinds, with distributions that PyNN has."""
        return expandable(rule)

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Chunk after chunk, without Python's lock."""
        maker = RowMaker(engine_rule(rule), [engine_draw(name, draw) for name, draw in rule.draws.items()])
        while True:
            edges = Edges(*maker.next(_ROWS))
            if not len(edges.pre):
                return
            yield edges
