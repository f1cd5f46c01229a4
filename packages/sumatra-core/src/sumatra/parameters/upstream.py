"""Parameter sets as Sumatra 0.8 names them: made from a file, a text or a mapping, changed, and saved.

Values are read by the formats of ``sumatra.parameter_sets``; nothing is evaluated.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, ClassVar

from cawan.parameters import ParameterSet as Plain
from cawan.parameters import ParameterSyntaxError, same

from sumatra.core import component, component_type
from sumatra.errors import FileMissingError
from sumatra.parameters.building import FORMATS, begins_with_a_brace
from sumatra.parameters.sections import Section, nested

POP_NONE = object()


class NewParameterError(ValueError):
    """``name=value`` on the command line names a parameter that was not there; whoever asked may add it."""

    def __init__(self, name: str, value: Any) -> None:
        super().__init__("", name, value)  # as 0.8 has them: message, name, value
        self.name, self.value = name, value

    def __str__(self) -> str:
        return f"There is no parameter {self.name!r} yet; it would become {self.value!r}. Add it with update()."


@component_type
class ParameterSet(MutableMapping[str, Any]):
    """Parameters by name; a class for each format is derived from this.

    Parameters
    ----------
    initialiser
        The name of a file, the text of one, or a mapping.

    Raises
    ------
    SyntaxError
        The text is not of this format.
    TypeError
        It is none of the three.
    """

    required_attributes: ClassVar[tuple[str, ...]] = ("update", "save")
    format: ClassVar[str] = "param"
    extension: ClassVar[str] = ".param"
    casts: ClassVar[tuple[type, ...]] = (int, float)

    def __init__(self, initialiser: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        kind = FORMATS.load(self.format)
        self.source_file = ""
        if isinstance(initialiser, Mapping):
            self._plain: Plain = kind(dict(initialiser))
            self._text = self._plain.dump()
            return
        if not isinstance(initialiser, (str, os.PathLike)):
            raise TypeError("Parameter set initialiser must be a filename, string or dict.")
        text = os.fspath(initialiser)
        if _is_file(text):
            self.source_file, text = text, Path(text).read_text(encoding="utf-8")
        elif not text.strip():
            self._plain, self._text = kind({}), kind({}).dump()
            return
        try:
            self._plain = kind.parse(text, self.source_file or "<text>")
        except ParameterSyntaxError as error:
            raise SyntaxError(str(error)) from error
        self._text = text

    @property
    def values(self) -> Any:  # upstream has a mapping here
        """All values, by name."""
        return _Values(self._plain.as_dict())

    @property
    def _values(self) -> dict[str, Any]:
        return self.as_dict()  # subclasses of users for 0.8 look at it

    def __getitem__(self, name: str) -> Any:
        return self._plain[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)

    def __str__(self) -> str:
        return self.pretty()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParameterSet):
            return same(self.as_dict(), other.as_dict())
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self._current()}

    def _current(self) -> str:
        """The text; written anew where a list or a mapping among the values was changed in its place."""
        kind = type(self._plain)
        try:
            kept = same(kind.parse(self._text).as_dict(), self._plain.as_dict())
        except ParameterSyntaxError:  # made from values that this format has no text for
            kept = False
        if not kept:
            self._text = self._plain.dump()
        return self._text

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.source_file = ""
        self._text = state["text"]
        self._plain = FORMATS.load(self.format).parse(self._text)

    def as_dict(self) -> dict[str, Any]:
        """The values, nested as in the file."""
        return self._plain.as_dict()

    def pretty(self, expand_urls: bool = False) -> str:
        """The parameters as text of their format; ``expand_urls`` is taken for the sake of scripts for 0.8."""
        return self._current().rstrip("\n")

    def save(self, filename: str, add_extension: bool = False) -> str:
        """Write a file; gives its name, with the format's suffix where that was asked for."""
        name = f"{filename}{self.extension}" if add_extension else filename
        Path(name).write_text(self.pretty() + "\n", encoding="utf-8")
        return name

    def update(self, E: Any = (), **F: Any) -> None:  # type: ignore[override]
        """Change values, or add them; comments and order stay."""
        changes = {**(dict(E.items()) if hasattr(E, "items") else dict(E)), **F}
        self._text = self._plain.replace(self._text, changes)
        self._plain.update(changes)

    def pop(self, key: str, d: Any = POP_NONE) -> Any:
        """Take a parameter out; gives its value, or ``d`` where there is none."""
        if key not in self._plain:
            if d is POP_NONE:
                raise KeyError(key)
            return d
        value = self._plain[key]
        del self._plain[key]
        self._text = self._plain.dump()
        return value

    def parse_command_line_parameter(self, p: str) -> dict[str, Any]:
        """Name and value of ``name=value``, the value by the format's own rule; never evaluated.

        Raises
        ------
        NewParameterError
            There was no such parameter; its ``args`` are "", the name and the value. Also a :class:`ValueError`.
        ValueError
            There is no "=".
        """
        name, sign, value = p.partition("=")
        if not sign:
            raise ValueError("Not a valid command line parameter. String must be of form 'name=value'")
        found = type(self._plain).scalar(value)
        if name not in self._plain:
            raise NewParameterError(name, found)
        return {name: found}

    def diff(self, other: ParameterSet) -> tuple[dict[str, Any], dict[str, Any]]:
        """What differs, nested as in the files: the values here, and those there."""
        return _apart(self.as_dict(), other.as_dict()), _apart(other.as_dict(), self.as_dict())


def _apart(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one mapping that the other has not, or has otherwise."""
    found: dict[str, Any] = {}
    for name, value in mine.items():
        other = theirs.get(name)
        if isinstance(value, dict) and isinstance(other, dict):
            inside = _apart(value, other)
            found |= {name: inside} if inside else {}
        elif name not in theirs or not same(value, other):
            found[name] = value
    return found


class _Values(dict[str, Any]):
    """The values as a mapping that may also be called, as ``values()`` of a mapping is."""

    def __call__(self) -> Any:
        return dict.values(self)


def _is_file(text: str) -> bool:
    try:
        return os.path.isfile(text)
    except (OSError, ValueError):
        return False


@component
class SimpleParameterSet(ParameterSet):
    """Lines ``name = value``, with comments after "#"."""

    name = ".simpleparameterset"
    COMMENT_CHAR = "#"

    @property
    def comments(self) -> dict[str, str]:
        """What stands behind "#" after a value, by name."""
        found = {}
        for line in self._text.splitlines():
            name = re.match(r"\s*([^\W\d][\w.\[\]-]*)\s*=", line)
            value, mark, comment = line.rpartition("#")
            if name and mark and value.count('"') % 2 == 0 and value.count("'") % 2 == 0:
                found[name[1]] = comment.strip()
        return found

    @property
    def types(self) -> dict[str, type]:
        """The type of each value."""
        return {name: type(value) for name, value in self.as_dict().items()}

    def pretty(self, expand_urls: bool = False) -> str:
        """A line each, its comment behind it."""
        comments = self.comments
        lines = []
        for name, value in self.as_dict().items():
            text = f'"{value}"' if isinstance(value, str) and '"' not in value else repr(value)
            lines.append(f"{name} = {text}" + (f" # {comments[name]}" if comments.get(name) else ""))
        return "\n".join(lines)

    def save(self, filename: str, add_extension: bool = False) -> str:
        """Write a file, with every comment and blank line that it was read with; what was there becomes ``.orig``."""
        name = f"{filename}{self.extension}" if add_extension else filename
        if os.path.exists(name):
            shutil.copyfile(name, f"{name}.orig")
        text = self._current()
        Path(name).write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
        return name


@component
class JSONParameterSet(ParameterSet):
    """A JSON object."""

    name = ".json"
    format, extension = "json", ".json"


@component
class YAMLParameterSet(ParameterSet):
    """A YAML mapping."""

    names = (".yaml", ".yml")
    format, extension = "yaml", ".yaml"


@component
class ConfigParserParameterSet(ParameterSet):
    """Sections of an INI file; names without a section are those of ``[sumatra]``."""

    name = ".cfg"
    format, extension = "cfg", ".cfg"

    def update(self, E: Any = (), **F: Any) -> None:  # type: ignore[override]
        """Change values; they become text, the only type there is. Names without a section go below ``[sumatra]``."""
        changes = {**(dict(E.items()) if hasattr(E, "items") else dict(E)), **F}
        super().update({
            name if "." in name or isinstance(value, dict) else f"sumatra.{name}":
            value if isinstance(value, dict) else str(value) for name, value in changes.items()
        })  # fmt: skip


@component
class TOMLParameterSet(ParameterSet):
    """A TOML document."""

    name = ".toml"
    format, extension = "toml", ".toml"


@component
class NTParameterSet(ParameterSet):
    """NeuroTools' nested parameters; names are attributes too, as in ``parameters.network.tau_m = 20.0``."""

    name = ".ntparameterset"
    format, extension = "ntparameterset", ".ntparameterset"

    def __init__(self, initialiser: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        super().__init__(initialiser.as_dict() if isinstance(initialiser, (Section, ParameterSet)) else initialiser)
        self._divide()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._divide()

    def _divide(self) -> None:
        """Mappings among the values become sections."""
        self._plain = type(self._plain)(Section(self._plain.as_dict()), self._plain.source)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._plain:
            raise AttributeError(f"These parameters have no {name!r}.")
        return self._plain[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_plain", "_text", "source_file"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def update(self, E: Any = (), **F: Any) -> None:  # type: ignore[override]
        """Change values, or add them; mappings among them become sections."""
        changes = {**(dict(E.items()) if hasattr(E, "items") else dict(E)), **F}
        super().update({name: nested(value) for name, value in changes.items()})

    def as_dict(self) -> dict[str, Any]:
        """The values as plain mappings, nested as in the file."""
        return Section(self._plain.as_dict()).as_dict()

    def flat(self) -> Iterator[tuple[str, Any]]:
        """Dotted name and value of each parameter."""
        return Section(self._plain.as_dict()).flat()

    def flatten(self) -> dict[str, Any]:
        """All parameters by dotted name."""
        return dict(self.flat())

    def tree_copy(self) -> NTParameterSet:
        """The sections anew, with the same values in them."""
        return NTParameterSet(self.as_dict())


_BY_SUFFIX: dict[str, type[ParameterSet]] = {
    ".json": JSONParameterSet, ".yaml": YAMLParameterSet, ".yml": YAMLParameterSet, ".cfg": ConfigParserParameterSet,
    ".ini": ConfigParserParameterSet, ".toml": TOMLParameterSet, ".param": SimpleParameterSet,
    ".ntparameterset": NTParameterSet,
}  # fmt: skip
BY_NAME: dict[str, type[ParameterSet]] = {cls.__name__: cls for cls in _BY_SUFFIX.values()}


def build_parameters(filename: str | os.PathLike[str]) -> ParameterSet:
    """The parameters in a file: by its suffix, else in the first format that it can be read in.

    Raises
    ------
    SyntaxError
        It can be read in none.
    FileMissingError
        It does not exist; also an :class:`OSError`.
    """
    name = os.fspath(filename)
    if not _is_file(name):
        raise FileMissingError(f"The parameter file {name!r} does not exist.")
    suffix = os.path.splitext(name)[1].lower()
    if suffix == ".param" and begins_with_a_brace(Path(name)):
        return NTParameterSet(name)
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix](name)
    reasons = []
    for kind in (JSONParameterSet, NTParameterSet, SimpleParameterSet, ConfigParserParameterSet, YAMLParameterSet):
        try:
            return kind(name)
        except (SyntaxError, UnicodeDecodeError) as error:
            reasons.append(str(error))
    raise SyntaxError(f"{name!r} is no parameter file in any known format. {reasons[2]}")
