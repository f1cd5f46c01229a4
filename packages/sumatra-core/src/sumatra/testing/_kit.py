"""The kit of Sumatra's plug-ins: cawan's mechanism, with pytest's expected failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cawan.kit import Kit as _Kit


class Kit(_Kit):
    """The tests that every plug-in of one kind passes; see :class:`cawan.kit.Kit`."""

    @staticmethod
    def expect_failure(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A strict expected failure: a fixed bug turns red until its line is removed."""
        return pytest.mark.xfail(reason=reason, strict=True)
