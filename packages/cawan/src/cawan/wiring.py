"""The synapses of a projection: rows, or the rule and the draws that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cawan.fast_dataclasses import dataclass, field

if TYPE_CHECKING:
    from cawan.values import Array, Index, Values


@dataclass(frozen=True, slots=True)
class Edges:
    """One chunk of synapses: at most 10**6 rows, sorted by target within a chunk where a rule made them.

    Attributes
    ----------
    pre, post
        Rows of the presynaptic and postsynaptic block, shape (n,). A pair may occur more than once.
    values
        Only what differs from row to row, each of shape (n,); what all rows share is in ``Wiring.common``.
    """

    pre: Index
    post: Index
    values: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Draw:
    """Values drawn from a keyed stream: ``scale`` times a draw of ``distribution`` with PyNN's parameter names.

    Attributes
    ----------
    step, lowest, highest
        Where ``step`` is above 0, a draw becomes the nearest multiple of it, and of those the nearest that is no less
        than ``lowest`` and no more than ``highest`` steps, before it is scaled: delays lie on the clock.
    """

    distribution: str
    parameters: Mapping[str, float]
    stream: int
    scale: float = 1.0
    step: float = 0.0
    lowest: float = float("-inf")
    highest: float = float("inf")


@dataclass(frozen=True, slots=True)
class Rule:
    """The rows of a wiring as plain keyed data, for an engine that makes them itself; it must make the same rows.

    Attributes
    ----------
    kind
        ``all_to_all``, ``one_to_one``, ``fixed_probability``, ``fixed_number_pre``, ``fixed_number_post`` or
        ``fixed_total_number``; the reference ("random streams") defines each to the bit.
    parameters
        The numbers of that kind, such as ``p_connect``, ``n`` and ``with_replacement``.
    pre, post
        The row of each cell that the rule counts, in its order, shapes (n_pre,) and (n_post,); -1 for a cell that is
        in another block or belongs to another process: it is counted, but its rows are not of this wiring.
    stream
        The key of the structure's stream, 128 bits.
    draws
        Synapse parameters that are drawn, one :class:`Draw` each.
    twins
        Where some connections of a cell to itself are not allowed: the number, among the sources, of the cell that is
        target j, shape (n_post,), -1 where there is none. None where all are allowed.
    """

    kind: str
    parameters: Mapping[str, Values]
    pre: Index
    post: Index
    stream: int
    draws: Mapping[str, Draw] = field(default_factory=lambda: MappingProxyType({}))
    twins: Index | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """The synapses of one projection: iterate ``chunks()`` as often as you like, or expand ``rule`` yourself.

    Attributes
    ----------
    chunks
        Gives the rows that this process owns, at most 10**6 at a time.
    common
        Parameters equal in every row, known before the first chunk.
    size
        Rows in all, where that is known beforehand.
    """

    chunks: Callable[[], Iterator[Edges]]
    common: Mapping[str, float]
    rule: Rule | None = None
    size: int | None = None
