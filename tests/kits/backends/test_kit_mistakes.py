"""Mistakes in a plug-in's use of the kit are said when its test module is imported."""

from __future__ import annotations

import pytest
from pyNN._reference import ReferenceBackend
from pyNN.testing import BackendKit


def test_a_kit_without_a_backend_is_refused() -> None:
    """One sentence says what to write."""
    with pytest.raises(TypeError, match=r"^TestNothing has no backend. Set backend = .*, the class under test.$"):
        type("TestNothing", (BackendKit,), {})


def test_a_kit_over_something_else_than_a_backend_class_is_refused() -> None:
    """An instance or a name is no class."""
    for wrong in (ReferenceBackend(), "nest", int):
        with pytest.raises(TypeError, match=r"^TestWrong.backend is .*, which is no subclass of SimulatorBackend"):
            type("TestWrong", (BackendKit,), {"backend": wrong})


def test_a_misspelt_known_failure_is_told_its_nearest_name() -> None:
    """The nearest test is suggested."""
    body = {"backend": ReferenceBackend, "known_failures": {"test_clock_ending_twice_is_harmles": "a slip"}}

    with pytest.raises(TypeError, match="Did you mean 'test_clock_ending_twice_is_harmless'"):
        type("TestMisspelt", (BackendKit,), body)
