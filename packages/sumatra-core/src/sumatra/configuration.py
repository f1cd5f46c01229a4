"""The settings of a project: ``.smt/config.toml``, plain names and values, never an import path."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from sumatra.errors import ConfigurationError, UnknownSettingError
from sumatra.labels import TIMESTAMP_FORMAT
from sumatra.local.durable import write_file

CHOICES = {
    "on_changed": ("error", "store-diff"),
    "labelgenerator": ("timestamp", "uuid"),
    "addlabel": ("", "cmdline", "parameters"),
    "stamp": ("inside", "all", "none"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``smt init`` and ``smt configure`` set; paths are relative to the project's folder.

    Attributes
    ----------
    datapath
        The folder searched for output; ``.`` is the whole project.
    input
        The folder that input files given by ``--stdin`` are looked for in.
    on_changed
        What happens to code that is in no version: ``error`` refuses, ``store-diff`` keeps the changed files.
    store
        Path or URI of the record store; "" is ``.smt``.
    archive
        Folder of archives that output is moved into, one for each label; "" leaves it where it is.
    mirror
        URL at which others find the data folder.
    stamp
        Whether output carries its record's label: ``inside`` figures and data files that have a place for it, ``all``
        (others by a side file), or ``none``.
    plugins
        Modules of the Python path that register components.
    """

    name: str
    executable: str = ""
    main: str = ""
    datapath: str = "./Data"
    input: str = "/"
    on_changed: str = "error"
    store: str = ""
    labelgenerator: str = "timestamp"
    timestamp_format: str = TIMESTAMP_FORMAT
    launch_mode: str = "serial"
    launch_mode_options: str = ""
    addlabel: str = ""
    plain: bool = False
    ignore_parameters: bool = False
    description: str = ""
    archive: str = ""
    mirror: str = ""
    stamp: str = "inside"
    plugins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise UnknownSettingError(f"value of {name}", value, [choice or "none" for choice in allowed])

    def changed(self, **values: Any) -> Settings:
        """A copy with some values replaced."""
        return replace(self, **values)


def save(settings: Settings, path: Path) -> None:
    """Write the settings, in one step."""
    # Of JSON's escapes all are TOML's too.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in asdict(settings).items()]
    text = "# Settings of this Sumatra project; change them with: smt configure\n" + "\n".join(lines) + "\n"
    write_file(path, text.encode("utf-8"))


def load(path: Path) -> Settings:
    """The settings in a file; :class:`ConfigurationError` names the file and what is wrong."""
    import tomllib  # most projects are not configured

    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error}. Mend it, or remove it and use: smt init") \
            from error  # fmt: skip
    known = {field.name: field.type for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise UnknownSettingError(f"setting (in {str(path)!r})", name, list(known))
        if name == "plugins":
            values[name] = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        elif not isinstance(value, bool if known[name] == "bool" else str):
            raise ConfigurationError(f"{str(path)!r}: {name} = {value!r} is not of type {known[name]}.")
    return Settings(**{"name": path.parent.parent.name, **values})
