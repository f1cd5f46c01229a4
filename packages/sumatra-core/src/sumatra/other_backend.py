"""A pyNN record repeated on another simulator: whether it can be, whether it was, and what its spikes say."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sumatra.comparing import Aspect
from sumatra.errors import CannotRepeatError
from sumatra.folding import Record
from sumatra.notebook import Notebook
from sumatra.tolerating import Comparison, by_hook

# What another simulator changes by itself, so that a difference there says nothing about the science.
_BY_ITSELF = ("dependencies", "environment")
_RESULTS = ("output", "console")


def check_backend(label: str, document: Mapping[str, Any], backend: str) -> None:
    """Refuse what no other backend could run, and a backend that is not there, before anything runs."""
    if "pyNN" not in document.get("facts", {}):
        raise CannotRepeatError(f"The record {label!r} says nothing of pyNN, so it cannot be run on another simulator.")
    _load(backend)


def _load(backend: str) -> Any:
    from cawan.plugins import Plugins

    return Plugins[Any]("pynn.backends").load(backend)


def check_ran_on(record: Record, backend: str) -> None:
    """Raise where the program ran to its end on another backend than was asked for: it says nothing about that one."""
    if record.fields.get("exit_code", 0):
        return  # what it said when it failed has been shown
    used = str(record.fields.get("facts", {}).get("pyNN", {}).get("backend", ""))
    if used.lower() not in {backend.lower(), str(_load(backend).name).lower()}:
        raise CannotRepeatError(
            f"The new record {record.label!r} ran on {used or 'no simulator'!r}, not on {backend!r}: pyNN in the "
            "program's environment does not take the simulator from the notebook. Upgrade it: pip install -U pynn-core"
        )


def judged_by_activity(
    project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any], aspects: Sequence[Aspect]
) -> tuple[Aspect, ...]:
    """The aspects of a repeat on another simulator: packages differ by themselves, results are judged by the spikes."""
    if a.get("exit_code") or b.get("exit_code"):
        return tuple(aspects)
    found = _activity(project, a, b)
    return tuple(_judged(aspect, found) for aspect in aspects)


def _judged(aspect: Aspect, found: Comparison | None) -> Aspect:
    """One aspect in the light of the spikes; where none were recorded, results are compared as they always are."""
    if aspect.name in _BY_ITSELF:
        return replace(aspect, result="tolerated") if aspect.result == "differs" else aspect
    if aspect.name not in _RESULTS or found is None:
        return aspect
    lines = aspect.differences + (found.lines if aspect.name == "output" else ())
    if found.largest == 0.0:
        return replace(aspect, result="tolerated" if aspect.result == "differs" else aspect.result, differences=lines)
    return replace(aspect, result="differs" if aspect.name == "output" else aspect.result, differences=lines)


def _activity(project: Notebook, a: Mapping[str, Any], b: Mapping[str, Any]) -> Comparison | None:
    """How what the program gave to both records compares, by whoever knows such files; None where one has nothing."""
    pairs = [document.get("kept", []) for document in (a, b)]
    if not all(pairs):
        return None
    lines: list[str] = []
    largest = 0.0
    if len(pairs[0]) != len(pairs[1]):
        lines.append(f"{len(pairs[0])} and {len(pairs[1])} simulations recorded something")
        largest = float("inf")
    for one, two in zip(*pairs, strict=False):
        with tempfile.TemporaryDirectory(prefix="smt-compare-") as folder:
            places = [_fetched(project, entry, Path(folder), side) for entry, side in ((one, "a"), (two, "b"))]
            found = by_hook(places[0], places[1], 0.0)
        if found is None or found.largest is None:
            lines += found.lines if found else (f"no installed package reads {one['name']}",)
            largest = float("inf")
        else:
            lines += found.lines
            largest = max(largest, found.largest)
    return Comparison(largest, tuple(lines))


def _fetched(project: Notebook, entry: Mapping[str, Any], folder: Path, side: str) -> Path:
    place = folder / f"{side}-{entry['name']}"
    with project.store.fetch(project.name, entry["digest"]) as source, place.open("wb") as target:
        shutil.copyfileobj(source, target)
    return place
