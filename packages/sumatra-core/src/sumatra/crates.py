"""A record as a Process Run Crate (RO-Crate 1.1, profile 0.5): code, changes, parameters, input, output, in one zip.

``smt repeat crate.zip`` unpacks it, runs it again, and says whether the same came out.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import DataError
from cawan.records import StoreFormatError

from sumatra.laying import rebuild
from sumatra.notebook import FOLDER, Notebook
from sumatra.showing import console_bytes

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_STAMP = (1980, 1, 1, 0, 0, 0)  # so that the same record gives the same bytes


def write_crate(project: Notebook, label: str, target: Path) -> None:
    """Write one record, with everything that belongs to it and is still there, into a zip file."""
    shown = project.resolve(label)
    document = {**project.get(shown).document(), "label": shown}
    with tempfile.TemporaryDirectory(prefix="smt-crate-") as folder:
        tree = Path(folder).resolve() / "code"
        rebuild(project, document, tree)
        files: dict[str, Path | bytes] = {
            f"code/{place.relative_to(tree)}": place for place in sorted(tree.rglob("*"))
            if place.is_file() and not place.is_symlink()
        }  # fmt: skip
        files |= _data(project, document)
        for stream in ("stdout", "stderr"):
            files[f"console/{stream}"] = console_bytes(project.store, project.name, document, stream)
        about = document.get("parameter_file") or {}
        if about:
            files[f"parameters/{PurePosixPath(about['path']).name}"] = str(about["text"]).encode("utf-8")
        files["record.json"] = json.dumps(_strict(document), indent=1, sort_keys=True).encode("utf-8")
        files["ro-crate-metadata.json"] = json.dumps(_metadata(document, files), indent=1).encode("utf-8")
        _write(target, files)


def _strict(value: Any) -> Any:
    from cawan.events import canonical

    return json.loads(canonical(value))


def _data(project: Notebook, document: Mapping[str, Any]) -> dict[str, Path | bytes]:
    """Output and input files whose content is still the recorded one."""
    found: dict[str, Path | bytes] = {}
    for side, root in (("output", project.data_root), ("input", Path(project.working_copy.path))):
        for entry in document.get(f"{side}_data", []):
            path = PurePosixPath(str(entry["path"]))
            if path.is_absolute() or ".." in path.parts:
                continue
            store = project.data_store
            if side == "output" and store.contains(path):
                with store.open(path) as file:
                    content = file.read()
            elif (root / path).is_file():
                content = (root / path).read_bytes()
            else:
                continue
            algorithm, _, value = str(entry["digest"]).rpartition(":")
            if hashlib.new(algorithm or "sha1", content, usedforsecurity=False).hexdigest() == value:
                found[f"{side}/{path}"] = content
    return found


def _action_status(document: Mapping[str, Any]) -> str:
    failed = document.get("exit_code") or document.get("signal")
    return "FailedActionStatus" if failed else "CompletedActionStatus"


def _metadata(document: Mapping[str, Any], files: Mapping[str, Any]) -> dict[str, Any]:
    parts = sorted(name for name in files if name != "ro-crate-metadata.json")
    program = document.get("executable") or {}
    script = f"code/{document['main_file']}" if f"code/{document.get('main_file')}" in files else "#program"
    action = {
        "@id": f"#{document['record']}", "@type": "CreateAction", "name": document["label"],
        "description": document.get("reason") or f"Run of {document.get('main_file') or program.get('name')}",
        "startTime": document["started"], "endTime": document.get("ended", document["started"]),
        "actionStatus": {"@id": f"http://schema.org/{_action_status(document)}"},
        "instrument": {"@id": script}, "agent": {"@id": "#agent"},
        "object": [{"@id": name} for name in parts if name.startswith(("input/", "parameters/"))],
        "result": [{"@id": name} for name in parts if name.startswith(("output/", "console/"))],
    }  # fmt: skip
    graph: list[dict[str, Any]] = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
         "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
        {"@id": "./", "@type": "Dataset", "name": document["label"], "datePublished": document["started"],
         "description": document.get("reason") or document["label"], "license": "see the code",
         "conformsTo": {"@id": _PROFILE}, "hasPart": [{"@id": name} for name in parts],
         "mentions": {"@id": action["@id"]}},
        {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        action,
        {"@id": "#agent", "@type": "Person", "name": document.get("user") or "unknown"},
        {"@id": "#program", "@type": "SoftwareApplication", "name": program.get("name") or "program",
         "softwareVersion": program.get("version") or ""},
    ]  # fmt: skip
    code = {"@type": ["File", "SoftwareSourceCode"], "version": document.get("version", "")}
    for name in parts:
        about = {"@id": name, "@type": "File", "name": PurePosixPath(name).name}
        graph.append({**about, **code} if name == script else about)
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}


def _write(target: Path, files: Mapping[str, Path | bytes]) -> None:
    temporary = target.with_name(f".{target.name}-{os.urandom(4).hex()}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                info = zipfile.ZipInfo(name, _STAMP)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = ((content.stat().st_mode if isinstance(content, Path) else 0o644) & 0o777) << 16
                archive.writestr(info, content.read_bytes() if isinstance(content, Path) else content)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


_MOST_BYTES, _MOST_RATIO = 2_000_000_000, 200  # of an archive, unpacked; beyond that it is no crate of ours


def unpack(crate: Path, into: Path) -> Mapping[str, Any]:
    """Unpack a crate into a folder; gives the record.

    Raises
    ------
    StoreFormatError
        It is no crate with a record, or a bomb.
    DataError
        A name in it leaves the folder.
    """
    try:
        with zipfile.ZipFile(crate) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > _MOST_BYTES or size > _MOST_RATIO * max(1, crate.stat().st_size):
                raise StoreFormatError(f"{str(crate)!r} would unpack to {size} bytes, which no crate of ours does.")
            for member in members:
                _unpack_member(archive, member, into)
        found = json.loads((into / "record.json").read_text(encoding="utf-8"))
    except (zipfile.BadZipFile, FileNotFoundError, ValueError) as error:
        raise StoreFormatError(f"{str(crate)!r} is no crate with a Sumatra record: {error}.") from error
    if not isinstance(found, dict) or "label" not in found:
        raise StoreFormatError(f"The record in {str(crate)!r} has no label.")
    from cawan.events import restore

    document: Mapping[str, Any] = restore(json.dumps(found))
    return document


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path) -> None:
    from sumatra.local.files import safe_join

    if member.is_dir():
        return
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        raise DataError(f"{member.filename!r} in the crate is a link. A crate of ours holds none.")
    place = safe_join(into, member.filename)
    place.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, place.open("xb") as file:
        while block := source.read(1 << 20):
            file.write(block)
    place.chmod((member.external_attr >> 16) & 0o777 or 0o644)


def adopt(crate: Path, here: Path) -> tuple[Notebook, str, tempfile.TemporaryDirectory[str]]:
    """Bring a crate's record into the notebook here; gives it, the label, and the folder that holds the crate's code.

    The code is that of the crate, whichever version control it came from: the record is kept with every file of it.
    """
    from sumatra.folding import Records
    from sumatra.notebook import open_notebook

    folder = tempfile.TemporaryDirectory(prefix="smt-crate-")
    top = Path(folder.name).resolve()
    document = unpack(crate, top)
    project = open_notebook(here, create=True)
    if not (project.path / FOLDER / "config.toml").exists():
        # Output is looked for where the original looked, so that names can be compared.
        project.save(project.settings.changed(datapath=_data_folder(document)))
    if not Records(project.store, project.name).find(_same_record(document)).rows:
        _keep(project, document, top)
    rows = Records(project.store, project.name).find(_same_record(document)).rows
    return project, str(rows[0]["label"]), folder


def _data_folder(document: Mapping[str, Any]) -> str:
    """The data folder of a record as seen from the top of its code; ``./Data`` where it lay elsewhere."""
    root = str(((document.get("datastore") or {}).get("parameters") or {}).get("root", ""))
    url = str((document.get("repository") or {}).get("url", ""))
    inside = os.path.relpath(root, url) if os.path.isabs(root) and os.path.isabs(url) else "Data"
    return "./Data" if inside.startswith("..") else os.path.join(".", inside)


def _same_record(document: Mapping[str, Any]) -> Any:
    from cawan.queries import Query, Test

    return Query(Test("record", "eq", str(document["record"])), limit=1)


def _keep(project: Notebook, document: Mapping[str, Any], top: Path) -> None:
    """The record as one of this notebook: the same identity, its code kept as changed files over no version."""
    from datetime import datetime

    from cawan.events import Event
    from cawan.records import LabelTakenError

    fields = {name: value for name, value in document.items() if name not in ("record", "label", "clock", "started",
                                                                              "status")}  # fmt: skip
    changed = []
    for place in sorted((top / "code").rglob("*")):
        if place.is_file():
            with place.open("rb") as file:
                digest = project.store.put(project.name, file)
            changed.append({"path": str(place.relative_to(top / "code")), "kind": "untracked", "base": "",
                            "mode": place.stat().st_mode & 0o777, "digest": digest})  # fmt: skip
    for stream in ("stdout", "stderr"):
        if (top / "console" / stream).is_file():
            with (top / "console" / stream).open("rb") as file:
                project.store.put(project.name, file)
    program = dict(fields.get("executable") or {})
    if not Path(str(program.get("path", ""))).is_file():
        from sumatra.interpreters import locate

        program["path"] = str(locate(Path(str(program.get("path", ""))).name, top))
    fields.update(changed_files=changed, version="", executable=program, crated_version=document.get("version", ""))
    clock = project.clock()
    when = datetime.fromisoformat(str(document["started"]))
    body = {**fields, "label": document["label"], "status": str(document.get("status", "finished"))}
    event = Event(str(document["record"]), "created", clock.tick(), when, project.writer, body)
    try:
        project.store.append(project.name, [event], claim=str(document["label"]))
    except LabelTakenError:
        project.store.append(project.name, [event])
