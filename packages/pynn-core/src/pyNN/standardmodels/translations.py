"""Names and units of one simulator as PyNN 0.13 writes them in a model class, for classes that a script brings along.

Our own models have no translations: what a model is on a simulator is a row in that backend's table. The transforms are
functions or expressions over the parameters; they are evaluated by :mod:`pyNN.expressions`, never executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pyNN.errors import PyNNError
from pyNN.expressions import Expression

if TYPE_CHECKING:
    from pyNN.parameters import ParameterSpace

Transform = str | Callable[..., Any]


def build_translations(*translation_list: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    """Translations from tuples: (PyNN's name, simulator's name), with a factor, or with two transforms.

    >>> build_translations(("cm", "C_m", 1000.0))["cm"]["translated_name"]
    'C_m'
    """
    made: dict[str, dict[str, Any]] = {}
    for item in translation_list:
        name, native = item[0], item[1]
        forward: Any = name
        backward: Any = native
        kind = "simple"
        if len(item) == 3:
            forward, backward = build_scaling_functions(name, native, item[2])
            kind = "scaled"
        elif len(item) == 4:
            forward, backward, kind = item[2], item[3], "computed"
        elif len(item) != 2:
            raise PyNNError(f"A translation has two to four parts, not {len(item)}: {item!r}.")
        made[name] = {
            "translated_name": native, "forward_transform": forward, "reverse_transform": backward, "type": kind,
        }  # fmt: skip
    return made


def build_scaling_functions(
    pynn_name: str, sim_name: str, scale_factor: float
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """To the simulator's unit by multiplying, and back."""

    def forward(**parameters: Any) -> Any:
        return parameters[pynn_name] * scale_factor

    def backward(**parameters: Any) -> Any:
        return parameters[sim_name] / scale_factor

    return forward, backward


class Translated:
    """What classes with ``translations`` can be asked."""

    translations: Mapping[str, Mapping[str, Any]] = {}

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Parameters by the simulator's names and in its units."""
        from pyNN.parameters import ParameterSpace

        found = {
            entry["translated_name"]: _applied(entry["forward_transform"], parameters)
            for name, entry in self.translations.items()
            if name in parameters
        }
        return ParameterSpace(found, None, parameters.shape)

    def reverse_translate(self, native_parameters: ParameterSpace) -> ParameterSpace:
        """Parameters by PyNN's names and in PyNN's units."""
        from pyNN.parameters import ParameterSpace

        found = {
            name: _applied(entry["reverse_transform"], native_parameters)
            for name, entry in self.translations.items()
            if entry["translated_name"] in native_parameters
        }
        return ParameterSpace(found, None, native_parameters.shape)

    @classmethod
    def get_native_names(cls, *names: str) -> list[str]:
        """The simulator's names of these parameters, of all where none is given."""
        return [cls.translations[name]["translated_name"] for name in names or cls.translations]

    @classmethod
    def _of_kind(cls, kind: str) -> list[str]:
        return [name for name, entry in cls.translations.items() if entry["type"] == kind]

    @classmethod
    def simple_parameters(cls) -> list[str]:
        """Parameters that have another name alone."""
        return cls._of_kind("simple")

    @classmethod
    def scaled_parameters(cls) -> list[str]:
        """Parameters that have another unit."""
        return cls._of_kind("scaled")

    @classmethod
    def computed_parameters(cls) -> list[str]:
        """Parameters that follow from several."""
        return cls._of_kind("computed")

    @classmethod
    def computed_parameters_include(cls, parameter_names: Iterable[str]) -> bool:
        """Whether one of these follows from several."""
        return bool(set(parameter_names) & set(cls.computed_parameters()))


def _applied(transform: Transform, parameters: ParameterSpace) -> Any:
    values = dict(parameters.items())
    if callable(transform):
        return transform(**values)
    if transform in values:
        return values[transform]
    return Expression(transform, tuple(values))(**values)
