"""Connection rules as the engine expands them."""

from __future__ import annotations

from cawan.simulator import Draw, Rule
from pyNN.random import available_distributions

from pynn_native._engine import Draw as EngineDraw
from pynn_native._engine import Rule as EngineRule
from pynn_native.arrays import floats, integers

KINDS = frozenset(
    ("all_to_all", "one_to_one", "fixed_probability", "fixed_number_pre", "fixed_number_post", "fixed_total_number")
)
_BY_TARGET = KINDS - {"fixed_number_post", "fixed_total_number"}


def expandable(rule: Rule | None) -> bool:
    """Whether the engine knows the rule and every distribution in it."""
    return rule is not None and rule.kind in KINDS and all(d.distribution in _KNOWN for d in rule.draws.values())


def can_be_procedural(rule: Rule) -> bool:
    """Whether the engine can make the rows of static synapses anew, target by target, and needs to keep nothing."""
    return rule.kind in _BY_TARGET and set(rule.draws) <= {"weight"}


def engine_rule(rule: Rule) -> EngineRule:
    """The same rule, for the engine."""
    given = rule.parameters
    return EngineRule(
        rule.kind, halves(rule.stream), integers(rule.pre), integers(rule.post),
        None if rule.twins is None else integers(rule.twins), float(floats(given.get("p_connect", 0.0))[0]),
        floats(given.get("n", 0.0)), bool(given.get("with_replacement", 0.0)),
        bool(given.get("allow_mutual_connections", 1.0)),
    )  # fmt: skip


def engine_draw(name: str, draw: Draw) -> EngineDraw:
    """The same draw, for the engine."""
    parameters = [float(draw.parameters[key]) for key in available_distributions[draw.distribution]]
    return EngineDraw(
        name, draw.distribution, parameters, halves(draw.stream), draw.scale, draw.step, draw.lowest, draw.highest
    )


def halves(stream: int) -> tuple[int, int]:
    """The lower and the upper 64 bits of a key."""
    return stream & (1 << 64) - 1, stream >> 64 & (1 << 64) - 1


_KNOWN = frozenset(available_distributions)
