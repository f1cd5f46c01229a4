"""What all kits share: a test of a kit can be declared a known failure, with a reason, but never be replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType
from typing import ClassVar

import pytest


class Kit:
    """The tests that every plug-in of one kind passes; subclass it in a plug-in's tests.

    Attributes
    ----------
    known_failures
        Test → reason. Such a test must fail: once it passes, the line has to go.
    """

    known_failures: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in vars(cls):
            owner = next((base for base in cls.__mro__[1:] if name in vars(base)), None)
            if name.startswith("test_") and owner is not None:
                raise TypeError(
                    f"{cls.__name__} replaces {name} of {owner.__name__}; a kit's tests are the definition. "
                    "Declare it in known_failures, with a reason."
                )
        for name, reason in vars(cls).get("known_failures", {}).items():
            test = getattr(cls, name, None)
            if not name.startswith("test_") or not isinstance(test, FunctionType):
                raise TypeError(f"{cls.__name__}.known_failures names {name!r}, which is no test of its kit.")
            if not reason.strip():
                raise TypeError(f"{cls.__name__}.known_failures gives no reason for {name!r}.")
            setattr(cls, name, pytest.mark.xfail(reason=reason, strict=True)(_copied(test)))


def _copied(test: FunctionType) -> Callable[..., object]:
    """The same function once more, so that a mark on it does not reach other plug-ins."""
    copy = FunctionType(test.__code__, test.__globals__, test.__name__, test.__defaults__, test.__closure__)
    copy.__dict__.update(test.__dict__)
    copy.__kwdefaults__, copy.__doc__, copy.__qualname__ = test.__kwdefaults__, test.__doc__, test.__qualname__
    copy.__annotations__ = test.__annotations__
    marks = list(getattr(test, "pytestmark", []))
    if marks:
        copy.pytestmark = marks  # type: ignore[attr-defined]  # pytest reads it from there
    return copy
