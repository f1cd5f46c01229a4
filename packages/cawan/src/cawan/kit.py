"""What all conformance kits share: a test of a kit can be declared a known failure, with a reason, never replaced.

The kits themselves live in the cores and need pytest; this needs nothing, so that both can use it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType, MappingProxyType
from typing import Any, ClassVar

from cawan.errors import suggestion

Test = Callable[..., Any]


class Kit:
    """The tests that every plug-in of one kind passes; subclass a core's kit in a plug-in's tests.

    Attributes
    ----------
    known_failures
        Test → reason. Such a test must fail: once it passes, the line has to go.
    """

    known_failures: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @staticmethod
    def expect_failure(reason: str) -> Callable[[Test], Test]:
        """The decorator that marks a strict expected failure; a core's kit gives pytest's."""
        raise NotImplementedError("A core's kit must define expect_failure().")

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
                raise TypeError(f"{cls.__name__}.known_failures: the kit has no {name!r}.{suggestion(name, dir(cls))}")
            if not reason.strip():
                raise TypeError(f"{cls.__name__}.known_failures gives no reason for {name!r}.")
            setattr(cls, name, cls.expect_failure(reason)(_copied(test)))


def _copied(test: FunctionType) -> Test:
    """The same function once more, so that a mark on it does not reach other plug-ins."""
    copy = FunctionType(test.__code__, test.__globals__, test.__name__, test.__defaults__, test.__closure__)
    copy.__dict__.update(test.__dict__)
    copy.__kwdefaults__, copy.__doc__, copy.__qualname__ = test.__kwdefaults__, test.__doc__, test.__qualname__
    copy.__annotations__ = test.__annotations__
    if hasattr(test, "pytestmark"):
        copy.__dict__["pytestmark"] = list(test.pytestmark)
    return copy


@contextmanager
def ctrl_c_heard() -> Iterator[None]:
    """Within the block Ctrl-C interrupts, also where this process was started to ignore it, as in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
