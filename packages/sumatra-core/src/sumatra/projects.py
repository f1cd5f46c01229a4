"""A project as Sumatra 0.8 has it: ``load_project()``, ``new_record``, ``launch``, ``add_record``, …

>>> from sumatra.projects import load_project
>>> project = load_project()                                    # doctest: +SKIP
>>> record = project.new_record(main_file="main.py", reason="a first try")  # doctest: +SKIP
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Sequence
from copy import copy, deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cawan.records import LabelTakenError

from sumatra import __version__
from sumatra.asking import with_parameters
from sumatra.configuration import Settings
from sumatra.core import STATUS_FORMAT, STATUS_PATTERN, TIMESTAMP_FORMAT
from sumatra.datastore import FileSystemDataStore
from sumatra.errors import CodeChangedError, ProjectExistsError
from sumatra.formatting import get_diff_formatter
from sumatra.launch import SerialLaunchMode, get_launch_mode
from sumatra.notebook import FOLDER, Notebook, open_notebook, prepare_folder
from sumatra.programs import Executable, get_executable
from sumatra.records import Record, RecordDifference
from sumatra.recordstore import DefaultRecordStore, get_record_store
from sumatra.versioncontrol import (
    UncommittedModificationsError,
    VersionControlError,
    get_working_copy,
)

__all__ = [
    "LABEL_GENERATORS", "Project", "SimProject", "UncommittedModificationsError", "VersionControlError",
    "load_project", "load_simulation_project",
]  # fmt: skip

logger = logging.getLogger("Sumatra")
LABEL_GENERATORS: dict[str, Any] = {
    "timestamp": lambda format=TIMESTAMP_FORMAT: datetime.now(UTC).strftime(format),
    "uuid": lambda format=TIMESTAMP_FORMAT: str(uuid.uuid4()).split("-")[-1],
}


class Project:
    """The settings of a project, and what is done with its records.

    Parameters
    ----------
    name
        The project's name in its store.
    record_store, data_store
        Objects of 0.8's shape, or "default".
    """

    def __init__(
        self, name: str, default_executable: Any = None, default_repository: Any = None,
        default_main_file: str | None = None, default_launch_mode: Any = None, data_store: Any = "default",
        record_store: Any = "default", on_changed: str = "error", description: str = "", data_label: str | None = None,
        input_datastore: Any = None, label_generator: str = "timestamp", timestamp_format: str = TIMESTAMP_FORMAT,
        allow_command_line_parameters: bool = True, ignore_parameters: bool = False, plugins: Sequence[str] = (),
        *, path: str | os.PathLike[str] | None = None,
    ) -> None:  # fmt: skip
        self.path = os.fspath(path) if path is not None else os.getcwd()
        if path is None and (Path(self.path) / FOLDER / "config.toml").exists():
            raise ProjectExistsError(Path(self.path))
        self.name, self.description = name, description
        self.default_executable, self.default_repository = default_executable, default_repository
        self.default_main_file = default_main_file
        self.default_launch_mode = default_launch_mode or SerialLaunchMode(working_directory=self.path)
        self.data_store = FileSystemDataStore(None) if data_store == "default" else data_store
        self.input_datastore = input_datastore or self.data_store
        self.record_store = DefaultRecordStore(Path(self.path) / FOLDER) if record_store == "default" else record_store
        self.on_changed, self.data_label = on_changed, data_label
        self.label_generator, self.timestamp_format = label_generator, timestamp_format
        self.allow_command_line_parameters, self.ignore_parameters = allow_command_line_parameters, ignore_parameters
        self.plugins: list[str] = []
        self.sumatra_version = __version__
        self._most_recent: str | None = None
        self.load_plugins(*plugins)
        if path is None:
            self.save()

    @property
    def data_label(self) -> str | None:
        """Where the label is given to the program: "cmdline", "parameters" or None."""
        return self._data_label

    @data_label.setter
    def data_label(self, value: str | None) -> None:
        if value not in (None, "cmdline", "parameters"):
            raise ValueError(f"data_label is None, 'cmdline' or 'parameters', not {value!r}.")
        self._data_label = value

    def load_plugins(self, *plugins: str) -> None:
        """Import modules that register components; one that is missing is a warning."""
        from sumatra.components import load_components

        self.plugins = list(dict.fromkeys([*self.plugins, *plugins]))
        load_components(self.plugins, Path(self.path))

    def remove_plugins(self, *plugins: str) -> None:
        """Forget modules."""
        self.plugins = [name for name in self.plugins if name not in plugins]

    def _settings(self) -> Settings:
        program = self.default_executable
        root = str(getattr(self.data_store, "root", "./Data"))
        inside = os.path.relpath(root, self.path)
        executable = " ".join(filter(None, [getattr(program, "path", ""), getattr(program, "options", "")]))
        base = Settings(name=self.name)
        known = Path(self.path) / FOLDER / "config.toml"
        if known.is_file():
            base = open_notebook(self.path).settings
        uri = str(getattr(self.record_store, "uri", ""))
        return base.changed(
            name=self.name, executable=executable if program is not None else base.executable,
            main=self.default_main_file or "", datapath=root if inside.startswith("..") else os.path.join(".", inside),
            input=str(getattr(self.input_datastore, "root", "/")), on_changed=self.on_changed,
            store="" if uri in ("", str(Path(self.path) / FOLDER)) else uri, labelgenerator=self.label_generator,
            timestamp_format=self.timestamp_format,
            launch_mode=str(getattr(self.default_launch_mode, "name", "serial")),
            launch_mode_options=str(getattr(self.default_launch_mode, "options", "") or ""),
            addlabel=self.data_label or "", plain=not self.allow_command_line_parameters,
            ignore_parameters=self.ignore_parameters, description=self.description, plugins=tuple(self.plugins),
        )  # fmt: skip

    def save(self) -> None:
        """Write the settings."""
        from sumatra.configuration import save

        save(self._settings(), prepare_folder(Path(self.path)) / "config.toml")

    @property
    def notebook(self) -> Notebook:
        """The same project for the commands of ``smt``."""
        return Notebook(Path(self.path), self._settings())

    def info(self) -> str:
        """The fourteen lines of ``smt info``."""
        from sumatra.report import format_info

        return format_info(self.notebook)

    def new_record(
        self, parameters: Any = None, input_data: Sequence[Any] = (), script_args: str = "",
        executable: Any = "default", repository: Any = "default", main_file: str | None = "default",
        version: str = "current", launch_mode: Any = "default", diff: str = "", label: str | None = None,
        reason: str | None = None, timestamp_format: str = "default",
    ) -> Record:  # fmt: skip
        """A record that begins now; it is in the store only after :meth:`add_record`.

        Raises
        ------
        UncommittedModificationsError
            Code has changed and the project's policy is "error".
        """
        logger.debug("Creating new record")
        main = self.default_main_file if main_file == "default" else self._main(main_file)
        program = self._program(executable, main)
        repository = deepcopy(self.default_repository) if repository == "default" else repository
        copy_ = self._working_copy(repository)
        repository = repository if repository is not None else getattr(copy_, "repository", None)
        found, diff = self.update_code(copy_, version, diff) if copy_ is not None else ("", diff)
        form = self.timestamp_format if timestamp_format == "default" else timestamp_format
        mode = deepcopy(self.default_launch_mode) if launch_mode == "default" else launch_mode
        record = Record(
            program, repository, main, found, mode, self.data_store.copy(), {} if parameters is None else parameters,
            input_data, script_args, label or self._free_label(form), reason, diff,
            on_changed=self.on_changed, input_datastore=self.input_datastore, timestamp_format=form,
        )  # fmt: skip
        record.add_tag(STATUS_FORMAT % "initialized")
        record.label_is_made = not label
        if self.data_label and hasattr(record.datastore, "root"):
            record.datastore.root = os.path.join(record.datastore.root, record.label)
        if copy_ is not None:
            from sumatra.users import get_user

            record.user = get_user(copy_)
        return record

    def _free_label(self, form: str) -> str:
        """A made label that no record has yet, as programs name their files by it before they add the record."""
        from sumatra.labels import with_suffix

        made: str = LABEL_GENERATORS[self.label_generator](form)
        try:
            self.record_store.get(self.name, made)
        except LookupError:
            return made
        return with_suffix(made)

    def _main(self, main_file: str | None) -> str | None:
        """A script's path in the project, also where ``__file__`` was given."""
        if main_file and os.path.isabs(main_file) and Path(main_file).is_relative_to(self.path):
            return os.path.relpath(main_file, self.path)
        return main_file

    def _program(self, executable: Any, main: str | None) -> Any:
        if executable != "default":
            return executable
        if self.default_executable is not None:
            return deepcopy(self.default_executable)
        return get_executable(script_file=main.split()[0]) if main else None

    def _working_copy(self, repository: Any) -> Any:
        try:
            return repository.get_working_copy() if repository is not None else get_working_copy(self.path)
        except VersionControlError:
            if repository is not None:
                raise
            return None

    def update_code(self, working_copy: Any, version: str = "current", diff: str = "") -> tuple[str, str]:
        """Bring the code to a version, and say which it is and how it was changed.

        Raises
        ------
        UncommittedModificationsError
            Code has changed and the policy is "error".
        """
        if version == "latest":
            working_copy.use_latest_version()
        elif version != "current":
            working_copy.use_version(version)
        if not diff and working_copy.has_changed():
            if self.on_changed == "error":
                raise UncommittedModificationsError("Code has changed, please commit your changes")
            diff = working_copy.diff()
        return working_copy.current_version(), diff

    def launch(
        self, parameters: Any = None, input_data: Sequence[Any] = (), script_args: str = "",
        executable: Any = "default", repository: Any = "default", main_file: str | None = "default",
        version: str = "current", launch_mode: Any = "default", diff: str = "", label: str | None = None,
        reason: str | None = None, timestamp_format: str = "default", repeats: str | None = None,
    ) -> str:  # fmt: skip
        """Run a computation as ``smt run`` does, and record it; gives the label.

        Raises
        ------
        UncommittedModificationsError
            Code has changed and the project's policy is "error".
        """
        from sumatra.launching import launch

        main = self.default_main_file if main_file == "default" else self._main(main_file)
        program = self._program(executable, main)
        try:
            self._most_recent = launch(
                self, parameters, [getattr(item, "path", str(item)) for item in input_data], script_args, program,
                main, label, reason, repeats,
            )  # fmt: skip
        except CodeChangedError as error:
            raise UncommittedModificationsError(str(error)) from error
        return str(self._most_recent)

    def add_record(self, record: Record) -> None:
        """Keep a record; it is finished, unless it has another status."""
        states = {tag for tag in record.tags if STATUS_PATTERN.match(tag)}
        if not states or states <= {STATUS_FORMAT % "initialized", STATUS_FORMAT % "running"}:
            record.add_tag(STATUS_FORMAT % "finished")
        from sumatra.labels import check_label, with_suffix

        plain = check_label(record.label)
        for attempt in range(20):
            try:
                self.record_store.save(self.name, record)
                break
            except LabelTakenError:
                # Two that were made from the time in the same second are two all the same.
                if attempt == 19 or not record.label_is_made:
                    raise
                record.label = with_suffix(plain, attempt)
        self._most_recent = record.label

    def save_record(self, record: Record) -> None:
        """Keep what was changed in a record."""
        self.record_store.save(self.name, record)

    def get_record(self, label: str) -> Record:
        """The record of a label; ``last`` is the latest."""
        record: Record = self.record_store.get(self.name, self.most_recent().label if label == "last" else label)
        return record

    def delete_record(self, label: str, delete_data: bool = False) -> None:
        """Delete a record, and its output files where that is asked for."""
        if delete_data:
            self.get_record(label).delete_data()
        self.record_store.delete(self.name, label)
        if self._most_recent == label:
            self._most_recent = None

    def delete_by_tag(self, tag: str, delete_data: bool = False) -> int:
        """Delete the records of a tag; gives how many."""
        for label in self.get_labels(tags=[tag]) if delete_data else ():
            self.get_record(label).delete_data()
        number: int = self.record_store.delete_by_tag(self.name, tag)
        return number

    def get_labels(self, tags: Any = None, reverse: bool = False, *args: Any, **kwargs: Any) -> list[str]:
        """Labels of records that have all these tags, the latest first."""
        labels = list(self.record_store.labels(self.name, tags, *args, **kwargs))
        return labels[::-1] if reverse else labels

    def find_records(
        self, tags: Any = None, reverse: bool = False, parameters: Any = None, *args: Any, **kwargs: Any
    ) -> list[Record]:
        """Records that have all these tags and parameters (``tau_m=10.0,n=4``), the latest first."""
        if parameters:
            with_parameters(parameters)  # says at once what cannot be read
            kwargs["parameters"] = parameters
        records = list(self.record_store.list(self.name, tags, *args, **kwargs))
        return records[::-1] if reverse else records

    def find_input_data(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The input files of all records that are asked for, each once."""
        return _once(key for record in self.find_records(*args, **kwargs) for key in record.input_data)

    def find_output_data(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The output files of all records that are asked for, each once."""
        return _once(key for record in self.find_records(*args, **kwargs) for key in record.output_data)

    def find_data(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Input and output files of all records that are asked for, each once."""
        return _once([*self.find_output_data(*args, **kwargs), *self.find_input_data(*args, **kwargs)])

    def format_records(
        self, format: str = "text", mode: str = "short", tags: Any = None, reverse: bool = False, *args: Any,
        **kwargs: Any,
    ) -> str:  # fmt: skip
        """Records as text, in a format and a mode of ``sumatra.formatting``."""
        from sumatra.formatting import get_formatter

        if format == "text" and mode == "short":
            return "\n".join(self.get_labels(tags, reverse, *args, **kwargs))
        records = self.find_records(tags, reverse, None, *args, **kwargs)
        return get_formatter(format)(records, project=self, tags=tags).format(mode)

    def most_recent(self) -> Record:
        """The record made last."""
        record: Record = self.record_store.get(self.name, self.record_store.most_recent(self.name))
        return record

    def add_comment(self, label: str, comment: str, replace: bool = False) -> None:
        """Say what came out of a run, after what was said before or in its place."""
        record = self.get_record(label)
        record.outcome = comment if replace or not record.outcome else f"{record.outcome}\n{comment}"
        self.save_record(record)

    def add_tag(self, label: str, tag: str) -> None:
        """Tag a record."""
        record = self.get_record(label)
        record.add_tag(tag)
        self.save_record(record)

    def remove_tag(self, label: str, tag: str) -> None:
        """Remove a tag; :class:`KeyError` where the record does not have it."""
        record = self.get_record(label)
        record.tags.remove(tag)
        self.save_record(record)

    def compare(
        self, label1: str, label2: str, ignore_mimetypes: Sequence[str] = (), ignore_filenames: Sequence[str] = ()
    ) -> RecordDifference:
        """What differs between two records."""
        return self.get_record(label1).difference(self.get_record(label2), ignore_mimetypes, ignore_filenames)

    def show_diff(
        self, label1: str, label2: str, mode: str = "short", ignore_mimetypes: Sequence[str] = (),
        ignore_filenames: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """What differs between two records, as text."""
        difference = self.compare(label1, label2, ignore_mimetypes, ignore_filenames)
        return str(get_diff_formatter()(difference).format(mode))

    def export(self) -> None:
        """Write ``.smt/records_export.json`` and ``.smt/project_export.json``."""
        from sumatra.exporting import project_document

        folder = prepare_folder(Path(self.path))
        (folder / "records_export.json").write_text(self.record_store.export(self.name), encoding="utf-8")
        (folder / "project_export.json").write_text(project_document(self.notebook), encoding="utf-8")

    def repeat(self, original_label: str, new_label: str | None = None) -> tuple[str, str]:
        """Run a record again as ``smt repeat`` does; gives the labels of the new record and of the original."""
        from sumatra.repeating import repeat

        original = self.most_recent().label if original_label == "last" else original_label
        repeated = repeat(self.notebook, original, new_label or "", announce=lambda label: None)
        return repeated.label, original

    def backup(self, remove_original: bool = False) -> str:
        """Copy ``.smt`` beside itself; gives the name of the copy."""
        import shutil

        name = f"{self.path}/{FOLDER}_backup_{datetime.now(UTC).strftime(TIMESTAMP_FORMAT)}"
        shutil.copytree(Path(self.path) / FOLDER, name, symlinks=True)
        if remove_original:
            shutil.rmtree(Path(self.path) / FOLDER)
        return name

    def change_record_store(self, new_store: Any) -> None:
        """Keep the records elsewhere from now on; those that there are are copied."""
        if hasattr(self.record_store, "sync"):
            self.record_store.sync(new_store, self.name)
        self.record_store = new_store
        self.save()


def _once(keys: Any) -> list[Any]:
    return list({(key.path, key.digest): key for key in keys}.values())


SimProject = Project
"""The name of 2010."""


def _get_project_file(path: str) -> str:
    """Where the settings of the project in a folder are."""
    return os.path.join(path, FOLDER, "config.toml")


def load_project(path: str | os.PathLike[str] | None = None) -> Project:
    """The project of a folder, or of the nearest folder above it.

    Raises
    ------
    ProjectNotFoundError
        There is none; also an :class:`OSError`.
    """
    notebook = open_notebook(Path(path) if path is not None else None)
    settings = notebook.settings
    try:
        repository = get_working_copy(notebook.path).repository
    except VersionControlError:
        repository = None
    words = settings.executable.split(" ", 1) if settings.executable else []
    program = _default_program(words)
    mode = _default_mode(settings, str(notebook.path))
    data_store = _data_store(notebook)
    inputs: Any = FileSystemDataStore.__new__(FileSystemDataStore)
    inputs._root = os.path.abspath(settings.input)
    project = Project(
        settings.name, program, repository, settings.main or None, mode, data_store,
        get_record_store(notebook.store_uri), settings.on_changed, settings.description, settings.addlabel or None,
        inputs, settings.labelgenerator, settings.timestamp_format, not settings.plain, settings.ignore_parameters,
        settings.plugins, path=notebook.path,
    )  # fmt: skip
    return project


def _default_program(words: list[str]) -> Executable | None:
    if not words:
        return None
    program = copy(get_executable(words[0]))
    program.options = words[1] if len(words) > 1 else ""
    return program


def _default_mode(settings: Settings, path: str) -> Any:
    try:
        kind: Any = get_launch_mode(settings.launch_mode)
    except ValueError:
        kind = SerialLaunchMode
    return kind(working_directory=path, options=settings.launch_mode_options or None)


def _data_store(notebook: Notebook) -> Any:
    from sumatra.datastore import ArchivingFileSystemDataStore, MirroredFileSystemDataStore

    settings, root = notebook.settings, str(notebook.data_root)
    if settings.archive:
        return ArchivingFileSystemDataStore(root, str(notebook.path / settings.archive))
    if settings.mirror:
        return MirroredFileSystemDataStore(root, settings.mirror)
    return FileSystemDataStore(root)


load_simulation_project = load_project
"""The name of 2010."""
