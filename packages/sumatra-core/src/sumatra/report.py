"""Plain text for the terminal: what ``smt run``, ``show`` and ``info`` print."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
_WIDTH = 16  # of the column of field names


def further(document: Document) -> list[tuple[str, str]]:
    """What Sumatra 0.8 did not say of a record: status, machine, packages, changed files, warnings, …"""
    skipped = {"Duration", "Program", "Script", "Arguments", "Parameters", "Input", "Output"}
    file = _parameters(document).partition("\n")[0]
    more = [(name.replace(" ", "_"), text) for name, text in _details(document) if name not in skipped]
    return [("Parameter_file", file)] * bool(file) + more


def format_short(documents: Sequence[Document]) -> str:
    """A label per line."""
    return "".join(f"{document['label']}\n" for document in documents)


def format_long(documents: Sequence[Document]) -> str:
    """A block per record."""
    return "\n".join(_block(document["label"], [*_about(document), *_details(document)]) for document in documents)


def format_run(document: Document) -> str:
    """What a user wants to see of a run that has just ended; long lists are cut and counted."""
    return _block(document["label"], _details(document, most=8))


def _block(title: str, pairs: list[tuple[str, str]]) -> str:
    rule = "-" * 80
    lines = [rule, f"{'Label':<{_WIDTH}} : {title}"]
    for name, text in pairs:
        first, *rest = text.splitlines() or [""]
        lines.append(f"{name:<{_WIDTH}} : {first}".rstrip())
        lines += [f"{'':<{_WIDTH}} : {line}" for line in rest]
    return "\n".join([*lines, rule]) + "\n"


def format_info(notebook: Any) -> str:
    """The settings of a project, the fourteen lines of Sumatra 0.8 in their order."""
    from sumatra import __version__
    from sumatra.recordstore.documents import program_of
    from sumatra.versioncontrol.choosing import repository_of

    settings = notebook.settings
    program = "None"
    if settings.executable:
        from sumatra.interpreters import get_program

        words = shlex.split(settings.executable)
        found = get_program(words[0], notebook.path, tuple(words[1:]))
        about = {"path": str(found.path), "name": found.name, "version": found.version, "options": list(found.options)}
        program = str(program_of(about, {}))
    known = notebook.working_copy.repository
    url = known.url if "://" in str(known.url) else str(notebook.working_copy.path)
    repository = repository_of(getattr(known, "name", ""), url, known.upstream)
    data = str(notebook.data_root)
    data += f" (archiving to {notebook.path / settings.archive})" if settings.archive else ""
    data += f" (mirrored at {settings.mirror})" if settings.mirror else ""
    rows = [
        ("Project name", notebook.name), ("Default executable", program), ("Default repository", str(repository)),
        ("Default main file", settings.main or "None"), ("Default launch mode", settings.launch_mode),
        ("Data store (output)", data), (".          (input)", settings.input),
        ("Record store", f"{_kind(notebook.shown_store)} ({notebook.shown_store})"),
        ("Code change policy", settings.on_changed), ("Append label to", settings.addlabel or "None"),
        ("Label generator", settings.labelgenerator), ("Timestamp format", settings.timestamp_format),
        ("Plug-ins", str(list(settings.plugins))), ("Sumatra version", __version__),
    ]  # fmt: skip
    return "".join(f"{name:<20}: {value}\n" for name, value in rows)


def _kind(uri: str) -> str:
    scheme, colon, _ = uri.partition(":")
    return scheme if colon and len(scheme) > 1 else "files"


def size_text(size: float) -> str:
    """Bytes with a decimal prefix: 1234567 is "1.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def time_text(seconds: float) -> str:
    """A duration: "0.12 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def status_text(document: Document) -> str:
    """The status, with exit code or signal."""
    status = str(document.get("status", ""))
    if document.get("signal"):
        return f"{status} by signal {document['signal']}"
    return f"{status}, exit code {document['exit_code']}" if document.get("exit_code") else status


def _about(document: Document) -> Iterator[tuple[str, str]]:
    yield "Timestamp", str(document.get("started", ""))
    yield "Reason", str(document.get("reason", ""))
    yield "Outcome", str(document.get("outcome", ""))
    yield "Tags", ", ".join(document.get("tags", []))
    if document.get("repeats"):
        yield "Repeats", str(document["repeats"])


def _version(document: Document) -> str:
    changed = document.get("changed_files", [])
    repository = document.get("repository", {})
    version = str(document.get("version") or "none yet")
    text = f"{version}{'*' if changed else ''} ({repository.get('type', '')} {repository.get('url', '')})"
    return "\n".join([text, *(f"{entry['kind']:<9} {entry['path']}" for entry in changed)])


def _parameters(document: Document) -> str:
    about = document.get("parameter_file") or {}
    if not about:
        return ""
    overrides = about.get("overrides", {})
    lines = [about["path"] + (" with " + ", ".join(f"{k}={v}" for k, v in overrides.items()) if overrides else "")]
    return "\n".join(lines + [f"{name} = {_value(value)}" for name, value in _flat(document.get("parameters", {}))])


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _value(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 100 else f"{text[:97]}..."


def _cut(lines: list[str], most: int) -> str:
    shown = lines if len(lines) <= most else [*lines[:most], f"… ({len(lines) - most} more)"]
    return "\n".join(shown)


def _files(entries: list[Document]) -> list[str]:
    lines = []
    for entry in entries:
        contested = f"  contested with {', '.join(entry['contested'])}" if entry.get("contested") else ""
        lines.append(f"{entry['path']}  {entry['digest'][:23]}…  {size_text(entry['size'])}  "
                     f"[{entry.get('evidence', '')}]{contested}")  # fmt: skip
    return lines


def _platform(document: Document) -> str:
    lines = []
    for machine in document.get("platforms", []):
        system = " ".join(str(machine.get(name, "")) for name in ("system_name", "release")).strip()
        known = [system, str(machine.get("machine", "")), str(machine.get("processor") or "unknown processor")]
        known += [f"{machine['cores']} cores"] if machine.get("cores") else []
        known += [f"{size_text(machine['memory'])} memory"] if machine.get("memory") else []
        lines.append(f"{machine.get('network_name', 'a machine')}: {', '.join(filter(None, known))}")
    return "\n".join(lines)


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    for topic, facts in sorted(document.get("facts", {}).items()):
        yield topic, "\n".join(f"{name} = {_value(value)}" for name, value in _flat(facts))


def _details(document: Document, most: int = 10_000) -> list[tuple[str, str]]:
    program = document.get("executable", {})
    version = document.get("interpreter", {}).get("version") or program.get("version") or "version unknown"
    words = [word if word == "<parameters>" else shlex.quote(word) for word in document.get("script_arguments", [])]
    main = str(document.get("main_file", ""))
    pairs = [
        ("Status", status_text(document)),
        ("Duration", "" if document.get("duration") is None else time_text(document["duration"])),
        ("Code version", _version(document)),
        ("Program", f"{program.get('name', '')} {version} ({program.get('path', '')})"),
        ("Script" if main else "Arguments", " ".join([main, *words]).strip()),
        ("Parameters", _cut(_parameters(document).splitlines(), 4 * most)),
        *((topic, _cut(text.splitlines(), 4 * most)) for topic, text in _facts(document)),
        ("Platform", _platform(document)),
        ("Dependencies", _dependencies(document, most)),
        ("Installed", f"{document['lock']['packages']} packages" if document.get("lock") else ""),
        ("Input", _cut(_files(document.get("input_data", [])), most)),
        ("Output", _cut(_files(document.get("output_data", [])), most) or "none"),
        ("Console", _console(document)),
        ("Warnings", "\n".join(document.get("warnings", []))),
    ]
    return [(name, text) for name, text in pairs if text]


def _dependencies(document: Document, most: int) -> str:
    lines = [f"{entry['name']} {entry['version']}" for entry in document.get("dependencies", [])]
    if "observed" in document and not document["observed"]:
        lines.append("imports were not observed to the end of the program")
    return _cut(lines, most) or ("none beside the standard library" if document.get("observed") else "")


def _console(document: Document) -> str:
    parts = [
        f"{name} {size_text(document[name]['size'])}"
        for name in ("stdout", "stderr") if (document.get(name) or {}).get("size")
    ]  # fmt: skip
    return ", ".join(parts)
