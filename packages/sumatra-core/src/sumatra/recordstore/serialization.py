"""Records as JSON, with the keys of Sumatra 0.8; what 0.1 to 0.8 wrote is read, and nothing in it is evaluated."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sumatra.datastore.base import IGNORE_DIGEST, DataKey
from sumatra.records import Record
from sumatra.recordstore.documents import record_from

_TIME = "%Y-%m-%d %H:%M:%S"


def _literal(text: Any) -> Any:
    """A list or mapping that an old version wrote as Python text; as it is where it is none."""
    if not isinstance(text, str):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def datestring_to_datetime(s: str) -> datetime:
    """A time as any version wrote it; without a zone it is UTC."""
    text = s.strip()
    for form in (f"{_TIME}%z", _TIME, f"{_TIME}.%f", f"{_TIME}.%f%z"):
        try:
            when = datetime.strptime(text, form)
        except ValueError:
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _time(when: datetime | None, with_timezones: bool) -> str | None:
    if when is None:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime(f"{_TIME}%z" if with_timezones else _TIME)


def _key(key: Any, with_timezones: bool) -> Any:
    if not hasattr(key, "path"):
        return str(key)
    about = {name: value for name, value in sorted(getattr(key, "metadata", {}).items())}
    return {"path": key.path, "digest": key.digest, "metadata": about,
            "creation": _time(getattr(key, "creation", None), with_timezones)}  # fmt: skip


def _state(thing: Any) -> Any:
    return thing.__getstate__() if thing is not None else {}


def record2dict(record: Any, with_timezones: bool = True) -> dict[str, Any]:
    """A record as a mapping, with the keys of 0.8 in their order."""
    parameters = record.parameters
    if hasattr(parameters, "pretty"):
        content, kind = parameters.pretty(), type(parameters).__name__
    else:
        content, kind = json.dumps(parameters, default=str) if parameters else "", type(parameters).__name__
    program, repository = record.executable, record.repository
    inputs = record.input_datastore or record.datastore
    return {
        "label": record.label, "timestamp": _time(record.timestamp, with_timezones), "reason": record.reason,
        "duration": record.duration,
        "executable": {"path": getattr(program, "path", ""), "version": getattr(program, "version", ""),
                       "name": getattr(program, "name", ""), "options": getattr(program, "options", "")},
        "repository": {"url": getattr(repository, "url", ""), "type": type(repository).__name__,
                       "upstream": getattr(repository, "upstream", None)},
        "main_file": record.main_file, "version": record.version,
        "parameters": {"content": content, "type": kind},
        "input_data": [_key(key, with_timezones) for key in record.input_data],
        "script_arguments": record.script_arguments,
        "launch_mode": {"type": type(record.launch_mode).__name__, "parameters": _state(record.launch_mode)},
        "datastore": {"type": type(record.datastore).__name__, "parameters": _state(record.datastore)},
        "input_datastore": {"type": type(inputs).__name__, "parameters": _state(inputs)},
        "outcome": record.outcome or "", "stdout_stderr": record.stdout_stderr,
        "output_data": [_key(key, with_timezones) for key in record.output_data],
        "tags": sorted(record.tags), "diff": record.diff, "user": record.user,
        "dependencies": [
            {"path": d.path, "version": d.version, "name": d.name, "module": getattr(d, "module", ""), "diff": d.diff,
             "source": d.source} for d in record.dependencies
        ],
        "platforms": [dict(vars(machine)) for machine in record.platforms],
        "repeats": record.repeats,
    }  # fmt: skip


def encode_record(record: Any, indent: int | None = None, with_timezones: bool = True) -> str:
    """A record as JSON."""
    return json.dumps(record2dict(record, with_timezones), indent=indent, default=str)


def encode_project_info(long_name: str, description: str) -> str:
    """A project as JSON; what is empty is left out."""
    known = {"name": long_name, "description": description}
    return json.dumps({name: value for name, value in known.items() if value})


def _old_keys(data: Mapping[str, Any], when: datetime) -> list[DataKey]:
    """Output as 0.4 and later list it, or as the text ``data_key`` of earlier ones."""
    entries = data.get("output_data", data.get("data_key", []))
    entries = _literal(entries)
    entries = entries if isinstance(entries, (list, tuple)) else [entries] * bool(entries)
    return [_data_key(entry, when) for entry in entries]


def _data_key(entry: Any, when: datetime) -> DataKey:
    if not isinstance(entry, Mapping):
        return DataKey(str(entry), IGNORE_DIGEST, when)
    about = _literal(entry.get("metadata", {}))
    created = entry.get("creation")
    return DataKey(str(entry["path"]), str(entry.get("digest", IGNORE_DIGEST)),
                   datestring_to_datetime(created) if created else None,
                   **(dict(about) if isinstance(about, Mapping) else {}))  # fmt: skip


_FORMATS = {"SimpleParameterSet": "param", "JSONParameterSet": "json", "YAMLParameterSet": "yaml",
            "ConfigParserParameterSet": "cfg", "NTParameterSet": "ntparameterset",
            "TOMLParameterSet": "toml"}  # fmt: skip


def _parameters(about: Any) -> Any:
    """Parameters as text of their own format, or as a mapping; text that cannot be read is kept as it is."""
    from sumatra.parameters.upstream import BY_NAME

    if not isinstance(about, Mapping):
        return {}
    content, kind = about.get("content", ""), BY_NAME.get(str(about.get("type", "")).rpartition(".")[2])
    if isinstance(content, Mapping):
        return dict(content)
    if kind is not None and content:
        try:
            return kind(str(content))
        except SyntaxError:
            return {"content": content}
    found = _literal(content)
    if isinstance(found, str) and found:
        try:
            found = json.loads(found)
        except ValueError:
            found = {"content": found}
    return dict(found) if isinstance(found, Mapping) else {}


def _component(about: Any) -> dict[str, Any]:
    known = dict(about) if isinstance(about, Mapping) else {}
    settings = _literal(known.get("parameters", {}))
    return {"type": str(known.get("type", "")), "parameters": settings if isinstance(settings, Mapping) else {}}


def _or(data: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """A field, or what stands for one that is missing or empty."""
    return data.get(name) or otherwise


def build_record(data: Mapping[str, Any]) -> Record:
    """The record that a mapping of any version from 0.1 to 0.8 describes."""
    when = datestring_to_datetime(str(data["timestamp"]))
    document: dict[str, Any] = {
        "started": when.isoformat(), "label": data["label"], "reason": _or(data, "reason", ""),
        "outcome": _or(data, "outcome", ""), "duration": data.get("duration"),
        "executable": _or(data, "executable", {}), "repository": _or(data, "repository", {}),
        "main_file": data.get("main_file"), "version": _or(data, "version", ""),
        "script_arguments": _or(data, "script_arguments", ""), "diff": _or(data, "diff", ""),
        "user": _or(data, "user", ""), "launch_mode": _component(data.get("launch_mode")),
        "datastore": _component(data.get("datastore")), "repeats": data.get("repeats"),
        "platforms": [dict(machine) for machine in _or(data, "platforms", [])],
    }  # fmt: skip
    if data.get("input_datastore"):
        document["input_datastore"] = _component(data["input_datastore"])
    document["dependencies"] = [
        {**entry, "version": str(entry.get("version", "unknown"))} for entry in _or(data, "dependencies", [])
    ]
    record = record_from(document)
    record.parameters = _parameters(data.get("parameters"))
    record.output_data = _old_keys(data, when)
    record.input_data = [_data_key(entry, when) for entry in _or(data, "input_data", [])]
    tags = _literal(_or(data, "tags", []))
    record.tags = {tag for tag in (tags.split(",") if isinstance(tags, str) else tags) if tag}
    record.stdout_stderr = data.get("stdout_stderr") or "Not available."
    return record


def decode_record(content: str | bytes) -> Record:
    """The record in a JSON text."""
    return build_record(json.loads(content))


def decode_records(content: str | bytes) -> list[Record]:
    """The records in a JSON list."""
    return [build_record(data) for data in json.loads(content)]


def decode_project_list(content: str | bytes) -> list[str]:
    """Names of the projects in a JSON list."""
    return [str(entry["id"]) for entry in json.loads(content)]


def decode_project_data(content: str | bytes) -> Any:
    """A project as JSON describes it."""
    return json.loads(content)


def keys2str(D: Mapping[Any, Any]) -> dict[str, Any]:
    """The same mapping with text for keys."""
    return {str(key): value for key, value in D.items()}
