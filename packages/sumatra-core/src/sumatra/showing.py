"""What a record says that is not in its fields but in its store: console text, and changed code as a diff."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.errors import CawanError
from cawan.records import RecordStore

_LARGEST = 1_000_000  # bytes of a file beyond which it is named and not shown line by line


def console_bytes(store: RecordStore, project: str, document: Mapping[str, Any], stream: str) -> bytes:
    """Standard output or error of a record, byte for byte."""
    digest = (document.get(stream) or {}).get("digest", "")
    if not digest:
        return b""
    with store.fetch(project, digest) as file:
        return file.read()


def console_text(store: RecordStore, project: str, document: Mapping[str, Any]) -> str:
    """Standard output, then standard error, as text; what 0.8 says where there is none."""
    if "stdout" not in document:
        return "Not yet captured." if document.get("status") in ("created", "running") else "Not available."
    parts = [console_bytes(store, project, document, name) for name in ("stdout", "stderr")]
    return b"".join(parts).decode("utf-8", "replace") or "No output."


def _before(document: Mapping[str, Any], path: str, base: str) -> bytes:
    """A file as its version has it, b"" where that cannot be asked."""
    from sumatra.notebook import find_working_copy

    url = str((document.get("repository") or {}).get("url", ""))
    if not base or not os.path.isdir(url):
        return b""
    try:
        copy = find_working_copy(Path(url))
        return copy.content(PurePosixPath(path), base) if copy is not None else b""
    except (CawanError, OSError):
        return b""


def changes_text(store: RecordStore, project: str, document: Mapping[str, Any]) -> str:
    """The changed files of a record as a unified diff for reading."""
    texts = []
    for entry in sorted(document.get("changed_files", []), key=lambda entry: str(entry["path"])):
        path = str(entry["path"])
        old, new = _before(document, path, str(entry.get("base", ""))), b""
        if entry.get("digest"):
            with store.fetch(project, entry["digest"]) as file:
                new = file.read()
        elif entry.get("link") is not None:
            new = os.fsencode(entry["link"])
        texts.append(file_diff(path, old, new))
    return "".join(texts)


def side_by_side(project: Any, a: Mapping[str, Any], b: Mapping[str, Any], width: int = 0) -> str:
    """The scripts, parameters and printed text of two records beside each other, where they differ."""
    import shutil

    width = width or shutil.get_terminal_size((100, 24)).columns
    parts = []
    for name, texts in (("script", [_script(project, doc) for doc in (a, b)]),
                        ("parameters", [(doc.get("parameter_file") or {}).get("text", "") for doc in (a, b)]),
                        ("console", [console_text(project.store, project.name, doc) for doc in (a, b)])):  # fmt: skip
        if texts[0] != texts[1]:
            parts.append(f"\n{name}: {a['label']} | {b['label']}\n{_columns(texts[0], texts[1], width)}")
    return "".join(parts)


def _script(project: Any, document: Mapping[str, Any]) -> str:
    from sumatra.laying import script_text

    try:
        return script_text(project, document)
    except (CawanError, OSError):
        return ""


def _columns(one: str, two: str, width: int, most: int = 200) -> str:
    """Lines beside each other; of those that are alike only two before and after."""
    from difflib import SequenceMatcher

    left, right = one.splitlines()[:20_000], two.splitlines()[:20_000]
    half = max(20, (width - 3) // 2)
    lines: list[str] = []
    for kind, i, j, k, m in (code for group in SequenceMatcher(None, left, right, False).get_grouped_opcodes(2)
                             for code in group):  # fmt: skip
        for n in range(max(j - i, m - k)):
            first, second = left[i + n : j][:1], right[k + n : m][:1]
            cells = [(side[0] if side else "").expandtabs(4)[:half] for side in (first, second)]
            sign = " " if kind == "equal" else "|" if first and second else "<" if first else ">"
            lines.append(f"{cells[0]:<{half}} {sign} {cells[1]}".rstrip())
    more = [f"… ({len(lines) - most} more lines)"] if len(lines) > most else []
    return "".join(f"{line}\n" for line in lines[:most] + more)


def file_diff(path: str, old: bytes, new: bytes) -> str:
    """Two states of a file as a unified diff; a binary or very large one is only named."""
    if b"\0" in old + new or max(len(old), len(new)) > _LARGEST:
        return f"Binary or large file {path}: {len(old)} bytes before, {len(new)} after\n" if old != new else ""
    lines = [side.decode("utf-8", "backslashreplace").splitlines(keepends=True) for side in (old, new)]
    found = unified_diff(lines[0], lines[1], f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)
