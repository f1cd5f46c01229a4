"""What every record store of 0.8's shape has; a class of a user's own is derived from this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sumatra.core import component_type


class RecordStoreAccessError(OSError):
    """The store cannot be read or written."""


@component_type
class RecordStore:
    """Keeps records by project and label."""

    required_attributes: ClassVar[tuple[str, ...]] = (
        "list_projects", "save", "get", "list", "labels", "delete", "delete_all", "delete_by_tag", "most_recent",
    )  # fmt: skip

    def list_projects(self) -> list[str]:
        """Names of projects."""
        raise NotImplementedError(f"{type(self).__name__} does not list projects.")

    def has_project(self, project_name: str) -> bool:
        """Is there such a project?"""
        return project_name in self.list_projects()

    def save(self, project_name: str, record: Any) -> None:
        """Keep a record."""
        raise NotImplementedError(f"{type(self).__name__} does not keep records.")

    def get(self, project_name: str, label: str) -> Any:
        """The record of a label; :class:`KeyError` where there is none."""
        raise NotImplementedError(f"{type(self).__name__} does not give records.")

    def list(self, project_name: str, tags: Any = None, **kwargs: Any) -> list[Any]:
        """Records, the latest first."""
        raise NotImplementedError(f"{type(self).__name__} does not list records.")

    def labels(self, project_name: str, tags: Any = None, **kwargs: Any) -> Sequence[str]:
        """Labels, the latest first."""
        return [record.label for record in self.list(project_name, tags, **kwargs)]

    def delete(self, project_name: str, label: str) -> None:
        """Delete a record."""
        raise NotImplementedError(f"{type(self).__name__} does not delete records.")

    def delete_by_tag(self, project_name: str, tag: str) -> int:
        """Delete the records of a tag; gives how many."""
        labels = self.labels(project_name, tags=[tag])
        for label in labels:
            self.delete(project_name, label)
        return len(labels)

    def delete_all(self) -> None:
        """Delete the records of every project."""
        for project in self.list_projects():
            for label in self.labels(project):
                self.delete(project, label)

    def most_recent(self, project_name: str) -> str:
        """The label of the record made last."""
        raise NotImplementedError(f"{type(self).__name__} does not say which record is the latest.")

    def export_records(self, records: Sequence[Any], indent: int | None = 2) -> str:
        """Records as a JSON list, with the keys of 0.8."""
        from sumatra.recordstore import serialization

        return "[" + ",\n".join(serialization.encode_record(record, indent=indent) for record in records) + "]"

    def export(self, project_name: str, indent: int | None = 2) -> str:
        """All records of a project as a JSON list."""
        return self.export_records(self.list(getattr(project_name, "name", project_name)), indent)

    def import_(self, project_name: str, content: str) -> None:
        """Keep the records of a JSON list."""
        from sumatra.recordstore import serialization

        for record in serialization.decode_records(content):
            self.save(project_name, record)

    def sync(self, other: Any, project_name: str) -> Any:
        """Give each store the records that only the other has; gives the labels under which they differ."""
        mine, theirs = set(self.labels(project_name)), set(other.labels(project_name))
        for label in sorted(mine - theirs):
            other.save(project_name, self.get(project_name, label))
        for label in sorted(theirs - mine):
            self.save(project_name, other.get(project_name, label))
        return [label for label in sorted(mine & theirs)
                if self.get(project_name, label) != other.get(project_name, label)]  # fmt: skip

    def sync_all(self, other: Any) -> Any:
        """The same for every project of either."""
        found = []
        for project in sorted({*self.list_projects(), *other.list_projects()}):
            found += self.sync(other, project)
        return found

    def update(self, project_name: str, field: str, value: Any, tags: Any = None) -> None:
        """Set one field, such as ``datastore.root``, in every record."""
        for record in self.list(project_name, tags):
            *parents, last = field.split(".")
            target = record
            for name in parents:
                target = getattr(target, name)
            setattr(target, last, value)
            self.save(project_name, record)
