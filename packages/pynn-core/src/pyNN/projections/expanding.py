"""Who makes the rows of connection rules: an expander that is installed, else the core with NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from cawan.errors import PluginError
from cawan.expander import CHUNK, Expander
from cawan.logs import logger
from cawan.plugins import Plugins
from cawan.simulator import Edges, Rule

from pyNN.errors import PyNNError
from pyNN.random.streams import choose_rows

_log = logger(__name__)
_given: list[list[Expander]] = []


def expanded(rule: Rule | None) -> Iterator[Edges] | None:
    """The rows of a rule in chunks, by the first expander (by name) that takes it; None where none does."""
    if rule is None:
        return None
    for expander in _given[-1] if _given else _installed():
        if expander.takes(rule):
            return _checked(expander, rule)
    return None


@contextmanager
def using(*expanders: Expander) -> Iterator[None]:
    """Within the block, these expanders alone: none, and NumPy makes every row."""
    _given.append(list(expanders))
    try:
        yield
    finally:
        _given.pop()


@cache
def _installed() -> list[Expander]:
    """Those that load; of each of the others a line says what is wrong with it."""
    plugins, found = _plugins(), []
    for name in plugins.names():
        try:
            found.append(plugins.load(name)())
        except Exception as error:  # noqa: BLE001 - of any plug-in; it is said below
            said = error if isinstance(error, PluginError) else f"The rule expander {name!r} does not start: {error!r}."
            _log.warning("%s Connections are made without it.", said)
    return found


def tried(name: str) -> str:
    """Let one expander make the rows of a small rule; what it did.

    Raises
    ------
    PyNNError
        They are not the rows that PyNN makes.
    """
    cells = np.arange(40, dtype=np.int64)
    rule = Rule("fixed_number_pre", {"n": 5.0, "with_replacement": 0.0}, cells, cells[:30], stream=1)
    expander = _plugins().load(name)()
    if not expander.takes(rule):
        return "ok: imports, and leaves fixed_number_pre to others"
    rows = [edges.pre for edges in _checked(expander, rule)]
    if not np.array_equal(np.concatenate(rows), np.concatenate([choose_rows(1, j, 40, 5, False) for j in range(30)])):
        raise PyNNError("the rows that it makes of fixed_number_pre are not those of PyNN")
    return "ok: made 150 connections"


def _plugins() -> Plugins[Expander]:
    return Plugins("pynn.expanders")


def _checked(expander: Expander, rule: Rule) -> Iterator[Edges]:
    for edges in expander.expand(rule):
        if len(edges.pre) > CHUNK:
            raise RuntimeError(
                f"{type(expander).__name__} gave {len(edges.pre)} rows of {rule.kind} at once, of {CHUNK} allowed. "
                "Tell its authors, and uninstall it until then."
            )
        yield edges
