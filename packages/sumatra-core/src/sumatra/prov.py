"""Records as W3C PROV-JSON: a run is an activity, files and code are entities, a person and a program are agents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sumatra.notebook import Notebook
from sumatra.querying import EVERYTHING

_NAMESPACES = {"smt": "https://neuralensemble.org/sumatra#", "prov": "http://www.w3.org/ns/prov#"}


def write_prov(project: Notebook, labels: Sequence[str], target: Path) -> None:
    """Write the records of these labels, or all, into a file."""
    if labels:
        rows: list[Mapping[str, Any]] = [
            {**project.get(label).document(), "label": project.resolve(label)} for label in labels
        ]
    else:
        rows = list(project.find(fields=EVERYTHING, oldest_first=True))
    target.write_text(json.dumps(prov_document(rows), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def prov_document(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The PROV-JSON of records."""
    document: dict[str, Any] = {
        kind: {} for kind in ("entity", "activity", "agent", "used", "wasGeneratedBy", "wasAssociatedWith",
                              "wasInformedBy")
    }  # fmt: skip
    activities = {row["label"]: f"smt:run-{row['record']}" for row in rows}
    for row in rows:
        _add(document, row, activities)
    return {"prefix": _NAMESPACES, **{kind: found for kind, found in document.items() if found}}


def _file(document: dict[str, Any], entry: Mapping[str, Any]) -> str:
    name = f"smt:file-{str(entry['digest']).rpartition(':')[2]}"
    document["entity"][name] = {"prov:label": str(entry["path"]), "smt:digest": str(entry["digest"]),
                                "smt:size": entry.get("size", 0)}  # fmt: skip
    return name


def _add(document: dict[str, Any], row: Mapping[str, Any], activities: Mapping[str, str]) -> None:
    run, program = activities[row["label"]], row.get("executable") or {}
    document["activity"][run] = {
        "prov:label": row["label"], "prov:startTime": row["started"], "prov:endTime": row.get("ended", row["started"]),
        "smt:reason": row.get("reason", ""), "smt:status": row.get("status", ""),
    }  # fmt: skip
    who, what = f"smt:person-{_word(row.get('user'))}", f"smt:program-{_word(program.get('name'))}"
    document["agent"][who] = {"prov:type": "prov:Person", "prov:label": row.get("user", "")}
    document["agent"][what] = {"prov:type": "prov:SoftwareAgent", "prov:label": program.get("name", ""),
                               "smt:version": program.get("version", "")}  # fmt: skip
    for agent in (who, what):
        document["wasAssociatedWith"][f"_:a-{run[4:]}-{agent[4:]}"] = {"prov:activity": run, "prov:agent": agent}
    used = [_file(document, entry) for entry in row.get("input_data", [])]
    if row.get("version"):
        code = f"smt:code-{row['version']}"
        document["entity"][code] = {"prov:label": (row.get("repository") or {}).get("url", ""),
                                    "smt:version": row["version"]}  # fmt: skip
        used.append(code)
    for name in used:
        document["used"][f"_:u-{run[4:]}-{name[4:]}"] = {"prov:activity": run, "prov:entity": name}
    for entry in row.get("output_data", []):
        name = _file(document, entry)
        document["wasGeneratedBy"][f"_:g-{run[4:]}-{name[4:]}"] = {"prov:entity": name, "prov:activity": run}
    if row.get("repeats") in activities:
        document["wasInformedBy"][f"_:i-{run[4:]}"] = {
            "prov:informed": run, "prov:informant": activities[row["repeats"]],
        }  # fmt: skip


def _word(text: Any) -> str:
    return "".join(c if c.isalnum() else "-" for c in str(text or "unknown"))
