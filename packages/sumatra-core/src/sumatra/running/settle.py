"""The end of a run, written once: by its supervisor, or by whoever looks and finds the supervisor dead.

Only evidence says that a run is lost: its processes are gone on this machine, or the machine has started anew.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import DataKey, digest_of
from cawan.errors import CawanError
from cawan.events import JSON
from cawan.queries import And, Not, Or, Test
from cawan.records import StoreWriteError

from sumatra.notebook import Notebook
from sumatra.redacting import keep_redacted, redact_bytes, redact_value
from sumatra.running.channel import gather
from sumatra.running.job import BEFORE, EXIT, Job, clear, read_json
from sumatra.running.outputs import contested_with, key_document, key_from, key_of, written

_log = logging.getLogger(__name__)


def settle(
    folder: Path, job: Job, project: Notebook, ended: dict[str, JSON] | None = None, warnings: Iterable[str] = ()
) -> None:
    """Write what the run left (files, console, imports, facts) and how it ended, then clear its folder.

    Parameters
    ----------
    ended
        How it ended, from who saw it; else what its folder says.
    warnings
        More lines for the record.
    """
    ended = read_json(folder / EXIT) if ended is None else ended
    captured = capture(folder, job, project)
    captured["warnings"] = [*captured["warnings"], *warnings]
    clock = project.clock()
    if ended is None:
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        last = project.event(job.record, "lost", {"ended": now, "lost_because": "its processes are gone"}, clock)
    else:
        last = project.event(job.record, "finished", ended, clock)
    project.store.append(project.name, [project.event(job.record, "captured", captured, clock), last])
    clear(folder, job)


def capture(folder: Path, job: Job, project: Notebook) -> dict[str, Any]:
    """What can be known once the program has ended; a part that fails is a warning in the record, not its end."""
    # 15 ms that smt itself need not wait for
    from sumatra.running.loaded import Loaded
    from sumatra.running.observed import code_files, dependencies, lock_text, read_notes

    notes, roots = read_notes(folder), (Path(job.code_root), Path(job.user_root))
    said, loaded = gather(folder), Loaded(folder, job, project, notes)
    body: dict[str, JSON] = {"observed": notes.complete, "facts": _facts(said)}
    if notes.version:
        body["interpreter"] = {"version": notes.version, "path": notes.executable}
    parts: dict[str, Callable[[], JSON]] = {
        "code": lambda: code_files(notes, *roots, loaded.digest),
        "dependencies": lambda: dependencies(notes, *roots, loaded.digest) or _by_their_text(job, notes.complete),
        "output_data": lambda: _outputs(folder, job, project, said, body.get("code", [])),
        "stdout": lambda: _console(folder / "stdout", job, project),
        "stderr": lambda: _console(folder / "stderr", job, project),
        "input_data": lambda: [_input(Path(entry["said"]), job) for entry in said if entry["kind"] == "input"],
        "changed_files": lambda: loaded.changed(body.get("code", [])),
        "kept": lambda: [_kept(entry, folder, project) for entry in said if entry["kind"] == "keep"],
        "lock": lambda: _lock(lock_text(notes.path), project),
    }
    warnings = []
    for name, part in parts.items():
        try:
            body[name] = part()
        except StoreWriteError:
            raise
        except (CawanError, OSError, ValueError) as error:
            warnings.append(f"{name} is not in the record: {error}")
    if loaded.script_was_edited():
        body["code"] = [{"path": job.script, "digest": "", "edited": True}, *body.get("code", [])]
    warnings += [
        f"{entry['path']} was edited while the run went on, so nobody knows which text of it ran"
        for entry in body.get("code", []) if entry.get("edited")
    ]  # fmt: skip
    hidden = [name for name in ("stdout", "stderr") if (body.get(name) or {}).get("redacted")]
    hidden += [str(entry["path"]) for entry in body.get("changed_files", []) if entry.get("redacted")]
    if hidden:
        warnings.append(f"Secrets were left out of the record: {', '.join(hidden)}.")
    body["input_data"] = [entry for entry in body.get("input_data", []) if entry]
    return {**body, "warnings": warnings}


def _lock(text: str, project: Notebook) -> dict[str, JSON]:
    """The list of everything that is installed beside the program, kept once for all runs that share it."""
    if not text:
        return {}
    data = text.encode("utf-8")
    return {"digest": project.store.put(project.name, io.BytesIO(data)), "size": len(data),
            "packages": text.count("\n")}  # fmt: skip


def _kept(said: Mapping[str, Any], folder: Path, project: Notebook) -> dict[str, JSON]:
    """Bytes that the program gave to the record, and that are no file of the user's."""
    path = Path(said["said"])
    if path.parent != folder:
        raise ValueError(f"{path} was not kept by cawan.run")
    with path.open("rb") as file:
        return {"name": said["topic"], "digest": project.store.put(project.name, file), "size": path.stat().st_size}


def _by_their_text(job: Job, observed: bool) -> list[JSON]:
    """What the script's text says it needs, where nobody could see what was loaded."""
    script = Path(job.cwd) / job.main_file
    from sumatra.dependency_finder import find_dependencies
    from sumatra.dependency_finder.choosing import finder_of

    if observed or not job.main_file or not script.is_file() or not finder_of("", str(script)):
        return []
    root = Path(job.code_root).resolve()
    found: list[JSON] = []
    for item in find_dependencies(str(script)):
        place = Path(item.path) if item.path else None
        entry: dict[str, JSON] = {"name": item.name, "version": item.version, "language": item.module,
                                  "source": item.source or "text", "path": str(item.path or "")}  # fmt: skip
        if place is not None and place.is_file():
            with place.open("rb") as file:
                entry["digest"] = digest_of(file)
            if place.is_relative_to(root):  # its version is that of the code, and it is compared by content
                entry.update(path=str(place.relative_to(root)), version="", source="text")
        found.append(entry)
    return found


def _facts(said: list[dict[str, Any]]) -> dict[str, JSON]:
    """Reported facts by topic; later ones join the earlier, and ranks that said the same count once."""
    facts: dict[str, dict[str, JSON]] = {}
    for entry in said:
        if entry["kind"] == "report" and isinstance(entry["said"], Mapping):
            facts.setdefault(entry["topic"], {}).update(redact_value("", entry["said"]))
    return facts


def _console(path: Path, job: Job, project: Notebook) -> dict[str, JSON]:
    try:
        size = path.stat().st_size
        if not size:
            return {"size": 0, "digest": ""}
        with path.open("rb") as file:
            kept = keep_redacted(file, lambda data: project.store.put(project.name, data))
        return {"size": size, **kept, "neutral": _neutral(path, size, job)}
    except FileNotFoundError:
        return {"size": 0, "digest": ""}


def _neutral(path: Path, size: int, job: Job) -> str:
    """The digest of console text without what differs between any two runs: own folders, those of the code, label.

    "" for text of more than 16 MB, which is compared as it is.
    """
    if size > 16_000_000:
        return ""
    text = redact_bytes(path.read_bytes())
    names = ((str(path.parent), b"{run}"), (job.output, b"{output}"), (job.cwd, b"{folder}"),
             (job.code_root, b"{code}"), (job.label, b"{label}"))  # fmt: skip
    for own, name in names:
        text = text.replace(os.fsencode(own), name) if own else text
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _input(path: Path, job: Job) -> dict[str, JSON] | None:
    key = key_of(path.parent, PurePosixPath(path.name), "declared")
    return {**key_document(key), "path": _in_tree(path, Path(job.code_root))} if key else None


def _in_tree(path: Path, root: Path) -> str:
    place = path.parent.resolve() / path.name
    return str(place.relative_to(root.resolve())) if place.is_relative_to(root.resolve()) else str(place)


def _outputs(
    folder: Path, job: Job, project: Notebook, said: list[dict[str, Any]], code: list[dict[str, Any]]
) -> list[JSON]:
    before = read_json(folder / BEFORE)
    if before is None:
        return []
    root, own = Path(job.data_root), Path(job.output)
    declared = [Path(entry["said"]) for entry in said if entry["kind"] == "output"] + [Path(p) for p in job.declared]
    others = _overlapping(folder, job, project)
    found = list(written(root, before, own, declared, [Path(row["output_folder"]) for row in others]))
    # A source file that somebody edited meanwhile is no output, though it is another than before the run.
    sources = {root.joinpath(job.code_root, path) for path in (job.script, *(entry["path"] for entry in code))}
    rivals = [str(row["label"]) for row in others]
    edited = {path for path, evidence in found
              if evidence == "window" and str(path) in before and (root / path).resolve() in sources}  # fmt: skip
    keys = []
    for path, evidence in found:
        key = key_of(root, path, evidence, contested_with(evidence, rivals)) if path not in edited else None
        if key is not None:
            keys.append(_stamped(_moved(key, own, job, project), job, project))
    _note_overwritten(job, project, [key for key in keys if str(key["path"]) in before])
    return _archived(keys, job, project)


def _moved(key: DataKey, own: Path, job: Job, project: Notebook) -> dict[str, JSON]:
    """An output as the record has it; that of a repeat is brought out of its temporary tree."""
    document = key_document(key)
    if job.move_to and (not key.path.is_absolute() or key.path.is_relative_to(own)):
        place = _move(Path(job.data_root), key.path, own, job, project.data_root)
        document.update(path=str(place), evidence="own")
    return document


def _stamped(document: dict[str, JSON], job: Job, project: Notebook) -> dict[str, JSON]:
    """Put the label into a figure or data file that surely is this run's; its digest from before is kept too."""
    place = project.data_root / document["path"]
    own = document["evidence"] != "window" or project.data_root.resolve() != project.path.resolve()
    if project.settings.stamp == "none" or not own or document["contested"] or not place.is_file():
        return document
    from sumatra.stamping import write_label, write_side_file

    if write_label(place, job.label):
        key = key_of(project.data_root, PurePosixPath(document["path"]), document["evidence"])
        if key is not None:
            return {**document, "digest": key.digest, "size": key.size, "unstamped": document["digest"]}
    elif project.settings.stamp == "all" and not place.is_symlink():
        write_side_file(place, job.label, job.record, str(document["digest"]))
    return document


def _archived(keys: list[dict[str, JSON]], job: Job, project: Notebook) -> list[JSON]:
    """Let the data store put the files where it keeps them for long."""
    if not project.settings.archive:
        return list(keys)
    moved = project.data_store.archive([key_from(key) for key in keys], job.label)
    return [{**document, "path": str(key.path)} for document, key in zip(keys, moved, strict=True)]


def _note_overwritten(job: Job, project: Notebook, keys: list[dict[str, JSON]]) -> None:
    """Say in the records of earlier runs that this one wrote their files anew, with other content."""
    for key in keys:
        earlier = And((Test("output_data.path", "eq", key["path"]), Not(Test("record", "eq", job.record))))
        for row in project.find(earlier, fields=frozenset({"record", "output_data"})):
            digests = {entry["digest"] for entry in row.get("output_data", []) if entry["path"] == key["path"]}
            if digests and key["digest"] not in digests:
                said = {"path": key["path"], "by": job.label}
                project.append(row["record"], "amended", {"add": {"overwritten": [said]}})


def _move(root: Path, path: PurePosixPath, own: Path, job: Job, data_root: Path) -> PurePosixPath:
    """Bring an output of a repeat out of its temporary tree; gives its path below the project's data root."""
    name = (root / path).relative_to(own) if (root / path).is_relative_to(own) else path
    target = Path(job.move_to) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(root / path, target)
    place = target.resolve() if not target.is_symlink() else target
    return PurePosixPath(place.relative_to(data_root.resolve()))


def _overlapping(folder: Path, job: Job, project: Notebook) -> list[dict[str, Any]]:
    """Runs of this project that were under way at any time of this one."""
    if job.move_to:
        return []  # a repeat runs in a tree of its own
    start = datetime.fromtimestamp((folder / BEFORE).stat().st_mtime, UTC).isoformat(timespec="microseconds")
    under_way = Or((Test("status", "in", ["created", "running"]), Test("ended", "ge", start)))
    rows = project.find(under_way, fields=frozenset({"record", "label", "output_folder"}))
    return [dict(row) for row in rows if row["record"] != job.record and row.get("output_folder")]
