"""Output that differs, but not by more than was allowed: numbers in text files and arrays, one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.errors import CawanError

from sumatra.comparing import Aspect, side_by_side
from sumatra.errors import UsageError
from sumatra.notebook import Notebook

_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)\b", re.IGNORECASE)
_LARGEST = 200_000_000  # bytes of a file that is compared number by number


def tolerance_of(text: str | None) -> float | None:
    """The relative tolerance that was typed; None where none was."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise UsageError(f"{text!r} is no tolerance. It is a number from 0 to 1, such as 1e-6.")
    return value


def tolerated(
    project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any], aspects: Sequence[Aspect], allowed: float
) -> tuple[Aspect, ...]:
    """The aspects, with output and console tolerated where every number differs by no more than ``allowed``."""
    return tuple(_lenient(project, a, b, aspect, allowed) for aspect in aspects)


def _lenient(
    project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any], aspect: Aspect, allowed: float
) -> Aspect:
    if aspect.result != "differs" or aspect.name not in ("output", "console"):
        return aspect
    pairs = _consoles(project, a, b) if aspect.name == "console" else _files(project, a, b)
    if pairs is None or (aspect.name == "console" and (a.get("exit_code"), a.get("signal")) != (
        b.get("exit_code"), b.get("signal")
    )):  # fmt: skip
        return aspect
    lines: list[str] = []
    for name, one, two in pairs:
        found = _compare(project, one, two, allowed)
        if found.largest is None or found.largest > allowed:
            return replace(aspect, differences=(*aspect.differences, f"{name}: {found.how}", *found.lines))
        lines += [f"{name}: {found.how}, tolerated up to {allowed:g}", *found.lines]
    return Aspect(aspect.name, "tolerated", tuple(lines))


def _files(project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[tuple[str, Any, Any]] | None:
    """Output files that differ, by pairs; None where one record has a file that the other lacks."""
    known = side_by_side(a, b)
    if known[0].keys() != known[1].keys():
        return None
    return [(name, known[0][name], known[1][name]) for name in sorted(known[0])
            if known[0][name]["digest"] != known[1][name]["digest"]]  # fmt: skip


def _consoles(project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(name, a.get(name) or {}, b.get(name) or {}) for name in ("stdout", "stderr")
            if (a.get(name) or {}).get("digest") != (b.get(name) or {}).get("digest")]  # fmt: skip


def _place(project: Notebook, entry: Mapping[str, Any]) -> Path | None:
    place = project.data_root / str(entry["path"])
    return place if place.is_file() and not place.is_symlink() else None


def _content(project: Notebook, entry: Mapping[str, Any]) -> bytes | None:
    if "path" not in entry:
        if not entry.get("digest"):
            return b""
        with project.store.fetch(project.name, entry["digest"]) as file:
            return file.read()
    if not project.data_store.contains(PurePosixPath(entry["path"])) or entry.get("size", 0) > _LARGEST:
        return None
    with project.data_store.open(PurePosixPath(entry["path"])) as file:
        return file.read()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two files side by side: the largest relative difference of their numbers, None where there is none to give."""

    largest: float | None
    lines: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        """The difference in words."""
        return "not comparable as numbers" if self.largest is None else (
            f"largest relative difference {self.largest:.3g}"
        )


def _compare(project: Notebook, one: Mapping[str, Any], two: Mapping[str, Any], allowed: float) -> Comparison:
    if "path" in one:
        places = _place(project, one), _place(project, two)
        found = by_hook(places[0], places[1], allowed) if places[0] and places[1] else None
        if found is not None:
            return found
    contents = _content(project, one), _content(project, two)
    if contents[0] is None or contents[1] is None:
        return Comparison(None)
    return Comparison(largest_difference(contents[0], contents[1]))


def by_hook(one: Path, two: Path, allowed: float) -> Comparison | None:
    """What a plug-in says that knows this kind of file (Neo, HDF5, images, …); None where none does."""
    from cawan.hooks import manager

    try:
        found = manager().hook.compare(a=one, b=two, tolerance=allowed)
    except Exception as error:  # noqa: BLE001 - a stranger's reader over a damaged file must not cost the verdict
        what = str(error) if isinstance(error, CawanError) else f"{one.name} could not be read: {error}"
        return Comparison(None, (f"  {what}",))
    if found is None:
        return None
    largest = float(found["largest"]) if "largest" in found else 0.0 if found["agree"] else math.inf
    return Comparison(largest, tuple(f"  {line}" for line in found.get("lines", ())))


def largest_difference(one: bytes, two: bytes) -> float | None:
    """The largest relative difference of the numbers in two texts; None where anything beside them differs.

    >>> largest_difference(b"rate 10.0 Hz", b"rate 10.1 Hz")
    0.009900990099009866
    """
    if b"\0" in one + two:
        return _arrays(one, two)
    if _NUMBER.sub(b"#", one) != _NUMBER.sub(b"#", two):
        return None
    worst = 0.0
    for first, second in zip(_NUMBER.findall(one), _NUMBER.findall(two), strict=True):
        a, b = float(first), float(second)
        if a == b or (a != a and b != b):
            continue
        if not (math.isfinite(a) and math.isfinite(b)):
            return math.inf
        worst = max(worst, abs(a - b) / max(abs(a), abs(b)))
    return worst


def _arrays(one: bytes, two: bytes) -> float | None:
    """The same for two NumPy files; objects in them are never loaded."""
    if not (one.startswith(b"\x93NUMPY") and two.startswith(b"\x93NUMPY")):
        return None
    try:
        import numpy as np
    except ImportError:
        return None
    import io

    read: Any = np.lib.format.read_array
    try:
        a, b = (read(io.BytesIO(data)) for data in (one, two))
    except ValueError:
        return None
    if a.shape != b.shape or a.dtype.kind not in "fiuc" or b.dtype.kind not in "fiuc":
        return None
    scale = np.maximum(np.abs(a), np.abs(b))
    difference = np.abs(a.astype(np.complex128) - b.astype(np.complex128))
    same = (a == b) | (np.isnan(a.astype(np.complex128)) & np.isnan(b.astype(np.complex128)))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(same, 0.0, difference / scale)
    return float(np.nan_to_num(relative, nan=math.inf).max(initial=0.0))
