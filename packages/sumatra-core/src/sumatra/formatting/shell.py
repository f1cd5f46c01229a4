"""A shell script that stands alone and makes the results again in a clean clone, the oldest run first."""

from __future__ import annotations

import base64
import os
import shlex
from collections.abc import Iterator
from typing import Any

from sumatra.core import component
from sumatra.formatting.base import Formatter

_HEAD = """\
#!/bin/sh
# Makes the results of these records again. Run it in a clean clone of the repository.
set -e
top=$(pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"""
_USE = {
    "git": "git checkout --quiet --force {}", "hg": "hg update --clean --rev {}", "svn": "svn update -r {}",
    "bzr": "bzr revert -r {}",
}  # fmt: skip


@component
class ShellFormatter(Formatter):
    """The script."""

    name = "shell"

    def short(self) -> str:
        """The same as the long form."""
        return self.long()

    def long(self) -> str:
        """A paragraph for each record: code, changed files, parameters, command."""
        ordered = sorted(self.records, key=lambda record: record.timestamp)
        return _HEAD + "".join("\n" + "\n".join(self._steps(record)) + "\n" for record in ordered)

    def _steps(self, record: Any) -> Iterator[str]:
        document = getattr(record, "document", {})
        reason = " ".join(str(record.reason or "").split())
        yield f"# {record.label}{': ' if reason else ''}{reason}"
        yield 'cd "$top"'
        use = _USE.get(str(getattr(record.repository, "vcs_type", "")))
        if use and record.version:
            yield use.format(shlex.quote(record.version))
        yield from self._changes(record)
        folder = document.get("working_directory", ".")
        if folder not in (".", ""):
            yield f"mkdir -p {shlex.quote(folder)} && cd {shlex.quote(folder)}"
        yield f"export SMT_LABEL={shlex.quote(record.label)}"
        yield f'export SMT_OUTPUT="$top"/{shlex.quote(self._output(record, document))} && mkdir -p "$SMT_OUTPUT"'
        if document.get("source_date_epoch"):
            yield f"export SOURCE_DATE_EPOCH={shlex.quote(str(document['source_date_epoch']))}"
        name = ""
        if "<parameters>" in record.script_arguments:
            about = document.get("parameter_file") or {}
            base = os.path.basename(str(about.get("path", ""))) or "parameters"
            name = f'"$made"/{shlex.quote(base)}'
            content = str(about.get("text") or record.parameters.pretty() + "\n")
            yield f"printf %s {shlex.quote(content)} > {name}"
        yield self._command(record, document, name)

    @staticmethod
    def _changes(record: Any) -> Iterator[str]:
        for path, kind, mode, content in getattr(record, "changed_content", tuple)():
            place = shlex.quote(path)
            if kind == "removed":
                yield f"rm -f -- {place}"
                continue
            folder = os.path.dirname(path)
            if folder:
                yield f"mkdir -p {shlex.quote(folder)}"
            yield f"base64 -d > {place} <<'END'\n{base64.encodebytes(content).decode('ascii')}END"
            yield f"chmod {mode & 0o777:o} {place}"

    @staticmethod
    def _output(record: Any, document: Any) -> str:
        url, place = str(getattr(record.repository, "url", "")), str(document.get("output_folder") or "")
        inside = os.path.relpath(place, url) if place and url and os.path.isabs(place) else ""
        return inside if inside and not inside.startswith("..") else f"Data/{record.label}"

    @staticmethod
    def _command(record: Any, document: Any, parameters: str) -> str:
        program = record.executable
        words = [shlex.quote(str(getattr(program, "path", program.name))), str(getattr(program, "options", "") or "")]
        main = str(record.main_file or "")
        wd = str(document.get("working_directory", "."))
        if main:
            words.append(shlex.quote(main if os.path.isabs(main) else os.path.relpath(main, wd)))
        arguments = str(record.script_arguments).replace("'{output}'", "{output}").replace("<parameters>", parameters)
        words.append(arguments.replace("{output}", '"$SMT_OUTPUT"'))
        if document.get("addlabel") == "cmdline":
            words.append(shlex.quote(record.label))
        if document.get("stdin"):
            words.append(f'< "$top"/{shlex.quote(str(document["stdin"]))}')
        if document.get("stdout_file"):
            words.append(f"> {shlex.quote(str(document['stdout_file']))}")
        return " ".join(word for word in words if word)
