"""From a request to a run: the record begins, the run's folder is filled, the supervisor starts."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import digest_of
from cawan.events import JSON
from cawan.launch import Command, LaunchMode
from cawan.plugins import Plugins
from cawan.records import LabelTakenError

from sumatra import __version__
from sumatra.labels import check_label, generate_label
from sumatra.notebook import Notebook, prepare_folder
from sumatra.parameters.building import format_of, overridden
from sumatra.processes import identity
from sumatra.redacting import redact_body
from sumatra.running.code import Code, kept, look, refuse_changes, with_imported
from sumatra.running.environment import salt, surroundings, variables
from sumatra.running.job import Job
from sumatra.running.loaded import keep_copies, stamps
from sumatra.running.outputs import key_document, key_of
from sumatra.running.request import Meaning, Request, check_words, understand

LAUNCH_MODES: Plugins[LaunchMode] = Plugins("sumatra.launch_modes")
# What writers of PDF, PostScript, SVG, archives, … take for the date (reproducible-builds.org), so that a repeat can
# write the same bytes.
_EPOCH = "SOURCE_DATE_EPOCH"
OBSERVER = Path(__file__).parent.parent / "_observe"


def launch_mode(project: Notebook) -> LaunchMode:
    """The project's launch mode."""
    return LAUNCH_MODES.load(project.settings.launch_mode)()


def begin(project: Notebook, request: Request, cwd: Path) -> tuple[Path, Job]:
    """Record that a run begins; gives its folder and its job, ready for the supervisor.

    When it returns the record is on the disk, under a label that is this run's alone.
    """
    check_words(request)
    if request.label:
        check_label(request.label)
    meaning = understand(request, project.settings, project.path, cwd)
    top = project.working_copy.path.resolve()
    main = _in_tree(cwd / meaning.main, top) if meaning.main else ""
    parameters = _parameter_path(meaning, cwd, top)
    wanted = [PurePosixPath(path) for path in (main, parameters) if path]
    code = look(project, wanted)
    code = with_imported(code, top, main, meaning.program.name, project.settings.on_changed)
    refuse_changes(project, code, parameters)
    seen = stamps(top, [str(path) for path in code.changed] + [main] * bool(main))  # before their bytes are read
    body = _body(project, request, meaning, code, cwd, top)
    digests = {entry["path"]: entry.get("true") or entry.get("digest", "") for entry in body["changed_files"]}
    digests[main] = body["main_digest"]
    files = {path: {"stamp": list(found), "digest": digests[path]} for path, found in seen.items()}
    body["source_date_epoch"] = _epoch()
    job = _job(project, request, meaning, code, cwd, top, body["source_date_epoch"])
    job = replace(job, version=code.version, script=main, files=files)
    return _record(project, request, meaning, job, body, cwd)


def begin_prepared(
    project: Notebook, request: Request, meaning: Meaning, code: Code, tree: Path, original: Mapping[str, Any],
    inputs: Sequence[Path],
) -> tuple[Path, Job]:
    """The same for code that was laid out in a folder: a repeat, whose output is moved out of it afterwards."""
    if request.label:
        check_label(request.label)
    cwd = tree / original.get("working_directory", ".")
    meaning = replace(meaning, inputs=tuple(inputs))
    body = _body(project, request, meaning, code, cwd, tree)
    body["changed_files"] = original.get("changed_files", [])
    body["source_date_epoch"] = os.environ.get(_EPOCH) or original.get("source_date_epoch") or _epoch()
    job = _job(project, request, meaning, code, cwd, tree, body["source_date_epoch"])
    data = tree / project.data_root.resolve().relative_to(project.working_copy.path.resolve()) \
        if project.data_root.resolve().is_relative_to(project.working_copy.path.resolve()) else tree / "Data"
    data.mkdir(parents=True, exist_ok=True)
    job = replace(job, backend=request.backend, data_root=str(data), move_to=str(project.data_root),
                  user_root=str(project.working_copy.path.resolve()))  # fmt: skip
    return _record(project, request, meaning, job, body, cwd)


def _record(
    project: Notebook, request: Request, meaning: Meaning, job: Job, body: dict[str, JSON], cwd: Path
) -> tuple[Path, Job]:
    """Write the run's folder and the first event, under a label that nobody has."""
    clock = project.clock()
    record = project.new_identity(clock)
    folder = prepare_folder(project.path) / "runs" / record
    top = Path(job.code_root)
    job = replace(job, record=record, untracked=keep_copies(top, job.untracked, folder))
    for attempt in range(20):
        label = request.label or generate_label(
            project.settings.labelgenerator, project.settings.timestamp_format, attempt
        )
        job, text = _labelled(project, job, meaning, label, folder, request)
        body.update(label=label, output_folder=job.move_to or job.output)
        body["parameters"], body["parameter_file"] = _parameters(meaning, cwd, top, text)
        _redact(body)
        job.save(folder)
        event = project.event(record, "created", body, clock)
        try:
            project.store.append(project.name, [event], claim=label)
        except LabelTakenError:
            if request.label or attempt == 19:
                _clear(folder)
                raise
            continue
        break
    return folder, job


def _redact(body: dict[str, JSON]) -> None:
    """Take secrets out of what is about to be written, and say so in one line."""
    places = redact_body(body)
    if places:
        body["redacted"] = places
        known = [line for line in body["warnings"] if not line.startswith("Secrets were")]
        body["warnings"] = [*known, f"Secrets were left out of the record: {'; '.join(places)}."]


def _clear(folder: Path) -> None:
    shutil.rmtree(folder)


def _in_tree(path: Path, top: Path) -> str:
    """A path below the top of the working copy, or the absolute path of what lies outside."""
    place = path.parent.resolve() / path.name
    return str(place.relative_to(top)) if place.is_relative_to(top) else str(place)


def _parameter_path(meaning: Meaning, cwd: Path, top: Path) -> str:
    return _in_tree(cwd / meaning.parameter_file, top) if meaning.parameter_file else ""


def _body(
    project: Notebook, request: Request, meaning: Meaning, code: Code, cwd: Path, top: Path
) -> dict[str, JSON]:
    """What is known before the run."""
    program = meaning.program
    main = cwd / meaning.main if meaning.main else program.path

    def keep(file: Any) -> str:
        return project.store.put(project.name, file)

    changed = [kept(project.working_copy, path, change, keep) for path, change in sorted(code.changed.items())]
    with main.open("rb") as file:
        main_digest = digest_of(file)
    body: dict[str, JSON] = {
        "reason": request.reason, "tags": list(request.tags), "user": code.user or project.writer,
        "executable": {"path": str(program.path), "name": program.name, "version": program.version,
                       "options": list(program.options)},
        "repository": dict(code.repository), "version": code.version,
        "main_file": _in_tree(main, top) if meaning.main else "", "main_digest": main_digest,
        "script_arguments": list(meaning.arguments), "working_directory": _in_tree(cwd / ".", top),
        "input_data": [entry for path in meaning.inputs if (entry := _input(path, top))], "changed_files": changed,
        "launch_mode": {"type": project.settings.launch_mode, "parameters": launch_mode(project).settings},
        "datastore": {"type": "local", "parameters": {"root": str(project.data_root)}},
        "environment": variables(_environment(), salt(prepare_folder(project.path))),
        "facts": _surroundings(), "process": identity(), "warnings": list(meaning.warnings),
        "sumatra_version": __version__,
        "stdin": _in_tree(cwd / request.stdin, top) if request.stdin else "", "stdout_file": request.stdout,
    }  # fmt: skip
    if request.repeats:
        body["repeats"] = request.repeats
    return body


def _surroundings() -> dict[str, JSON]:
    found = surroundings(os.environ)
    return {"surroundings": found} if found else {}


def _input(path: Path, top: Path) -> dict[str, JSON] | None:
    key = key_of(path.parent, PurePosixPath(path.name), "declared")
    return {**key_document(key), "path": _in_tree(path, top)} if key else None


def _epoch() -> str:
    """The seconds that programs write into files as their date: the user's own choice, else now."""
    return os.environ.get(_EPOCH) or str(int(time.time()))


def _job(
    project: Notebook, request: Request, meaning: Meaning, code: Code, cwd: Path, top: Path, epoch: str
) -> Job:
    path = _environment().get("PYTHONPATH", "")
    return Job(
        project=project.name, project_path=str(project.path), store=project.store_uri, record="", label="",
        argv=(), cwd=str(cwd), data_root=str(project.data_root), output="", code_root=str(top), user_root=str(top),
        main_file=meaning.main, launch_mode=project.settings.launch_mode, process=identity(),
        environment={"PYTHONPATH": os.pathsep.join([str(OBSERVER), *([path] if path else [])]), _EPOCH: epoch},
        stdin=str(meaning.inputs[-1]) if request.stdin else "",
        stdout=str((cwd / request.stdout).absolute()) if request.stdout else "",
        declared=(str((cwd / request.stdout).absolute()),) if request.stdout else (),
        untracked={str(path): {"mode": change.mode, "base": change.base}
                   for path, change in code.untracked.items() if change.link is None},
    )  # fmt: skip


def _environment() -> dict[str, str]:
    """The user's own environment, also where this run is part of another recorded run."""
    own = dict(os.environ)
    path = own.pop("PYTHONPATH", "")
    # An empty entry means the current directory, so it stays.
    entries = [entry for entry in path.split(os.pathsep) if entry != str(OBSERVER)] if path else []
    return {**own, "PYTHONPATH": os.pathsep.join(entries)} if entries else own


def _labelled(
    project: Notebook, job: Job, meaning: Meaning, label: str, folder: Path, request: Request
) -> tuple[Job, str]:
    """The job under a label, and the text of the parameter file that the run gets, "" where it gets the user's own."""
    own = project.output_folder(label).absolute()
    output, moved = str(own), ""
    if job.move_to:
        # The same place in the exported tree; afterwards what is in it moves to the user's.
        inside = own.is_relative_to(job.user_root)
        tree = Path(job.code_root)
        output, moved = str(tree / own.relative_to(job.user_root) if inside else tree / "Data" / label), str(own)
    overrides, new = dict(meaning.overrides), request.new_parameters
    added = {"sumatra_label": label} if project.settings.addlabel == "parameters" else {}
    text, path = "", meaning.parameter_file
    if meaning.parameters is not None and (overrides or added or meaning.rewritten):
        text = overridden(meaning.parameters, meaning.text, overrides, new=new, added=added)
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / Path(meaning.parameter_file).name
        place.write_text(text, encoding="utf-8")
        path = str(place)
    argv = meaning.argv(path, output) + ((label,) if project.settings.addlabel == "cmdline" else ())
    command = Command(argv, Path(job.cwd), job.environment)
    mode = launch_mode(project)
    mode.check(command)
    return replace(job, label=label, output=output, move_to=moved, argv=mode.generate_command(command).argv), text


def _parameters(
    meaning: Meaning, cwd: Path, top: Path, text: str
) -> tuple[Mapping[str, JSON], dict[str, JSON]]:
    """The values that the run gets, and where they are from."""
    if meaning.parameters is None:
        return {}, {}
    given = type(meaning.parameters).parse(text or meaning.text, meaning.parameter_file)
    about = {
        "path": _in_tree(cwd / meaning.parameter_file, top), "text": text or meaning.text,
        "format": format_of(cwd / meaning.parameter_file) or "param", "overrides": dict(meaning.overrides),
        "rewritten": bool(text),
    }  # fmt: skip
    return _json(given.as_dict()), about


def _json(value: Any) -> Any:
    """Parameter values as a record holds them: what JSON has no word for becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
