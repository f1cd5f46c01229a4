"""The output file of a record that a document names, with the certainty that it is still what the run wrote."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import digest_of
from cawan.errors import CawanError, listing
from cawan.records import RecordNotFoundError

from sumatra.local.durable import write_file
from sumatra.notebook import Notebook, open_notebook, open_store

FOLDER = "smt_images"
_ALGORITHMS = {40: "sha1", 64: "sha256"}


class FigureError(CawanError):
    """A document asks for a figure that is not there, or is another one than it was."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Reference:
    """What a document writes: ``LABEL``, ``LABEL:path`` or ``LABEL?part-of-the-path``."""

    label: str
    path: str = ""
    fragment: str = ""

    def __str__(self) -> str:
        return self.label + (f":{self.path}" if self.path else f"?{self.fragment}" if self.fragment else "")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure whose content is what the record says.

    Attributes
    ----------
    label, path
        Of the run that made it, and of the file below its data root.
    digest
        With the name of its algorithm.
    link
        Where the record can be looked at, "" where its store is no web address.
    """

    label: str
    path: str
    digest: str
    content: bytes
    link: str = ""

    @property
    def name(self) -> str:
        """A file name that is good in any document: the beginning of the digest, and the ending."""
        ending = PurePosixPath(self.path).suffix
        return self.digest.partition(":")[2][:16] + (ending if re.fullmatch(r"\.\w{1,8}", ending) else "")


def parse_reference(text: str) -> Reference:
    """The parts of what a document writes.

    >>> parse_reference("haggling:Data/worth.png")
    Reference(label='haggling', path='Data/worth.png', fragment='')
    >>> parse_reference("haggling?worth").fragment
    'worth'

    Raises
    ------
    FigureError
        There is no label.
    """
    found = re.fullmatch(r"([^:?]+)(?::(.+)|\?(.+))?", text.strip())
    if found is None:
        raise FigureError(f"{text!r} names no figure. Write LABEL, LABEL:path or LABEL?part-of-the-path.")
    return Reference(found[1], found[2] or "", found[3] or "")


def find_figure(
    reference: str, *, record_store: str | None = None, project: str | None = None, digest: str | None = None,
    start: Path | None = None,
) -> Figure:
    """The figure that a document names.

    Parameters
    ----------
    record_store, project
        Another store than that of the project around ``start``, and a project in it.
    digest
        What the document expects, SHA-1 or SHA-256 in hexadecimal digits, with or without the algorithm's name.
    start
        A folder in the project; the current one by default.

    Raises
    ------
    FigureError
        No such record or file, several files, or another content than was recorded or is expected.
    """
    wanted = parse_reference(reference)
    notebook = open_notebook(start)
    if record_store:
        notebook = _elsewhere(notebook, record_store, project)
    elif project and project != notebook.name:
        raise FigureError(f"The project here is {notebook.name!r}, not {project!r}. Name its record store, too.")
    try:
        label = notebook.resolve(wanted.label)
        document = notebook.get(label).document()
    except RecordNotFoundError as error:
        raise FigureError(f"{reference!r}: {error}") from error
    entry = _chosen(wanted, document.get("output_data", []))
    content = _content(notebook, document, entry)
    _check(reference, content, str(entry["digest"]), "recorded")
    if digest:
        _check(reference, content, digest, "expected by this document")
    store = notebook.store_uri
    link = f"{store.rstrip('/')}/{notebook.name}/{label}/" if store.startswith(("http://", "https://")) else ""
    return Figure(label, str(entry["path"]), digest_of(io.BytesIO(content)), content, link)


def _elsewhere(notebook: Notebook, uri: str, project: str | None) -> Notebook:
    """The same folder with another record store."""
    from dataclasses import replace

    open_store(uri).close()  # an address that no plug-in knows is refused here
    changed = replace(notebook.settings, store=uri, name=project or notebook.name)
    return Notebook(notebook.path, changed)


def _chosen(wanted: Reference, entries: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    if wanted.path:
        found = [e for e in entries if wanted.path in (e["path"], str(e["path"]).removeprefix(f"{wanted.label}/"))]
    else:
        found = [e for e in entries if wanted.fragment in str(e["path"])]
    if len(found) == 1:
        return found[0]
    names = [str(entry["path"]) for entry in (found or entries)]
    if not names:
        raise FigureError(f"The record {wanted.label!r} has no output, so no figure.")
    if not found:
        raise FigureError(f"The record {wanted.label!r} has no output {wanted.path or wanted.fragment!r}. "
                          f"It has {listing(names, 5)}.")  # fmt: skip
    raise FigureError(f"{str(wanted)!r} may be several files: {listing(names, 5)}. Name one: {wanted.label}:{names[0]}")


def _content(notebook: Notebook, document: Mapping[str, Any], entry: Mapping[str, Any]) -> bytes:
    path = PurePosixPath(str(entry["path"]))
    try:
        with notebook.data_store.open(path) as file:
            return file.read()
    except (OSError, CawanError) as error:
        raise FigureError(f"The file {str(path)!r} of {document.get('label')!r} cannot be read: {error}") from error


def _check(reference: str, content: bytes, digest: str, whose: str) -> None:
    algorithm, _, digits = digest.strip().lower().rpartition(":")
    algorithm = algorithm or _ALGORITHMS.get(len(digits), "")
    if algorithm not in _ALGORITHMS.values() or not re.fullmatch(r"[0-9a-f]+", digits):
        raise FigureError(f"{reference!r}: {digest!r} is no digest. It is a SHA-1 or SHA-256 in hexadecimal digits.")
    found = digest_of(io.BytesIO(content), algorithm).rpartition(":")[2]
    if found != digits:
        raise FigureError(f"{reference!r} is another file than {whose}: its {algorithm} is {found}, not {digits}. "
                          "See which run wrote it: smt whence FILE")  # fmt: skip


def place_figure(figure: Figure, folder: Path) -> Path:
    """Write the figure into ``smt_images`` below a folder, where documents find it; gives its path."""
    place = folder / FOLDER / figure.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_file() or place.read_bytes() != figure.content:
        write_file(place, figure.content, mode=0o644)
    return place
