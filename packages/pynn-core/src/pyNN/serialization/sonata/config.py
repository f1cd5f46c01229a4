"""The text files of SONATA: JSON with variables, and tables of types."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyNN.errors import PyNNError, UnreadableFileError

MAGIC = 0x0A7A  # of every HDF5 file of SONATA
_ABSENT = ("", "NONE", "NULL")


def h5py() -> Any:
    """The module h5py.

    Raises
    ------
    ImportError
        With the line that installs it.
    """
    try:
        import h5py as module
    except ImportError as error:
        raise ImportError("SONATA files need h5py. Install it with: pip install h5py") from error
    return module


def asciify(label: str) -> bytes:
    """A label in ASCII, as SONATA's names are: arrows are ``->``, other letters lose their accents or become ``_``."""
    plain = unicodedata.normalize("NFKD", label.replace("→", "->"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return kept.encode("ascii", "replace").replace(b"?", b"_").replace(b"/", b"_")


def cast(value: str) -> Any:
    """A cell of a table as a whole number, a number or a text."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def load_config(config_file: str | Path) -> dict[str, Any]:
    """A configuration file with its variables ($NAME of the manifest) filled in; ``network`` files are read, too.

    Raises
    ------
    UnreadableFileError
        The file is not there, or is no JSON.
    """
    path = Path(config_file)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{path} cannot be read as a SONATA configuration: {error}") from error
    names: dict[str, str] = {"${configdir}": str(path.parent), "$configdir": str(path.parent)}
    for name, value in content.get("manifest", {}).items():
        names[name] = _filled(value, names)
    found = {key: _walk(value, names) for key, value in content.items() if key != "manifest"}
    for part in ("network", "simulation"):
        if isinstance(found.get(part), str):
            found |= {k: v for k, v in load_config(_beside(found[part], path)).items() if k not in found}
    found["config_dir"] = str(path.parent)
    return found


def _beside(name: str, config: Path) -> Path:
    """A file as named, or beside the configuration."""
    return Path(name) if Path(name).exists() else config.parent / name


def _walk(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _walk(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, names) for item in value]
    return _filled(value, names) if isinstance(value, str) else value


def _filled(text: str, names: Mapping[str, str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, names[name])
    return text


def read_types_file(file_path: str | Path, node_or_edge: str) -> dict[int, dict[str, Any]]:
    """The rows of a table of node or edge types by their number; cells that say NONE are left out."""
    key = f"{node_or_edge}_type_id"
    types: dict[int, dict[str, Any]] = {}
    with Path(file_path).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=" ", quotechar='"'):
            if row.get(key) is None:
                raise PyNNError(f"{file_path} has no column {key!r}.")
            types[int(row[key])] = {
                name: cast(value) for name, value in row.items() if name != key and value not in _ABSENT
            }
    return types


def write_types_file(path: Path, node_or_edge: str, number: int, values: Mapping[str, Any]) -> None:
    """A table with one type."""
    columns = {f"{node_or_edge}_type_id": number, **values}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), delimiter=" ", quotechar='"')
        writer.writeheader()
        writer.writerow({name: repr(v) if isinstance(v, float) else v for name, v in columns.items()})


def open_h5(path: str | Path) -> Any:
    """An HDF5 file of SONATA, open for reading.

    Raises
    ------
    UnreadableFileError
        It is not there, or belongs to another format.
    """
    try:
        file = h5py().File(path, "r")
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read as an HDF5 file: {error}") from error
    magic = file.attrs.get("magic")
    if magic is not None and int(magic) != MAGIC:
        raise UnreadableFileError(f"{path} is an HDF5 file of another format: magic number {magic}, not {MAGIC}.")
    return file


def condense(values: list[Any]) -> Any:
    """One value where all are equal; else the list."""
    return values[0] if values and all(value == values[0] for value in values) else values
