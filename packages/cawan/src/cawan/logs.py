"""Loggers that import :mod:`logging` when something is logged: it takes 6 ms with what it imports itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logging import Logger


class _Later:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        import logging

        return getattr(logging.getLogger(self._name), attribute)


def logger(name: str) -> Logger:
    """What ``logging.getLogger(name)`` gives, or what gives it once it is used."""
    later: Any = _Later(name)
    return later  # type: ignore[no-any-return]  # it has whatever a Logger has
