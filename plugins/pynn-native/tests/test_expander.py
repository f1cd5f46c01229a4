"""The compiled expander passes the kit of expanders, and the kit notices planted bugs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Edges, Rule
from pyNN.testing.expanders import ExpanderKit, joined
from pynn_native.expander import CompiledExpander


class TestCompiled(ExpanderKit):
    """The same tests as every other expander."""

    expander = CompiledExpander


class SwappedKey(CompiledExpander):
    """The halves of the key of the structure change places."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """With another key."""
        return super().expand(replace(rule, stream=rule.stream >> 64 | (rule.stream & (1 << 64) - 1) << 64))


class WithoutTwins(CompiledExpander):
    """Connections of a cell to itself are made though they are not allowed."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Without twins."""
        return super().expand(replace(rule, twins=None))


class OffTheClock(CompiledExpander):
    """Delays stay as they were drawn."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Without steps."""
        return super().expand(replace(rule, draws={name: replace(d, step=0.0) for name, d in rule.draws.items()}))


class WithoutLimits(CompiledExpander):
    """Delays may become shorter than the shortest."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Without limits."""
        draws = {name: replace(d, lowest=-np.inf, highest=np.inf) for name, d in rule.draws.items()}
        return super().expand(replace(rule, draws=draws))


class Unscaled(CompiledExpander):
    """Values in PyNN's units."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Without scales."""
        return super().expand(replace(rule, draws={name: replace(d, scale=1.0) for name, d in rule.draws.items()}))


class OneSubstream(CompiledExpander):
    """The values of all rows are those of the first row."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """The first value again and again."""
        for edges in super().expand(rule):
            yield replace(edges, values={name: np.full_like(v, v[0]) for name, v in edges.values.items()})


class AllAtOnce(CompiledExpander):
    """Every row in one chunk."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """One chunk."""
        yield joined(super().expand(rule))


class AllOwned(CompiledExpander):
    """Rows of other blocks are given too."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """As if every cell was of this block."""
        pre, post = (np.where(rows < 0, 0, rows) for rows in (rule.pre, rule.post))
        return super().expand(replace(rule, pre=pre, post=post))


class Recounted(CompiledExpander):
    """Cells of other blocks are not counted."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Without them."""
        return super().expand(replace(rule, pre=rule.pre[rule.pre >= 0], post=rule.post[rule.post >= 0], twins=None))


class BackToFront(CompiledExpander):
    """The rows of each chunk come in the opposite order."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Turned."""
        for edges in super().expand(rule):
            yield Edges(edges.pre[::-1], edges.post[::-1], {name: v[::-1] for name, v in edges.values.items()})


class Nameless(CompiledExpander):
    """Drawn values are forgotten."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """Only the ends."""
        for edges in super().expand(rule):
            yield Edges(edges.pre, edges.post)


class Greedy(CompiledExpander):
    """Takes every rule."""

    def takes(self, rule: Rule) -> bool:
        """Every one."""
        return True


class Lazy(CompiledExpander):
    """Takes none."""

    def takes(self, rule: Rule) -> bool:
        """None."""
        return False


class Writing(CompiledExpander):
    """Changes the arrays of the rule."""

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """In place."""
        rule.pre += 0
        return super().expand(rule)


class Shared(CompiledExpander):
    """One expansion at a time: the second goes on where the first stands."""

    _going: Iterator[Edges] | None = None

    def expand(self, rule: Rule) -> Iterator[Edges]:
        """The one that is under way."""
        self._going = self._going or super().expand(rule)
        return self._going


ROWS = ("test_rows_are_those_of_numpy", {"connector": "p = 0.1 to others", "drawn": True, "which": "assemblies"})
CLOCK: tuple[str, dict[str, Any]] = ("test_delays_lie_on_the_clock_within_their_limits", {})
CHUNKS: tuple[str, dict[str, Any]] = ("test_chunks_are_small", {})
OTHERS: tuple[str, dict[str, Any]] = ("test_rows_of_other_blocks_are_left_out", {})
TURNS: tuple[str, dict[str, Any]] = ("test_rules_may_be_expanded_in_turns_and_again", {})
TAKES: tuple[str, dict[str, Any]] = ("test_unknown_rules_are_not_taken", {})


@pytest.mark.parametrize(
    ("bug", "test"),
    [
        (SwappedKey, ROWS), (WithoutTwins, ROWS), (OffTheClock, CLOCK), (WithoutLimits, CLOCK), (Unscaled, CLOCK),
        (OneSubstream, ROWS), (AllAtOnce, CHUNKS), (AllOwned, OTHERS), (Recounted, OTHERS), (BackToFront, ROWS),
        (Nameless, ROWS), (Greedy, TAKES), (Lazy, TAKES), (Writing, TURNS), (Shared, TURNS),
    ],
)  # fmt: skip
def test_the_kit_notices_planted_bugs(bug: type[CompiledExpander], test: tuple[str, dict[str, Any]]) -> None:
    """Each bug fails the test that is there for it, which the expander without it passes."""

    class Broken(ExpanderKit):
        expander = bug

    class Whole(ExpanderKit):
        expander = CompiledExpander

    name, arguments = test
    getattr(Whole(), name)(**arguments)
    with pytest.raises((AssertionError, ValueError)):
        getattr(Broken(), name)(**arguments)
