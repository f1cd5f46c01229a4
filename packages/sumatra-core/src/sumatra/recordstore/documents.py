"""From what a store holds of a record to a :class:`sumatra.records.Record`, and back to the bodies of its events."""

from __future__ import annotations

import io
import os
import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cawan.events import JSON

from sumatra.core import STATUS_PATTERN, get_registered_components
from sumatra.datastore import (
    ArchivingFileSystemDataStore,
    DataKey,
    FileSystemDataStore,
    MirroredFileSystemDataStore,
)
from sumatra.dependency_finder.core import BaseDependency
from sumatra.launch import LaunchMode, PlatformInformation, SerialLaunchMode
from sumatra.programs import Executable
from sumatra.records import Record
from sumatra.versioncontrol.choosing import repository_of

Document = Mapping[str, Any]
_STATUSES = {"created": "initialized"}
_DATA = {"local": FileSystemDataStore, "archive": ArchivingFileSystemDataStore, "mirror": MirroredFileSystemDataStore}
_PARAMETER_FORMATS = {
    "param": "SimpleParameterSet", "json": "JSONParameterSet", "yaml": "YAMLParameterSet", "yml": "YAMLParameterSet",
    "cfg": "ConfigParserParameterSet", "ini": "ConfigParserParameterSet", "toml": "TOMLParameterSet",
    "ntparameterset": "NTParameterSet",
}  # fmt: skip


def status_tag(status: str) -> str:
    """The status as 0.8's tag."""
    return f"_{_STATUSES.get(status, status)}_"


def joined(arguments: Any) -> str:
    """Arguments as one line that a shell would read back; the place of the parameter file stays as it is."""
    if isinstance(arguments, str):
        return arguments
    return " ".join(word if word == "<parameters>" else shlex.quote(word) for word in arguments or ())


def split(arguments: str) -> list[str]:
    """The words of a line of arguments."""
    try:
        return shlex.split(arguments or "")
    except ValueError:
        return arguments.split()


def program_of(about: Document, interpreter: Document) -> Executable:
    """The program of a record; it need not be on this machine, and is not started."""
    known: dict[str, Any] = get_registered_components(Executable)
    kinds = {str(cls.name): cls for cls in known.values()}
    options = about.get("options") or ""
    made: Executable = object.__new__(kinds.get(str(about.get("name", "")), Executable))
    made.path, made.name = str(about.get("path", "")), about.get("name", "")
    made.version = str(interpreter.get("version") or about.get("version") or "")
    made.options = options if isinstance(options, str) else shlex.join(options)
    return made


def data_store_of(about: Document) -> FileSystemDataStore:
    """The data store of a record; nothing is made on the disk."""
    kind = str(about.get("type", "local"))
    by_class = {cls.__name__: cls for cls in _DATA.values()}
    cls: Any = _DATA.get(kind) or by_class.get(kind.rpartition(".")[2], FileSystemDataStore)
    settings = about.get("parameters") or {}
    made: Any = cls.__new__(cls)
    made._root = os.path.abspath(settings.get("root") or "./Data")
    made.archive_store = os.path.abspath(settings.get("archive") or ".smt/archive")
    made.mirror_base_url = str(settings.get("mirror_base_url", ""))
    store: FileSystemDataStore = made
    return store


def _launch_mode(about: Document) -> LaunchMode:
    known: dict[str, Any] = get_registered_components(LaunchMode)
    by_class = {cls.__name__: cls for cls in known.values()}
    kind = str(about.get("type", "serial"))
    cls = known.get(kind) or by_class.get(kind, SerialLaunchMode)
    made: Any = cls.__new__(cls)
    defaults: dict[str, Any] = {"working_directory": None, "options": None, "n": 1, "mpirun": "mpiexec", "hosts": []}
    vars(made).update({**defaults, **(about.get("parameters") or {})})
    mode: LaunchMode = made
    return mode


def key_of(entry: Document) -> DataKey:
    """A file of a record."""
    created = datetime.fromisoformat(entry["created"]) if entry.get("created") else None
    return DataKey(str(entry["path"]), str(entry["digest"]), created, mimetype=entry.get("mimetype") or None,
                   encoding=entry.get("encoding"), size=entry.get("size"))  # fmt: skip


def _key_document(key: Any) -> dict[str, JSON]:
    about = dict(getattr(key, "metadata", {}))
    created = getattr(key, "creation", None)
    return {
        "path": str(key.path), "digest": str(key.digest), "size": about.get("size") or 0,
        "created": created.isoformat() if created else None, "mimetype": about.get("mimetype") or "",
        "encoding": about.get("encoding"), "evidence": "declared", "contested": [],
    }  # fmt: skip


def _parameters(document: Document) -> Any:
    about = document.get("parameter_file") or {}
    if about:
        from sumatra.parameters.upstream import BY_NAME

        kind = BY_NAME.get(_PARAMETER_FORMATS.get(str(about.get("format", "")), ""))
        if kind is not None:
            return kind(str(about["text"]))
    return dict(document.get("parameters") or {})


def _dependency(entry: Document) -> BaseDependency:
    made = BaseDependency(entry["name"], entry.get("path"), entry.get("version", "unknown"), entry.get("diff", ""),
                          entry.get("source"))  # fmt: skip
    vars(made)["module"] = entry.get("language", entry.get("module", ""))
    return made


def _part(document: Document, name: str) -> Document:
    """A mapping in a document, empty where it is missing."""
    return document.get(name) or {}


def record_from(document: Document, console: Callable[[], str] | None = None, diff: Callable[[], str] | None = None) \
        -> Record:  # fmt: skip
    """The record of a document of fields; text of console and changes is fetched when somebody looks."""
    when = datetime.fromisoformat(document["started"])
    record = Record(
        program_of(_part(document, "executable"), _part(document, "interpreter")),
        repository_of(str(_part(document, "repository").get("type", "")),
                      str(_part(document, "repository").get("url", "")),
                      _part(document, "repository").get("upstream")),
        document.get("main_file") or None, str(document.get("version", "")),
        _launch_mode(_part(document, "launch_mode")), data_store_of(_part(document, "datastore")),
        _parameters(document), [key_of(entry) for entry in document.get("input_data", [])],
        joined(document.get("script_arguments", [])), str(document["label"]), str(document.get("reason", "")),
        str(document.get("diff", "")), str(document.get("user", "")), str(document.get("on_changed", "store-diff")),
        data_store_of(_part(document, "input_datastore") or {"parameters": {"root": "/"}}), "Not available.", when,
    )  # fmt: skip
    record.outcome, record.duration = str(document.get("outcome", "")), document.get("duration")
    record.output_data = [key_of(entry) for entry in document.get("output_data", [])]
    record.dependencies = [_dependency(entry) for entry in document.get("dependencies", [])]
    record.platforms = [PlatformInformation(**{"ip_addr": "", **entry}) for entry in document.get("platforms", [])]
    record.tags = {*document.get("tags", []), status_tag(str(document.get("status", "created")))}
    record.repeats, record.identity = document.get("repeats"), str(document.get("record", ""))
    if console is not None:
        record.stdout_stderr = console
    if diff is not None and not document.get("diff") and document.get("changed_files"):
        record.diff = diff
    record.loaded_tags = set(record.tags)
    record.document = document
    return record


def status_of(record: Any) -> str:
    """The status among the tags, "" where there is none."""
    found = next((tag for tag in sorted(record.tags) if STATUS_PATTERN.match(tag)), "")
    return found.strip("_").removesuffix("...")


def _state(thing: Any) -> dict[str, JSON]:
    """The settings of a component, without what JSON has no word for."""
    try:
        known = dict(thing.__getstate__())
    except (AttributeError, NotImplementedError, TypeError):
        return {}
    return {name: value if isinstance(value, (bool, int, float, str, list, type(None))) else str(value)
            for name, value in known.items()}  # fmt: skip


def _parameter_fields(record: Any) -> dict[str, JSON]:
    parameters = record.parameters
    if isinstance(parameters, str):  # a description in words, or the name of what was looked at
        return {"parameters": {"text": parameters}, "parameter_file": {}}
    if not hasattr(parameters, "as_dict"):
        return {"parameters": _plain(dict(parameters or {})), "parameter_file": {}}
    names = {kind: suffix for suffix, kind in _PARAMETER_FORMATS.items()}
    text = parameters.pretty() if hasattr(parameters, "pretty") else str(parameters)
    form = names.get(type(parameters).__name__, "")
    about: dict[str, JSON] = {
        "text": text + "\n", "format": form, "path": f"parameters.{form}", "rewritten": True, "overrides": {},
    }  # fmt: skip
    return {"parameters": _plain(parameters.as_dict()), "parameter_file": about if form else {}}


def _plain(value: Any) -> JSON:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    value = value.item() if hasattr(value, "item") and not isinstance(value, str) else value
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def created_fields(record: Any) -> dict[str, JSON]:
    """What is known of a record before its program runs."""
    program, repository = record.executable, record.repository
    store, inputs = record.datastore, record.input_datastore or record.datastore
    return {
        "reason": record.reason or "", "outcome": record.outcome or "", "user": record.user or "",
        "executable": {"path": str(getattr(program, "path", "")), "name": str(getattr(program, "name", "") or ""),
                       "version": str(getattr(program, "version", "") or ""),
                       "options": split(str(getattr(program, "options", "") or ""))},
        "repository": {"url": str(getattr(repository, "url", "")), "upstream": getattr(repository, "upstream", None),
                       "type": type(repository).__name__ if repository is not None else ""},
        "version": str(record.version or ""), "main_file": record.main_file or "",
        "script_arguments": split(record.script_arguments), "diff": record.diff or "",
        "input_data": [_key_document(key) for key in record.input_data if hasattr(key, "path")],
        "launch_mode": {"type": str(getattr(record.launch_mode, "name", "") or "serial"),
                        "parameters": _state(record.launch_mode)},
        "datastore": {"type": type(store).__name__, "parameters": _state(store)},
        "input_datastore": {"type": type(inputs).__name__, "parameters": _state(inputs)},
        **_parameter_fields(record),
    }  # fmt: skip


def captured_fields(record: Any, put: Callable[[Any], str]) -> dict[str, JSON]:
    """What came out of it; its text goes into the store by ``put``."""
    text = os.fsencode(record.stdout_stderr or "")
    return {
        "output_data": [_key_document(key) for key in record.output_data if hasattr(key, "path")],
        "dependencies": [
            {"name": d.name, "path": str(d.path or ""), "version": str(d.version), "diff": d.diff or "",
             "source": d.source, "language": getattr(d, "module", "")}
            for d in record.dependencies
        ],
        "platforms": [_plain(vars(machine)) for machine in record.platforms],
        "stdout": {"size": len(text), "digest": put(io.BytesIO(text)) if text else ""},
    }  # fmt: skip


def finished_fields(record: Any) -> dict[str, JSON]:
    """How it ended, and how long it took."""
    status = status_of(record)
    body: dict[str, JSON] = {} if record.duration is None else {"duration": record.duration}
    if status and status != "finished":
        body["status"] = {"initialized": "created"}.get(status, status)
    if record.repeats:
        body["repeats"] = record.repeats
    return body


def identity_time(record: Any) -> datetime:
    """When a record was made, with zone."""
    when: datetime = record.timestamp
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def relative_to_root(path: str, root: Path) -> str:
    """A path below the data root, or as it is."""
    place = Path(path)
    return str(place.relative_to(root)) if place.is_relative_to(root) else path
