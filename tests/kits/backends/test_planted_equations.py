"""A simulator that solves equations with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import NativeModel, Wiring
from pyNN._reference import ReferenceBackend
from pyNN._reference.solved import Solved
from pyNN.equations import CURRENT
from pyNN.expressions import value_of
from pyNN.testing import BackendKit


class Planted(ReferenceBackend):
    """The reference, ready for a bug in its cells from equations."""

    interface: ClassVar[int] = 1

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """With a bug."""
        block = super().create(model, size, values, tag)
        if isinstance(block, Solved):
            self.plant(block)
        return block

    def plant(self, block: Any) -> None:
        """The bug."""


class CurrentIgnored(Planted):
    """No current flows into such cells."""

    def plant(self, block: Any) -> None:
        """i_inj is 0."""
        columns = block._columns
        block._columns = lambda: {**columns(), CURRENT: np.zeros(block.size)}


class TestCurrentIgnored(BackendKit):
    """Current ignored."""

    backend = CurrentIgnored
    known_failures = {"test_equations_of_a_membrane_follow_the_closed_form": "must catch: current ignored"}


class ForwardEuler(Planted):
    """Moves every variable along its slope at the beginning of the step."""

    def plant(self, block: Any) -> None:
        """Order 1."""
        scheme, cell = block.stepper, block.cell

        def integrate(columns: Any, states: Any, free: Any, h: float) -> None:
            before = {name: state.copy() for name, state in states.items()}
            known = {**columns, **before}
            for trees in (cell.driven, cell.intermediates):
                known |= {name: value_of(tree, known) for name, tree in trees.items()}
            plain(columns, states, free, h)
            for name, tree in cell.slopes.items():
                states[name][:] = before[name] + h * value_of(tree, known)

        plain, scheme.integrate = scheme.integrate, integrate


class TestForwardEuler(BackendKit):
    """Forward Euler."""

    backend = ForwardEuler
    known_failures = {"test_equations_that_are_coupled_are_solved_together": "must catch: forward Euler"}


class ResetsAtOnce(Planted):
    """Computes all assignments of a reset from the state before it."""

    def plant(self, block: Any) -> None:
        """No assignment sees another."""
        scheme, cell = block.stepper, block.cell

        def reset(columns: Any, states: Any, fired: Any) -> None:
            known = {**columns, **{name: state.copy() for name, state in states.items()}}
            for name, tree in cell.resets:
                states[name][fired] = np.broadcast_to(value_of(tree, known), (block.size,))[fired]

        scheme.reset = reset


class TestResetsAtOnce(BackendKit):
    """Resets at once."""

    backend = ResetsAtOnce
    known_failures = {"test_equations_fire_at_the_step_and_reset_in_order": "must catch: resets at once"}


class EverythingHeld(Planted):
    """While a cell is refractory, all its variables stand still."""

    def plant(self, block: Any) -> None:
        """w too."""
        scheme = block.stepper
        plain = scheme.integrate

        def integrate(columns: Any, states: Any, free: Any, h: float) -> None:
            before = {name: state.copy() for name, state in states.items()}
            plain(columns, states, free, h)
            for name, state in states.items():
                state[:] = np.where(free, state, before[name])

        scheme.integrate = integrate


class TestEverythingHeld(BackendKit):
    """Everything held."""

    backend = EverythingHeld
    known_failures = {"test_equations_hold_v_while_refractory_and_nothing_else": "must catch: everything held"}


class OneReceptor(Planted):
    """All input goes to the first receptor's variable."""

    def plant(self, block: Any) -> None:
        """Port 0."""
        plain = block.stepper.receive
        block.stepper.receive = lambda states, port, weight, free: plain(states, 0, weight, free)


class TestOneReceptor(BackendKit):
    """One receptor."""

    backend = OneReceptor
    known_failures = {"test_equations_take_input_into_the_receptors_variable": "must catch: one receptor"}


class PlasticLost(Planted):
    """What plastic synapses send to such cells arrives with no weight."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Nothing, if it could learn."""
        made = super().connect(model, pre, post, receptor, wiring, tag)
        if isinstance(post, Solved) and "STDP" in model.name:
            made.values["weight"] = 0.0 * made.values["weight"]
        return made


class TestPlasticLost(BackendKit):
    """Plastic synapses lost."""

    backend = PlasticLost
    known_failures = {"test_equations_are_reached_by_plastic_synapses": "must catch: plastic synapses lost"}


class DerivedOnce(Planted):
    """Computes what follows from the parameters when the cells are made, and never again."""

    def plant(self, block: Any) -> None:
        """It stays."""
        block.prepare = lambda: None


class TestDerivedOnce(BackendKit):
    """Derived once."""

    backend = DerivedOnce
    known_failures = {"test_equations_have_parameters_that_change_in_mid_run": "must catch: derived once"}
