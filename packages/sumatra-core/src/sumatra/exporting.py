"""``smt export``: records and project as JSON with the keys of Sumatra 0.8."""

from __future__ import annotations

import json
from pathlib import Path

from sumatra import __version__
from sumatra.notebook import FOLDER, Notebook, prepare_folder


def export_files(notebook: Notebook) -> tuple[Path, Path]:
    """Write both files into ``.smt``; gives their paths, that of the records first."""
    from sumatra.recordstore import EventRecordStore

    folder = prepare_folder(notebook.path)
    store = EventRecordStore(notebook.store_uri)
    records, project = folder / "records_export.json", folder / "project_export.json"
    records.write_text(store.export(notebook.name) + "\n", encoding="utf-8")
    project.write_text(project_document(notebook), encoding="utf-8")
    return records, project


def project_document(notebook: Notebook) -> str:
    """The project as JSON."""
    settings = notebook.settings
    about = {
        "name": settings.name, "default_executable": settings.executable or None,
        "default_main_file": settings.main or None, "default_launch_mode": {"type": settings.launch_mode},
        "data_store": {"type": "FileSystemDataStore", "root": str(notebook.data_root)},
        "record_store": {"type": "EventRecordStore", "uri": notebook.shown_store}, "on_changed": settings.on_changed,
        "description": settings.description, "data_label": settings.addlabel or None,
        "input_datastore": {"type": "FileSystemDataStore", "root": settings.input},
        "label_generator": settings.labelgenerator, "timestamp_format": settings.timestamp_format,
        "sumatra_version": __version__, "allow_command_line_parameters": not settings.plain,
        "ignore_parameters": settings.ignore_parameters, "plugins": list(settings.plugins),
    }  # fmt: skip
    return json.dumps(about, indent=2) + "\n"


__all__ = ["FOLDER", "export_files", "project_document"]
