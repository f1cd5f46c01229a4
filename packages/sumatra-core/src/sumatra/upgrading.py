"""Taking over what Sumatra 0.1 to 0.8 left: exported JSON here, its databases by the plug-in ``sumatra-shelve``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cawan.records import StoreFormatError

from sumatra.configuration import Settings, save
from sumatra.errors import FileMissingError
from sumatra.notebook import FOLDER, STORES, Notebook, open_notebook, prepare_folder
from sumatra.records import Record
from sumatra.recordstore import EventRecordStore
from sumatra.recordstore.serialization import build_record

_EXPORTS = ("records_export.json", "simulation_project_export.json", "records.json")


def upgrade(here: Path, source: Path | None = None) -> tuple[int, str]:
    """Read old records into the project's store; gives how many, and the project's name. Twice is once.

    Raises
    ------
    FileMissingError
        There is nothing of an older Sumatra.
    StoreFormatError
        Something of it cannot be read; nothing was taken over, and nothing is lost.
    """
    folder = source if source is not None else _nearest(here)
    settings = _old_settings(folder if folder.is_dir() else folder.parent)
    records = list(_records(folder, settings))
    place = (here if source is not None else folder.parent).resolve()
    prepare_folder(place)
    if not (place / FOLDER / "config.toml").exists():
        save(_settings(settings, place), place / FOLDER / "config.toml")
    notebook: Notebook = open_notebook(place)
    store = EventRecordStore(notebook.store_uri)
    for record in records:
        store.save(notebook.name, record)
    return len(records), notebook.name


def _nearest(here: Path) -> Path:
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    raise FileMissingError(f"There is no {FOLDER} folder in {str(here)!r} or above it, so there is nothing to upgrade. "
                           "Name the old folder or file: smt upgrade PATH")  # fmt: skip


def _old_settings(folder: Path) -> Mapping[str, Any]:
    for name in ("project", "project_export.json"):
        file = folder / name
        if file.is_file():
            data = _json(file) if file.read_bytes()[:1].strip() == b"{" else None
            if isinstance(data, dict):
                return data
    return {}


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise StoreFormatError(
            f"{str(file)!r} cannot be read: {error}. Nothing was taken over; restore that file from a backup."
        ) from error


def _settings(old: Mapping[str, Any], place: Path) -> Settings:
    """What an old project's settings say; names of classes are read as names, nothing is imported by them."""

    def part(name: str, key: str) -> str:
        about = old.get(name)
        return str(about.get(key) or "") if isinstance(about, Mapping) else ""

    policy = str(old.get("on_changed", "error"))
    generator = str(old.get("label_generator", "timestamp"))
    data = part("data_store", "root") or "./Data"
    inside = Path(data).is_relative_to(place)
    return Settings(
        name=str(old.get("name") or place.name), executable=part("default_executable", "path"),
        main=str(old.get("default_main_file") or ""),
        datapath=str(Path(data).relative_to(place)) if inside else data,
        input=part("input_datastore", "root") or "/",
        on_changed=policy if policy in ("error", "store-diff") else "error",
        labelgenerator=generator if generator in ("timestamp", "uuid") else "timestamp",
        timestamp_format=str(old.get("timestamp_format") or "%Y%m%d-%H%M%S"),
        addlabel=str(old.get("data_label") or ""), plain=not old.get("allow_command_line_parameters", True),
        ignore_parameters=bool(old.get("ignore_parameters", False)), description=str(old.get("description") or ""),
    )  # fmt: skip


def _records(folder: Path, settings: Mapping[str, Any]) -> Iterator[Record]:
    if folder.is_file():
        yield from _from_file(folder, settings)
        return
    databases = [folder / name for name in ("records", "records.db", "records.dat") if (folder / name).is_file()]
    if databases:
        yield from _from_file(databases[0], settings)
        return
    for name in _EXPORTS:
        if (folder / name).is_file():
            yield from _from_json(folder / name)
            return
    raise FileMissingError(f"{str(folder)!r} holds no records of an older Sumatra (records, records_export.json).")


def _from_file(file: Path, settings: Mapping[str, Any]) -> Iterator[Record]:
    if file.suffix == ".json":
        yield from _from_json(file)
        return
    kind: Any = STORES.load("shelve")
    read: Callable[[Path, str], Iterator[Mapping[str, Any]]] = kind.read_old
    for data in read(file, str(settings.get("name") or "")):
        yield _record(data, file)


def _from_json(file: Path) -> Iterator[Record]:
    data = _json(file)
    if not isinstance(data, list):
        raise StoreFormatError(f"{str(file)!r} holds no list of records. Nothing was taken over.")
    for entry in data:
        yield _record(entry, file)


def _record(data: Any, file: Path) -> Record:
    try:
        return build_record(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        label = data.get("label", "?") if isinstance(data, Mapping) else "?"
        raise StoreFormatError(
            f"The record {label!r} in {str(file)!r} cannot be read: {error!r}. Nothing was taken over."
        ) from error
