"""Records in the SQLite file of a Django store, of any version: by the names of the columns that there are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from cawan.records import StoreFormatError

_PREFIXES = ("django_store_", "recordstore_")
_FIELDS = ("label", "reason", "duration", "main_file", "version", "outcome", "timestamp", "tags", "diff", "user",
           "script_arguments", "stdout_stderr", "repeats")  # fmt: skip


def is_sqlite(path: Path) -> bool:
    """Does the file begin as SQLite's do?"""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def records_of_database(path: Path, project: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Project and fields of every record, as 0.8 exports them; the file is opened for reading alone."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield from _Database(connection).records(project)
    except sqlite3.DatabaseError as error:
        raise StoreFormatError(f"{str(path)!r} cannot be read as a record store of Sumatra: {error}.") from error


class _Database:
    """The tables of one file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        found = next((prefix for prefix in _PREFIXES if f"{prefix}record" in names), "")
        if not found:
            raise StoreFormatError("The database has no table of Sumatra's records.")
        self.prefix, self.names = found, names
        self.kept: dict[tuple[str, Any], dict[str, Any]] = {}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of one of our tables; none where this version has no such table."""
        name = self.prefix + table
        if name not in self.names or not name.replace("_", "").isalnum():
            return []
        # The name is one that the database itself lists, of letters, digits and "_" alone.
        return [dict(row) for row in self.connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608

    def one(self, table: str, key: Any) -> dict[str, Any]:
        """The row of a table with this key, {} where there is none."""
        if (table, None) not in self.kept:
            self.kept[table, None] = {}
            for row in self.rows(table):
                self.kept[table, row.get("id")] = row
        return self.kept.get((table, key), {})

    def records(self, project: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every record, the oldest first."""
        links = {name: self.rows(f"record_{name}") for name in ("dependencies", "platforms", "input_data")}
        keys = self.rows("datakey")
        for row in self.rows("record"):
            name = str(row.get("project_id", ""))
            if not project or name == project:
                yield name, self._fields(row, links, keys)

    def _fields(
        self, row: Mapping[str, Any], links: Mapping[str, list[dict[str, Any]]], keys: list[dict[str, Any]]
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {name: row[name] for name in _FIELDS if name in row}
        own = row.get("db_id", row.get("id", row.get("label")))
        fields["executable"] = self.one("executable", row.get("executable_id"))
        fields["repository"] = self.one("repository", row.get("repository_id"))
        for name, table in (("launch_mode", "launchmode"), ("datastore", "datastore"),
                            ("input_datastore", "datastore")):  # fmt: skip
            fields[name] = self.one(table, row.get(f"{name}_id"))
        fields["parameters"] = self.one("parameterset", row.get("parameters_id"))

        def linked(name: str, table: str, column: str) -> list[dict[str, Any]]:
            return [self.one(table, link[column]) for link in links[name] if link.get("record_id") == own]

        fields["dependencies"] = linked("dependencies", "dependency", "dependency_id")
        fields["platforms"] = [
            {name: value for name, value in machine.items() if name != "id"}
            for machine in linked("platforms", "platforminformation", "platforminformation_id")
        ]
        fields["input_data"] = [_key(key) for key in linked("input_data", "datakey", "datakey_id")]
        output = [key for key in keys if own is not None and key.get("output_from_record_id") == own]
        if output or "data_key" not in row:
            fields["output_data"] = [_key(key) for key in output]
        else:
            fields["data_key"] = row["data_key"]
        return fields


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        about = json.loads(row.get("metadata") or "{}")
    except ValueError:
        about = row.get("metadata")
    return {"path": row.get("path", ""), "digest": row.get("digest", "0" * 40), "creation": row.get("creation"),
            "metadata": about}  # fmt: skip
