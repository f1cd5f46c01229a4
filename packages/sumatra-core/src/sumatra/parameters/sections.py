"""Sections of nested parameters, as NeuroTools has them: mappings whose names are attributes too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Section(dict[str, Any]):
    """Parameters inside others: ``section.tau_m`` is ``section["tau_m"]``, also to set and to delete it.

    A dotted name goes into sections inside; mappings that are put in become sections.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__({name: nested(value) for name, value in values.items()})

    def __getitem__(self, name: str) -> Any:
        head, dot, rest = name.partition(".")
        return super().__getitem__(head)[rest] if dot and name not in self else super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        head, dot, rest = name.partition(".")
        if dot and name not in self:
            super().__getitem__(head)[rest] = value
        else:
            super().__setitem__(name, nested(value))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self:
            raise AttributeError(f"These parameters have no {name!r}.")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def flat(self) -> Iterator[tuple[str, Any]]:
        """Dotted name and value of each parameter, sections inside too."""
        for name, value in self.items():
            if isinstance(value, Section):
                yield from ((f"{name}.{inside}", found) for inside, found in value.flat())
            else:
                yield name, value

    def flatten(self) -> dict[str, Any]:
        """All parameters by dotted name."""
        return dict(self.flat())

    def tree_copy(self) -> Section:
        """The sections anew, with the same values in them."""
        return Section(self)

    def as_dict(self) -> dict[str, Any]:
        """The values as plain mappings."""
        return {name: value.as_dict() if isinstance(value, Section) else value for name, value in self.items()}


def nested(value: Any) -> Any:
    """A mapping as a section, anything else as it is; a section is made anew, so two sets never share one."""
    return Section(value) if isinstance(value, Mapping) else value
