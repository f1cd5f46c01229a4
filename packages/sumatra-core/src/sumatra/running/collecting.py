"""Output that came after the end of a run, or from another machine."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from sumatra.errors import StillRunningError
from sumatra.notebook import Notebook
from sumatra.running.outputs import key_document, key_of, snapshot


def collect(project: Notebook, label: str) -> list[str]:
    """Record what is new in the own output folder of a record; gives the paths.

    Raises
    ------
    StillRunningError
        The run goes on, and will record its output itself.
    """
    record = project.get(label)
    if record.status in ("created", "running"):
        raise StillRunningError(project.resolve(label))
    own = Path(str(record.fields.get("output_folder") or project.output_folder(record.label)))
    known = {(str(entry["path"]), str(entry["digest"])) for entry in record.fields.get("output_data", [])}
    root = project.data_root.resolve()
    documents = []
    for name in sorted(snapshot(own)) if own.is_dir() else ():
        path = PurePosixPath((own.resolve() / name).relative_to(root))
        key = key_of(root, path, "own")
        if key is not None and (str(path), key.digest) not in known:
            documents.append(key_document(key))
    if documents:
        project.append(record.id, "captured", {"output_data": documents})
    return [str(document["path"]) for document in documents]
