"""A project: a folder with a notebook in it, its settings, its record store and its working copy.

>>> from sumatra.notebook import open_notebook
>>> project = open_notebook()                                    # doctest: +SKIP
>>> project.find(limit=5)                                       # doctest: +SKIP
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cawan.events import JSON, Event
from cawan.plugins import Plugins
from cawan.queries import SUMMARY, Filter, Query, Row
from cawan.records import RecordNotFoundError, RecordStore
from cawan.repository import Repository, WorkingCopy

from sumatra.clocks import Clock, new_record
from sumatra.configuration import Settings, load, save
from sumatra.errors import ProjectExistsError, ProjectNotFoundError
from sumatra.folding import Record, Records
from sumatra.local.durable import write_file
from sumatra.processes import machine

if TYPE_CHECKING:
    from cawan.data import DataStore

STORES: Plugins[RecordStore] = Plugins("sumatra.record_stores")
DATA_STORES: Plugins[DataStore] = Plugins("sumatra.data_stores")
REPOSITORIES: Plugins[Repository] = Plugins("sumatra.repositories")
FOLDER = ".smt"


def open_store(uri: str) -> RecordStore:
    """The record store of a URI, by the plug-in that its scheme names; a plain path is a store of files."""
    scheme, colon, _ = uri.partition(":")
    return STORES.load(scheme if colon and len(scheme) > 1 else "file").open(uri)


def find_working_copy(path: Path) -> WorkingCopy | None:
    """The innermost working copy that holds a folder, found by its marker; the plug-in is loaded only then.

    Raises
    ------
    NotInstalledError
        There is a marker, but not the plug-in for it.
    """
    known = sorted({*REPOSITORIES.names(), *REPOSITORIES.definition.known})
    for folder in (path, *path.parents):
        for name in known:
            if (folder / f".{name}").exists():
                found = REPOSITORIES.load(name).find(folder)
                if found is not None:
                    return found
    return None


def writer_name() -> str:
    """Who writes events here: user and machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{machine().partition('/')[0]}"


class Notebook:
    """A folder with a notebook.

    Attributes
    ----------
    path
        The folder that holds ``.smt``.
    settings
        What was configured.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.writer = writer_name()

    @property
    def name(self) -> str:
        """The project's name in its store."""
        return self.settings.name

    @property
    def store_uri(self) -> str:
        """Where the records are; an absolute path or a URI."""
        uri = self.settings.store or FOLDER
        return uri if ":" in uri else str(self.path / uri)

    @property
    def shown_store(self) -> str:
        """Where the records are, for people: without user names and passwords."""
        import re

        return re.sub(r"(\w+://)[^/@\s]+@", r"\1", self.store_uri)

    @cached_property
    def store(self) -> RecordStore:
        """The record store, opened when first used."""
        return open_store(self.store_uri)

    @property
    def records(self) -> Records:
        """The project's records in its store."""
        return Records(self.store, self.name)

    @cached_property
    def data_store(self) -> DataStore:
        """The store of output files."""
        settings: dict[str, object] = {"root": self.data_root}
        kind = "archive" if self.settings.archive else "mirror" if self.settings.mirror else "local"
        if self.settings.archive:
            settings["archive"] = self.path / self.settings.archive
        elif self.settings.mirror:
            settings["url"] = self.settings.mirror
        return DATA_STORES.load(kind)(**settings)

    @property
    def data_root(self) -> Path:
        """The folder searched for output."""
        return self.path / self.settings.datapath

    def output_folder(self, label: str) -> Path:
        """The folder that belongs to this label's record alone; in ``Data`` where the whole project is searched."""
        root = self.path / "Data" if self.settings.datapath in (".", "./") else self.data_root
        return root / label

    @cached_property
    def working_copy(self) -> WorkingCopy:
        """The working copy that holds the project; where no version-control system knows it, snapshots of its folder.

        Raises
        ------
        NotInstalledError
            There is a marker such as ``.git``, but not the plug-in for it.
        """
        found = find_working_copy(self.path)
        if found is None:
            from sumatra.local.snapshots import DirectoryWorkingCopy

            return DirectoryWorkingCopy(self.path)
        return found

    def save(self, settings: Settings) -> None:
        """Take over settings and write them to ``.smt/config.toml``."""
        prepare_folder(self.path)
        save(settings, self.path / FOLDER / "config.toml")
        self.settings = settings
        self.__dict__.pop("store", None)
        self.__dict__.pop("data_store", None)

    def find(self, where: Filter | None = None, *, limit: int | None = None, oldest_first: bool = False,
             fields: frozenset[str] = SUMMARY) -> list[Row]:  # fmt: skip
        """Rows of records, the run made last first."""
        order = "record" if oldest_first else "-record"
        return list(self.records.find(Query(where, order=order, limit=limit, fields=fields)).rows)

    def get(self, label: str) -> Record:
        """The record of a label; ``last`` is the run made last."""
        return self.records.get(self.resolve(label))

    def resolve(self, label: str) -> str:
        """The label itself, or for ``last`` and "" that of the run made last."""
        if label not in ("last", ""):
            return label
        rows = self.find(limit=1)
        if not rows:
            raise RecordNotFoundError("", self.name)
        return str(rows[0]["label"])

    def clock(self) -> Clock:
        """A clock that is ahead of every event in the store."""
        rows = self.records.find(Query(order="-clock", limit=1, fields=frozenset({"clock"}))).rows
        return Clock(self.writer, str(rows[0]["clock"]) if rows else "")

    def event(self, record: str, kind: str, body: Mapping[str, JSON], clock: Clock) -> Event:
        """A new event of this project's writer, now."""
        return Event(record, kind, clock.tick(), datetime.now(UTC), self.writer, body)

    def append(self, record: str, kind: str, body: Mapping[str, JSON], *, release: str = "") -> None:
        """Write one event about a record, after all that is known of the project."""
        self.store.append(self.name, [self.event(record, kind, body, self.clock())], release=release)

    def amend(self, label: str, **operations: Mapping[str, JSON]) -> Record:
        """Change a record by ``set``, ``add``, ``remove`` and ``append``, mappings of fields each; gives the old."""
        record = self.get(label)
        self.append(record.id, "amended", operations)
        return record

    def new_identity(self, clock: Clock) -> str:
        """An identity for a record that begins now."""
        return new_record(clock.tick())


def prepare_folder(path: Path) -> Path:
    """``.smt`` in a folder, hidden from git by a file in it, and from Mercurial, which passes over repositories."""
    folder = path / FOLDER
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_file(ignore, b"*\n")
    if any((place / ".hg").is_dir() for place in (path, *path.parents)):
        (folder / ".hg").mkdir(exist_ok=True)
    return folder


def init_notebook(path: Path, settings: Settings) -> Notebook:
    """A new project in a folder; :class:`ProjectExistsError` where there is one already."""
    if (path / FOLDER / "config.toml").exists():
        raise ProjectExistsError(path)
    project = Notebook(path, settings)
    project.save(settings)
    return project


def open_notebook(path: Path | str | None = None, *, create: bool = False) -> Notebook:
    """The project of a folder or of the nearest folder above it.

    Parameters
    ----------
    path
        Where to start; the current directory by default.
    create
        Where there is no project: begin one with default settings at the top of the working copy, named after it; under
        no version control, here.
    """
    start = Path(path or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        config = folder / FOLDER / "config.toml"
        if config.is_file():
            return Notebook(folder, load(config))
        if (folder / FOLDER).is_dir():
            return Notebook(folder, unconfigured(folder))
    if not create:
        raise ProjectNotFoundError(start)
    working_copy = find_working_copy(start)
    top = working_copy.path if working_copy is not None else start
    prepare_folder(top)
    return Notebook(top, unconfigured(top))


def unconfigured(path: Path) -> Settings:
    """The settings of a project that nobody initialised: everything is kept, nothing refused."""
    return Settings(name=path.name, datapath=".", on_changed="store-diff")
