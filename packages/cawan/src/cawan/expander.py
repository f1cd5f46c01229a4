"""The interface of an expander: it makes the rows of connection rules, for every simulator that is given rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from cawan.simulator import Edges, Rule

CHUNK = 1_000_000  # rows of one chunk, at most


class Expander(ABC):
    """Makes the rows that the reference ("random streams") defines, to the bit, faster than PyNN does with NumPy.

    One object serves any number of rules, one after the other or in turns. Rows that an expander does not take, PyNN
    makes itself.

    Attributes
    ----------
    interface
        The version that a plug-in is written for; state it in your class.
    """

    interface: ClassVar[int] = 1

    @abstractmethod
    def takes(self, rule: Rule) -> bool:
        """Whether this expander makes the rows of such a rule: its kind, and the distribution of each of its draws."""

    @abstractmethod
    def expand(self, rule: Rule) -> Iterator[Edges]:
        """The rows, at most 10**6 at a time, each chunk made when it is asked for; ``Ctrl-C`` ends it.

        They come in the order in which the rule counts its targets, and of one target its sources; of
        ``fixed_number_post``, by source and then target. Ends are ``rule.pre`` and ``rule.post`` of the cells, and rows
        with an end of -1 are left out, though their values are drawn. ``values`` has a column for each of
        ``rule.draws``. Called again, it gives the same rows. The arrays of the rule must not be written to.
        """
