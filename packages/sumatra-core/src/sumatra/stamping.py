"""The record's label inside figures and data files, so that a file that was renamed or mailed can say whence it is.

PNG: a text chunk ``smt_label`` before the end. SVG: an element ``metadata`` before the end. PDF: a comment after the
end, which readers skip. HDF5 (also NIX and SONATA): a root attribute, where h5py is installed. The label is written
into the last bytes of the file, in place and in one write, so a program that still has the file open loses nothing.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

_TAIL = 65_536  # bytes at the end of a file in which a label is looked for
_IEND = b"\0\0\0\0IEND\xaeB`\x82"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PNG = re.compile(rb"iTXtsmt_label\0\0\0\0\0(.*?)....\0\0\0\0IEND\xaeB`\x82\Z", re.DOTALL)
_SVG = re.compile(rb'<metadata id="smt_label">([^<]*)</metadata>\s*</svg>\s*\Z')
_PDF = re.compile(rb"\n%smt_label ([^\r\n]*)\n\Z")
SUFFIX = ".smt.json"


def _png(tail: bytes, label: bytes) -> tuple[int, bytes]:
    if not tail.endswith(_IEND):
        return 0, b""
    content = b"iTXtsmt_label\0\0\0\0\0" + label
    return len(_IEND), struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content)) + _IEND


def _svg(tail: bytes, label: bytes) -> tuple[int, bytes]:
    end = tail.rstrip()
    if not end.endswith(b"</svg>"):
        return 0, b""
    cut = len(tail) - len(end) + len(b"</svg>")
    escaped = label.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    return cut, b'<metadata id="smt_label">' + escaped + b"</metadata>" + tail[-cut:]


def _pdf(tail: bytes, label: bytes) -> tuple[int, bytes]:
    if not tail.rstrip().endswith(b"%%EOF"):
        return 0, b""
    return 0, (b"" if tail.endswith(b"\n") else b"\n") + b"\n%smt_label " + label + b"\n"


# Of each suffix: how a label is found at the end, and how many bytes of the end are replaced by which.
_FORMATS: dict[str, tuple[re.Pattern[bytes], Callable[[bytes, bytes], tuple[int, bytes]]]] = {
    ".png": (_PNG, _png), ".svg": (_SVG, _svg), ".pdf": (_PDF, _pdf),
}  # fmt: skip


def _end(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _TAIL))
        return opened.read()


def read_label(file: Path) -> str:
    """The label inside a file or in the side file beside it, "" where there is none."""
    known = _FORMATS.get(file.suffix.lower())
    found = known[0].search(_end(file)) if known else None
    if found:
        text = found[1].decode("utf-8", "replace")
        return text.replace("&lt;", "<").replace("&amp;", "&") if file.suffix.lower() == ".svg" else text
    side = file.with_name(file.name + SUFFIX)
    label = _hdf5_label(file) if _is_hdf5(file) else ""
    if label or not side.is_file():
        return label
    try:
        return str(json.loads(side.read_text(encoding="utf-8"))["label"])
    except (ValueError, KeyError, TypeError):
        return ""


def _is_hdf5(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(8) == _HDF5


def _hdf5_label(file: Path) -> str:
    try:
        import h5py
    except ImportError:
        return ""
    try:
        with h5py.File(file, "r") as opened:
            return str(opened.attrs.get("smt_label", ""))
    except OSError:
        return ""  # cut short, or another program has it open


def write_label(file: Path, label: str) -> bool:
    """Put a label inside a file, which keeps its times; True if the file is another by it.

    A file that has a label keeps that. Links, files with two names, and formats without a place for a label are left
    alone.
    """
    about = file.lstat()
    if file.is_symlink() or about.st_nlink > 1 or not about.st_size or not os.access(file, os.W_OK):
        return False
    known = _FORMATS.get(file.suffix.lower())
    if known is None:
        changed = _is_hdf5(file) and _write_hdf5(file, label)
    else:
        tail = _end(file)
        cut, new = known[1](tail, label.encode("utf-8")) if not known[0].search(tail) else (0, b"")
        changed = bool(new)
        if changed:
            descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                os.pwrite(descriptor, new, about.st_size - cut)
            finally:
                os.close(descriptor)
    if changed:
        os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    return changed


def _write_hdf5(file: Path, label: str) -> bool:
    try:
        import h5py
    except ImportError:
        return False
    try:
        with h5py.File(file, "r+") as opened:
            if opened.attrs.get("smt_label"):
                return False
            opened.attrs["smt_label"] = label
    except OSError:
        return False  # another program has it open
    return True


def write_side_file(file: Path, label: str, record: str, digest: str) -> None:
    """Say beside a file whence it is."""
    about = {"label": label, "record": record, "digest": digest, "file": file.name}
    file.with_name(file.name + SUFFIX).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
