"""From git's bytes to those of a work tree: git's built-in rules (its convert.c), and the local store of LFS."""

from __future__ import annotations

import codecs
import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from cawan.repository import RepositoryError

from sumatra_git._attributes import Value

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_IDENT = re.compile(rb"\$Id(:[^$\n]*)?\$")
_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize \d+\n")
# What git's convert.c counts as not printable: control characters but BS, HT, LF, FF, CR and ESC; DEL.
_NOT_PRINTABLE = bytes(set(range(32)) - {8, 9, 10, 12, 13, 27} | {127})
_PRINTABLE = bytes(set(range(256)) - set(_NOT_PRINTABLE) - {10, 13})


@dataclass(frozen=True, slots=True)
class Conversion:
    """How files of one repository are converted on their way out.

    Attributes
    ----------
    autocrlf, eol
        ``core.autocrlf`` and ``core.eol``.
    lfs
        Folder of the local LFS store.
    """

    autocrlf: str
    eol: str
    lfs: Path

    @classmethod
    def configured(cls, config: Mapping[str, str], common: Path) -> Conversion:
        """The conversion that the configuration asks for."""
        autocrlf = config.get("core.autocrlf", "").lower()
        autocrlf = {"yes": "true", "on": "true", "1": "true"}.get(autocrlf, autocrlf)
        return cls(autocrlf, config.get("core.eol", "").lower(), common / "lfs" / "objects")

    def touches(self, attributes: Mapping[str, Value]) -> bool:
        """Whether the work tree's bytes may differ from git's, for a file with these attributes."""
        filtered = isinstance(attributes.get("filter"), str) or bool(attributes.get("ident"))
        return filtered or bool(attributes.get("working-tree-encoding")) or self._ending(attributes)[0]

    def apply(self, data: bytes, attributes: Mapping[str, Value], oid: str, path: str) -> bytes:
        """The bytes that a checkout would write, but for external filters, which never run."""
        if attributes.get("filter") == "lfs":
            return self._from_lfs(data, path)
        if attributes.get("ident"):
            data = _IDENT.sub(lambda found: _expanded(found, oid), data)
        crlf, careful = self._ending(attributes)
        if crlf and not (careful and _is_left_alone(data)):
            data = re.sub(rb"(?<!\r)\n", b"\r\n", data)
        encoding = attributes.get("working-tree-encoding")
        return _encoded(data, encoding, path) if isinstance(encoding, str) else data

    def _ending(self, attributes: Mapping[str, Value]) -> tuple[bool, bool]:
        """Whether lines end in CRLF, and whether only in files that look like text."""
        text = attributes.get("text", attributes.get("crlf"))
        eol = attributes.get("eol")
        eol = "lf" if text == "input" else eol
        native = self.autocrlf == "true" or (self.autocrlf != "input" and self.eol == "crlf")
        if text is False:
            return False, False
        if eol in ("lf", "crlf"):
            return eol == "crlf", text == "auto"
        if text == "auto":
            return native, True
        if text is True:
            return native, False
        return self.autocrlf == "true", True

    def object(self, data: bytes) -> tuple[Path, str] | None:
        """File and SHA-256 of what a pointer of LFS stands for, if this is a pointer and the object lies here."""
        found = _POINTER.fullmatch(data) if len(data) < 1024 else None
        if found is None:
            return None
        oid = found[1].decode()
        stored = self.lfs / oid[:2] / oid[2:4] / oid
        return (stored, oid) if stored.is_file() else None

    def _from_lfs(self, data: bytes, path: str) -> bytes:
        found = self.object(data)
        if found is None:
            if _POINTER.fullmatch(data):
                _log.warning("%s is a pointer of LFS and stays one, its object is not here: git lfs fetch", path)
            return data
        content = BytesIO()
        copy_object(*found, content, path)
        return content.getvalue()


def copy_object(stored: Path, oid: str, into: BinaryIO, path: str) -> None:
    """Copy a large file out of the local LFS store, and make sure that it is the one that the pointer names."""
    digest = hashlib.sha256()
    with stored.open("rb") as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            into.write(block)
    if digest.hexdigest() != oid:
        raise RepositoryError(f"The LFS object of {path!r} is damaged. Delete {str(stored)!r}, then: git lfs fetch")


def _expanded(found: re.Match[bytes], oid: str) -> bytes:
    inside = found[1] or b""
    if b" " in inside[2:-1]:  # an identifier of another system, which git keeps
        return found[0]
    return b"$Id: %s $" % oid.encode()


def _is_left_alone(data: bytes) -> bool:
    """Whether automatic conversion leaves it: it has carriage returns already, or does not look like text."""
    if b"\r" in data or b"\0" in data:
        return True
    odd = len(data.translate(None, delete=_PRINTABLE + b"\n\r")) - data.endswith(b"\x1a")
    printable = len(data.translate(None, delete=_NOT_PRINTABLE + b"\n\r"))
    return printable >> 7 < odd


def _encoded(data: bytes, encoding: str, path: str) -> bytes:
    bom = encoding.upper().endswith("-BOM")
    name = encoding[:-4] if bom else encoding
    try:
        text = data.decode("utf-8")
        marks = {"UTF-16LE": codecs.BOM_UTF16_LE, "UTF-16BE": codecs.BOM_UTF16_BE}
        return (marks.get(name.upper(), b"") if bom else b"") + text.encode(name)
    except (LookupError, UnicodeError) as error:
        raise RepositoryError(
            f"{path!r} cannot be written in the encoding {encoding!r} of .gitattributes: {error}"
        ) from error
