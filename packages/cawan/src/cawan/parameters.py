"""The interface of a parameter file format: two methods, the rest is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from cawan.errors import CawanError, listing, suggestion

if TYPE_CHECKING:
    from typing import Self

    from cawan.options import Option


class ParameterSyntaxError(CawanError, ValueError):
    """A parameter file that cannot be read; ``line`` and ``column`` count from 1, 0 where unknown."""

    exit_code = 65

    def __init__(self, source: str, reason: str, line: int = 0, column: int = 0) -> None:
        self.source, self.reason, self.line, self.column = source, reason, line, column
        place = f", line {line}" + (f", column {column}" if column else "") if line else ""
        super().__init__(f"{source}{place}: {reason}")


class UnknownParameterError(CawanError, KeyError):
    """A name that the parameter file does not have."""

    exit_code = 2

    def __init__(self, name: str, source: str, names: Mapping[str, Any]) -> None:
        self.name, self.source = name, source
        super().__init__(f"{source} has no parameter {name!r}. It has: {listing(names)}.{suggestion(name, names)}")

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the quoted form


def same(a: object, b: object) -> bool:
    """Equal in value and type; NaN equals itself."""
    if isinstance(a, float) and isinstance(b, float):
        return repr(a) == repr(b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by dotted name."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        section = isinstance(value, Mapping) and value
        found.update(flat(value, f"{prefix}{key}.") if section else {f"{prefix}{key}": value})
    return found


class ParameterSet(MutableMapping[str, Any], ABC):
    """Parameters by name. The entry-point name in ``sumatra.parameter_sets`` is the suffix of its files.

    A dotted name goes into nested sections (``network.tau_m``); a key that holds the dot itself comes first.
    """

    interface: ClassVar[int] = 1
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})

    def __init__(self, values: Mapping[str, Any] | None = None, source: str = "<text>") -> None:
        self._values: dict[str, Any] = dict(values or {})
        self.source = source

    @classmethod
    @abstractmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """The parameters in a text; :class:`ParameterSyntaxError` with line and column where it is not one."""

    @abstractmethod
    def dump(self) -> str:
        """A text from which :meth:`parse` gives the same parameters, floats equal to the last bit."""

    @classmethod
    def scalar(cls, text: str) -> Any:
        """A value typed on the command line, by this format's own rule; never evaluated."""
        return cls.parse(f"value = {text}\n")["value"]

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """The text with some values changed; a format that can keeps comments and order, this keeps the values."""
        changed = type(self).parse(text, self.source)
        changed.update(changes)
        return changed.dump()

    def _find(self, name: str) -> tuple[dict[str, Any], str]:
        """The section that holds a dotted name, and the key in it; made where they are missing."""
        section = self._values
        rest = name
        while rest not in section and "." in rest:
            head, _, tail = rest.partition(".")
            if not isinstance(section.get(head), dict):
                break
            section, rest = section[head], tail
        return section, rest

    def _unknown(self, name: str) -> UnknownParameterError:
        return UnknownParameterError(name, self.source, flat(self._values))

    def __getitem__(self, name: str) -> Any:
        section, key = self._find(name)
        if key not in section:
            raise self._unknown(name)
        return section[key]

    def __setitem__(self, name: str, value: Any) -> None:
        section, key = self._find(name)
        *parents, key = [key] if key in section else key.split(".")
        for parent in parents:
            if parent in section:
                raise self._unknown(name)
            section = section.setdefault(parent, {})
        section[key] = value

    def __delitem__(self, name: str) -> None:
        self[name]  # refuses what is not there
        section, key = self._find(name)
        del section[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return same(self._values, other._values) if isinstance(other, ParameterSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def as_dict(self) -> dict[str, Any]:
        """The values, nested as in the file."""
        return dict(self._values)

    def diff(self, other: ParameterSet) -> tuple[dict[str, Any], dict[str, Any]]:
        """What differs, by dotted name: the values here and the values there."""
        mine, theirs = flat(self._values), flat(other._values)
        alike = {name for name in mine.keys() & theirs.keys() if same(mine[name], theirs[name])}
        return ({n: v for n, v in mine.items() if n not in alike}, {n: v for n, v in theirs.items() if n not in alike})

    @classmethod
    def load(cls, path: Path) -> Self:
        """The parameters in a file, read as UTF-8."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"), str(path))
        except UnicodeDecodeError as error:
            raise ParameterSyntaxError(str(path), f"byte {error.start} is not UTF-8") from error

    def save(self, path: Path) -> None:
        """Write the parameters to a file."""
        path.write_text(self.dump(), encoding="utf-8")
