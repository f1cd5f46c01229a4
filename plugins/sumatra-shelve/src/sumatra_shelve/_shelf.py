"""Records in a shelf: one pickle for each project, which is read and not run."""

from __future__ import annotations

import dbm
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cawan.records import StoreFormatError

from sumatra_shelve._pickles import Thing, read_pickle

_SIMPLE = ("reason", "duration", "main_file", "version", "outcome", "diff", "user", "script_arguments", "stdout_stderr",
           "repeats")  # fmt: skip


def records_of_shelf(path: Path, project: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Project and fields of every record, as 0.8 exports them."""
    for name, data in _entries(path):
        if project and name != project:
            continue
        kept = read_pickle(data)
        if not isinstance(kept, dict):
            raise StoreFormatError(f"The project {name!r} in {str(path)!r} is no shelf of records.")
        for record in kept.values():
            if isinstance(record, Thing):
                yield name, _fields(record)


def _entries(path: Path) -> list[tuple[str, bytes]]:
    plain = path.with_suffix("") if path.suffix in (".dat", ".dir", ".bak") else path
    for place in (plain, path):
        if not dbm.whichdb(str(place)):
            continue
        try:
            with dbm.open(str(place), "r") as shelf:
                return [(_text(key), bytes(shelf[key])) for key in shelf.keys()]
        except dbm.error as error:
            raise StoreFormatError(
                f"{str(path)!r} is a shelf of a kind that this Python does not read: {error}. "
                "Export it with the Python that made it: smt export"
            ) from error
    raise StoreFormatError(f"{str(path)!r} is no record store of an older Sumatra that can be read.")


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _state(thing: Any) -> dict[str, Any]:
    found = dict(thing.state) if isinstance(thing, Thing) and isinstance(thing.state, dict) else {}
    return {str(_text(name)): _text(value) for name, value in found.items()}


def _fields(record: Thing) -> dict[str, Any]:
    known = _state(record)
    when = known.get("timestamp")
    fields: dict[str, Any] = {name: known.get(name) for name in _SIMPLE}
    fields["label"] = known.get("label", known.get("_label", ""))
    fields["timestamp"] = when.isoformat() if isinstance(when, datetime) else str(when)
    for name in ("executable", "repository"):
        about = _state(known.get(name))
        fields[name] = {**{key: about.get(key) for key in ("path", "version", "name", "options", "url", "upstream")
                           if key in about}, "type": _class(known.get(name))}  # fmt: skip
    for name in ("launch_mode", "datastore", "input_datastore"):
        if isinstance(known.get(name), Thing):
            fields[name] = {"type": _class(known[name]), "parameters": _plain_state(_state(known[name]))}
    fields["parameters"] = _parameters(known.get("parameters"))
    fields["output_data"] = list(map(_key, _list(known, "output_data") or _list(known, "data_key")))
    fields["input_data"] = list(map(_key, _list(known, "input_data")))
    fields["tags"] = sorted(str(_text(tag)) for tag in _list(known, "tags"))
    fields["dependencies"] = [{**_plain_state(_state(item)), "module": item.name.split(".")[-2]}
                              for item in _list(known, "dependencies") if isinstance(item, Thing)]  # fmt: skip
    fields["platforms"] = [_plain_state(_state(item)) for item in _list(known, "platforms")]
    return fields


def _list(known: Mapping[str, Any], name: str) -> list[Any]:
    return list(known.get(name) or [])


def _class(thing: Any) -> str:
    return thing.class_name if isinstance(thing, Thing) else ""


def _plain_state(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items()
            if value is None or isinstance(value, (bool, int, float, str, list))}  # fmt: skip


def _key(item: Any) -> Any:
    """A data key, or the path that versions before 0.4 kept."""
    if not isinstance(item, Thing):
        return str(_text(item))
    known = _state(item)
    created = known.get("creation")
    about = known.get("metadata") if isinstance(known.get("metadata"), dict) else {}
    return {"path": known.get("path", ""), "digest": known.get("digest", "0" * 40),
            "creation": created.isoformat() if isinstance(created, datetime) else None,
            "metadata": {str(name): value for name, value in (about or {}).items()}}  # fmt: skip


def _parameters(thing: Any) -> dict[str, Any]:
    """Parameters as text of their format where we know how that was written, else their values."""
    if not isinstance(thing, Thing):
        return {"type": "dict", "content": dict(thing) if isinstance(thing, dict) else {}}
    state = _state(thing)
    values = state.get("_values", state.get("values"))
    values = dict(values) if isinstance(values, dict) else dict(thing.items)
    if thing.class_name == "SimpleParameterSet":
        comments = state.get("comments") or {}
        lines = [f"{name} = {value!r}" + (f" #{comments[name]}" if comments.get(name) else "")
                 for name, value in values.items()]  # fmt: skip
        return {"type": thing.class_name, "content": "\n".join(lines)}
    return {"type": "dict", "content": {str(name): _value(value) for name, value in values.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, Thing):
        return {str(name): _value(item) for name, item in (value.items or _state(value)).items()}
    return _text(value)
