"""A record as Sumatra 0.8 has it: filled by assignment, compared, shown.

What a store keeps are events; ``sumatra.recordstore`` turns one into the other.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sumatra.core import STATUS_FORMAT, STATUS_PATTERN, TIMESTAMP_FORMAT
from sumatra.datastore.base import DataKey
from sumatra.versioncontrol.base import UncommittedModificationsError, VersionControlError

__all__ = [
    "STATUS_FORMAT", "STATUS_PATTERN", "TIMESTAMP_FORMAT", "MissingInformationError", "Record", "RecordDifference",
    "SimRecord", "check_file_under_version_control",
]  # fmt: skip


class MissingInformationError(Exception):
    """Something that a run needs was not said."""


def check_file_under_version_control(file_path: str | os.PathLike[str], working_copy: Any) -> None:
    """Raise :class:`VersionControlError` where a file, named from the current directory, is in no version."""
    place, top = Path(file_path).resolve(), Path(working_copy.path).resolve()
    if not (place.is_relative_to(top) and working_copy.contains(place.relative_to(top).as_posix())):
        raise VersionControlError(f"File {file_path} is not under version control")


class _Late:
    """An attribute that may be given as a function: it is called when somebody looks, and then kept."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_{name}"

    def __get__(self, record: Any, owner: type) -> Any:
        if record is None:
            return self
        value = vars(record)[self.name]
        if callable(value):
            value = vars(record)[self.name] = value()
        return value

    def __set__(self, record: Any, value: Any) -> None:
        vars(record)[self.name] = value


class Record:
    """One computation: what ran, on what, when, and what came out.

    Parameters
    ----------
    parameters
        A parameter set, or a mapping.
    script_arguments
        Text, with ``<parameters>`` where the parameter file's name belongs.
    timestamp
        With zone, or UTC; now by default.
    """

    stdout_stderr = _Late()
    diff = _Late()

    def __init__(
        self, executable: Any = None, repository: Any = None, main_file: str | None = None, version: str = "",
        launch_mode: Any = None, datastore: Any = None, parameters: Any = None, input_data: Sequence[Any] = (),
        script_arguments: str = "", label: str | None = None, reason: str | None = "", diff: str = "", user: str = "",
        on_changed: str = "error", input_datastore: Any = None, stdout_stderr: str = "Not launched.",
        timestamp: datetime | None = None, timestamp_format: str = TIMESTAMP_FORMAT,
    ) -> None:  # fmt: skip
        self.executable, self.repository, self.main_file, self.version = executable, repository, main_file, version
        self.launch_mode, self.datastore, self.input_datastore = launch_mode, datastore, input_datastore or datastore
        self.parameters = parameters if parameters is not None else {}
        self.input_data = list(input_data)
        self.script_arguments, self.reason, self.diff, self.user = script_arguments, reason or "", diff, user
        self.on_changed, self.stdout_stderr, self.timestamp_format = on_changed, stdout_stderr, timestamp_format
        when = timestamp or datetime.now(UTC)
        self.timestamp = when if when.tzinfo else when.replace(tzinfo=UTC)
        self.label: str = label or self.timestamp.astimezone(UTC).strftime(timestamp_format)
        self.label_is_made = not label
        self.outcome = ""
        self.duration: float | None = None
        self.output_data: list[Any] = []
        self.tags: Any = set()
        self.dependencies: list[Any] = []
        self.platforms: list[Any] = []
        self.repeats: str | None = None
        self.identity = ""  # of the record in a store, once it is there
        self.loaded_tags: set[str] = set()  # as the store had them, to see what was changed
        self.more: Sequence[tuple[str, str]] = ()  # further lines for people
        self.document: Any = {}  # what else the store holds of it
        self.changed_content: Any = tuple  # gives path, kind, mode and bytes of changed files

    def __repr__(self) -> str:
        return f"Record #{self.label}"

    def __str__(self) -> str:
        return self.label

    def __ne__(self, other: object) -> bool:
        return bool(self.difference(other)) if isinstance(other, Record) else True

    def __eq__(self, other: object) -> bool:
        return not self != other

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def data_key(self) -> Any:
        """The name that ``output_data`` had in 2010."""
        return self.output_data

    @data_key.setter
    def data_key(self, value: Any) -> None:
        self.output_data = value

    def add_tag(self, tag: str) -> None:
        """Add a tag; a status such as ``_finished_`` takes the place of the one before."""
        tags = set(self.tags)
        if STATUS_PATTERN.match(tag):
            tags = {known for known in tags if not STATUS_PATTERN.match(known)}
        self.tags = tags | {tag}

    def register(self, working_copy: Any) -> None:
        """Note dependencies, machine, user and changed code, and refuse what may not run.

        Raises
        ------
        VersionControlError
            A script is in no version.
        UncommittedModificationsError
            Code has changed, and ``on_changed`` is "error".
        """
        from sumatra.dependency_finder import find_dependencies
        from sumatra.users import get_user

        for script in (self.main_file or "").split():
            check_file_under_version_control(script, working_copy)
        self.executable_path = getattr(self.executable, "path", "")
        self.dependencies = find_dependencies(self.main_file, self.executable) if self.main_file else []
        if self.launch_mode is not None:
            self.platforms = self.launch_mode.get_platform_information()
        self.user = get_user(working_copy)
        if working_copy.has_changed():
            if self.on_changed != "store-diff":
                raise UncommittedModificationsError("Code has changed, please commit your changes")
            self.diff = working_copy.diff()

    def run(self, with_label: Any = False, project: Any = None) -> None:
        """Start the program and wait; then duration, text, new files and status are known.

        Parameters
        ----------
        with_label
            ``cmdline`` (or True) gives the label to the program, ``parameters`` puts it into its parameters.
        project
            Is told when the status changes.
        """
        import time

        arguments, written = self._arguments(with_label)
        self._state("running", project)
        start = time.monotonic()
        try:
            code = self.launch_mode.run(self.executable, self.main_file, arguments,
                                        self.label if with_label in (True, "cmdline") else None)  # fmt: skip
        finally:
            if written:
                Path(written).unlink(missing_ok=True)
        self.duration = time.monotonic() - start
        self.stdout_stderr = getattr(self.launch_mode, "stdout_stderr", "") or "No output."
        self.output_data = self.datastore.find_new_data(self.timestamp)
        self._state("finished" if not code else "killed" if code == -signal.SIGINT else "failed", project)

    def _arguments(self, with_label: Any) -> tuple[str, str]:
        """The arguments with the parameter file in its place, and that file's name, "" where none was written."""
        if not self.parameters or "<parameters>" not in self.script_arguments:
            return self.script_arguments, ""
        if with_label == "parameters":
            self.parameters.update({"sumatra_label": self.label})
        written = str(self.executable.write_parameters(self.parameters, self.label.replace("/", "_")))
        return self.script_arguments.replace("<parameters>", written), written

    def _state(self, status: str, project: Any) -> None:
        self.add_tag(STATUS_FORMAT % status)
        if project is not None:
            project.save_record(self)

    @property
    def command_line(self) -> str:
        """Program, options, script and arguments, as one line."""
        program = [getattr(self.executable, name, "") or "" for name in ("path", "options")]
        return " ".join([*program, self.main_file or "", self.script_arguments or ""]).strip()

    @property
    def script_content(self) -> str:
        """The script's text in this version; "" where the repository does not have it."""
        from sumatra.versioncontrol import get_working_copy

        try:
            copy: Any = get_working_copy(getattr(self.repository, "url", None))
            return str(copy.content(self.version, self.main_file))
        except (VersionControlError, LookupError, OSError):
            return ""

    def describe(self, format: str = "text", mode: str = "long") -> str:
        """The record as text in a format of ``sumatra.formatting``."""
        from sumatra.formatting import get_formatter

        formatter: Any = get_formatter(format)
        return str(formatter([self]).format(mode))

    def difference(
        self, other_record: Record, ignore_mimetypes: Sequence[str] = (), ignore_filenames: Sequence[str] = ()
    ) -> RecordDifference:
        """What differs between this record and another."""
        return RecordDifference(self, other_record, ignore_mimetypes, ignore_filenames)

    def delete_data(self) -> None:
        """Delete the output files whose content still is what was recorded."""
        self.datastore.delete(*self.output_data)


SimRecord = Record
"""The name of 2010."""


class RecordDifference:
    """Two records side by side; each question is an attribute.

    Parameters
    ----------
    ignore_mimetypes, ignore_filenames
        Regular expressions of output that does not count.
    """

    ignore_mimetypes: Sequence[str] = ()
    ignore_filenames: Sequence[str] = ()

    def __init__(
        self, recordA: Record, recordB: Record,
        ignore_mimetypes: Sequence[str] = (), ignore_filenames: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.recordA, self.recordB = recordA, recordB
        self.ignore_mimetypes = [*type(self).ignore_mimetypes, *ignore_mimetypes]
        self.ignore_filenames = [*type(self).ignore_filenames, *ignore_filenames]
        a, b = recordA, recordB
        self.executable_differs = a.executable != b.executable
        self.repository_differs = a.repository != b.repository
        self.main_file_differs = a.main_file != b.main_file
        self.version_differs = a.version != b.version
        self.diff_differs = a.diff != b.diff
        self.launch_mode_differs = a.launch_mode != b.launch_mode
        self.parameters_differ = a.parameters != b.parameters
        self.script_arguments_differ = a.script_arguments != b.script_arguments

    def __bool__(self) -> bool:
        return (  # another launch mode or machine does not in itself make it another experiment
            self.executable_differs or self.code_differs or self.parameters_differ or self.script_arguments_differ
            or self.input_data_differ or self.output_data_differ
        )  # fmt: skip

    def __repr__(self) -> str:
        flags = (
            ("X", self.executable_differs), ("C", self.code_differs), ("P", self.parameters_differ),
            ("D", self.output_data_differ), ("I", self.input_data_differ), ("S", self.script_arguments_differ),
        )  # fmt: skip
        letters = "".join(letter for letter, differs in flags if differs)
        return f"RecordDifference({self.recordA.label}, {self.recordB.label}):{letters}"

    @property
    def code_differs(self) -> bool:
        """Another repository, script, version, change or dependency."""
        return (
            self.repository_differs or self.main_file_differs or self.version_differs or self.diff_differs
            or self.dependencies_differ
        )  # fmt: skip

    @property
    def dependencies_differ(self) -> bool:
        """Another set of dependencies, or other versions."""
        return bool(self.dependency_differences)

    @property
    def dependency_differences(self) -> dict[str, tuple[Any, Any]]:
        """By name: the dependency of each record, None where it has none."""
        a, b = ({dependency.name: dependency for dependency in record.dependencies} for record in self._both)
        pairs = {name: (a.get(name), b.get(name)) for name in sorted({*a, *b})}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def _both(self) -> tuple[Record, Record]:
        return self.recordA, self.recordB

    @property
    def parameter_differences(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The parameters that differ: the values of each record; None where none do."""
        if not self.parameters_differ:
            return None
        a, b = (record.parameters for record in self._both)
        if hasattr(a, "diff") and hasattr(b, "as_dict"):
            found: tuple[dict[str, Any], dict[str, Any]] = a.diff(b)
            return found
        one, two = (dict(known.as_dict() if hasattr(known, "as_dict") else known or {}) for known in (a, b))
        return ({k: v for k, v in one.items() if two.get(k) != v}, {k: v for k, v in two.items() if one.get(k) != v})

    @property
    def launch_mode_differences(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The settings of both launch modes; None where they are the same."""
        if not self.launch_mode_differs:
            return None
        one, two = (record.launch_mode for record in self._both)
        return one.__getstate__(), two.__getstate__()

    def _list_datakeys(self, direction: str) -> tuple[list[DataKey], list[DataKey]]:
        one, two = (self._counted(getattr(record, f"{direction}_data")) for record in self._both)
        return one, two

    def _counted(self, keys: Iterable[DataKey]) -> list[DataKey]:
        def ignored(key: DataKey) -> bool:
            """Does it fit one of the patterns?"""
            kind = str(getattr(key, "metadata", {}).get("mimetype") or "")
            name = os.path.basename(key.path)
            return any(re.search(p, name) for p in self.ignore_filenames) or any(
                re.search(p, kind) for p in self.ignore_mimetypes if kind
            )

        return [key for key in keys if not ignored(key)]

    def _data_differ(self, direction: str) -> bool:
        one, two = self._list_datakeys(direction)
        return sorted(key.digest for key in one) != sorted(key.digest for key in two)

    def _data_differences(self, direction: str) -> tuple[list[DataKey], list[DataKey]]:
        """The files of each record that the other does not have by content."""
        one, two = self._list_datakeys(direction)
        digests = [{key.digest for key in keys} for keys in (one, two)]
        return [k for k in one if k.digest not in digests[1]], [k for k in two if k.digest not in digests[0]]

    @property
    def output_data_differ(self) -> bool:
        """Are there output files of other content, on either side?"""
        return self._data_differ("output")

    @property
    def input_data_differ(self) -> bool:
        """Are there input files of other content, on either side?"""
        return self._data_differ("input")

    @property
    def output_data_differences(self) -> tuple[list[DataKey], list[DataKey]]:
        """The output files that only one of them has, by content."""
        return self._data_differences("output")

    @property
    def input_data_differences(self) -> tuple[list[DataKey], list[DataKey]]:
        """The input files that only one of them has, by content."""
        return self._data_differences("input")

    def script_content_diff(self, record: Record, other: Record) -> str:
        """The lines by which the script of one record differs from that of the other."""
        import difflib

        lines = [x.script_content.splitlines(keepends=True) for x in (other, record)]
        return "".join(difflib.unified_diff(lines[0], lines[1], str(other.main_file), str(record.main_file)))

    @property
    def recordA_script_content_diff(self) -> str:
        """From the second script to the first."""
        return self.script_content_diff(self.recordA, self.recordB)

    @property
    def recordB_script_content_diff(self) -> str:
        """From the first script to the second."""
        return self.script_content_diff(self.recordB, self.recordA)
