"""Records between stores, and data between folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cawan.events import JSON, Event

from sumatra.folding import fold
from sumatra.notebook import Notebook
from sumatra.querying import EVERYTHING


def contents(document: Any) -> Iterator[str]:
    """Digests of what a store keeps for a record beside its events: console text, changed files, lock file, spikes."""
    for stream in ("stdout", "stderr", "lock"):
        digest = (document.get(stream) or {}).get("digest", "")
        if digest:
            yield str(digest)
    for field in ("changed_files", "kept"):
        yield from (str(entry["digest"]) for entry in document.get(field, []) if entry.get("digest"))


def copy_contents(source: Any, target: Any, project: str) -> int:
    """Give a store what its events name and only another store has; gives how many."""
    groups: dict[str, list[Event]] = {}
    for _, event in target.read(project):
        groups.setdefault(event.record, []).append(event)
    count = 0
    for digest in {digest for events in groups.values() for digest in contents(fold(events).fields)}:
        try:
            target.fetch(project, digest).close()
        except FileNotFoundError:
            try:
                with source.fetch(project, digest) as file:
                    target.put(project, file)
                count += 1
            except FileNotFoundError:
                continue  # neither has it: smt verify says so of each record
    return count


def migrate(
    project: Notebook, datapath: str | None, inputs: str | None, archive: str | None, mirror: str | None
) -> int | None:
    """Say in every record that its data lie elsewhere now, in one append; gives how many, None where nothing was said.

    The records alone change, and the settings of the project; no file is moved.
    """
    said = {"root": datapath, "archive": archive, "mirror_base_url": mirror}
    changed = {name: value if name == "mirror_base_url" else str(Path(value).absolute())
               for name, value in said.items() if value is not None}  # fmt: skip
    if not changed and inputs is None:
        return None
    root = {"root": str(Path(inputs).absolute())} if inputs is not None else {}
    clock = project.clock()
    events: list[Event] = []
    for row in project.find(fields=EVERYTHING, oldest_first=True):
        fields = {name: _elsewhere(row.get(name), where) for name, where in (("datastore", changed),
                                                                             ("input_datastore", root)) if where}
        body = {"set": fields}
        events.append(Event(row["record"], "amended", clock.tick(), datetime.now(UTC), project.writer, body))
    if events:
        project.store.append(project.name, events)
    settings: dict[str, Any] = {
        "datapath": os.path.relpath(Path(datapath).absolute(), project.path) if datapath is not None else None,
        "input": root.get("root"),
        "archive": changed.get("archive") if project.settings.archive else None,
        "mirror": mirror if project.settings.mirror else None,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    if settings:
        project.save(project.settings.changed(**settings))
    return len(events)


def _elsewhere(about: Any, where: dict[str, str]) -> dict[str, JSON]:
    """A data store as a record has it, in another place."""
    known = dict(about or {"type": "local"})
    return {**known, "parameters": {**(known.get("parameters") or {}), **where}}
