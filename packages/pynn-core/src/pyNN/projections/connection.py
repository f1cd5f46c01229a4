"""One synapse, as ``projection[k]`` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyNN.projections.singly import SingleValues


class Connection:
    """Row k of a projection: its two ends and its values, read and set one at a time."""

    def __init__(self, values: SingleValues, k: int, presynaptic_index: int, postsynaptic_index: int) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_k", k)
        object.__setattr__(self, "presynaptic_index", presynaptic_index)
        object.__setattr__(self, "postsynaptic_index", postsynaptic_index)

    @property
    def presynaptic_cell(self) -> Any:
        """The cell that it comes from."""
        return self._values.projection.pre[self.presynaptic_index]

    @property
    def postsynaptic_cell(self) -> Any:
        """The cell that it goes to."""
        return self._values.projection.post[self.postsynaptic_index]

    source = presynaptic_cell
    target = postsynaptic_cell

    def as_tuple(self, *attribute_names: str) -> tuple[Any, ...]:
        """These values as a tuple."""
        return tuple(getattr(self, name) for name in attribute_names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._values.value(self._k, name)

    def __setattr__(self, name: str, value: float) -> None:
        self._values.change(self._k, name, value)

    def __repr__(self) -> str:
        return f"Connection({self.presynaptic_index} → {self.postsynaptic_index} of {self._values.projection.label!r})"
