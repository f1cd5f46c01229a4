"""A page for each standard model, made from its class and from the tables of the installed simulators."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyNN._importer import backends
from pyNN.errors import UnknownNameError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import ModelType
from pyNN.standardmodels.catalogue import CELL_TYPES, CURRENT_SOURCES, PARTS, SYNAPSE_TYPES

_KINDS = {
    "Cell types and spike sources": CELL_TYPES,
    "Synapse types": SYNAPSE_TYPES,
    "Rules, receptors and membranes": PARTS,
    "Current sources": CURRENT_SOURCES,
}


def models() -> dict[str, type[ModelType]]:
    """Every standard model by name."""
    return {name: model for kind in _KINDS.values() for name, model in kind.items()}


def page(name: str) -> str:
    """The page of one model, in Markdown.

    Raises
    ------
    UnknownNameError
        There is no such model; the nearest is named.
    """
    known = models()
    if name not in known:
        raise UnknownNameError("PyNN", name, known)
    model = known[name]
    parts = [f"# {name}", "", inspect.cleandoc(model.__doc__ or "").strip(), ""]
    parts += _parameters(model)
    parts += _variables(model)
    parts += _simulators(name)
    return "\n".join(parts).rstrip() + "\n"


def index() -> str:
    """The list of all pages, in Markdown."""
    lines = ["# Standard models", ""]
    for title, kind in _KINDS.items():
        lines += [f"## {title}", ""]
        lines += [f"- [{name}]({name}.md): {_first_line(model)}" for name, model in sorted(kind.items())]
        lines.append("")
    return "\n".join(lines)


def write_pages(folder: Path) -> int:
    """Write every page and the index into a folder; gives how many pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in models():
        (folder / f"{name}.md").write_text(page(name), encoding="utf-8")
    (folder / "index.md").write_text(index(), encoding="utf-8")
    return len(models())


def _first_line(model: type[ModelType]) -> str:
    return inspect.cleandoc(model.__doc__ or "").partition("\n")[0]


_RANGES = {"any": "", "positive": "above 0", "nonnegative": "0 or more", "probability": "0 to 1"}


def _parameters(model: type[ModelType]) -> list[str]:
    if not model.parameters:
        return []
    lines = ["## Parameters", "", "| name | default | unit | range |", "|---|---|---|---|"]
    for name, parameter in model.parameters.items():
        allowed = _RANGES[parameter.range] or "any"
        lines.append(f"| `{name}` | {_default(parameter)} | {parameter.units or '–'} | {allowed} |")
    return [*lines, ""]


def _default(parameter: Parameter) -> str:
    if isinstance(parameter.default, tuple):
        return "[]"
    return "min_delay" if parameter.default is None else f"{parameter.default:g}"


def _variables(model: Any) -> list[str]:
    variables = getattr(model, "variables", {})
    receptors = getattr(model, "receptor_types", ())
    lines: list[str] = []
    if variables:
        lines += ["## State", "", "| variable | unit | at time 0 | recorded by that name |", "|---|---|---|---|"]
        for name, variable in variables.items():
            start = "the simulator's" if variable.initial is None else variable.initial
            lines.append(f"| `{name}` | {variable.units or '–'} | {start} | {'yes' if variable.recordable else 'no'} |")
        lines.append("")
    if receptors:
        unit = "µS (conductances)" if model.conductance_based else "nA (currents)"
        lines += [f"Receptors: {', '.join(f'`{name}`' for name in receptors)}. Weights are in {unit}.", ""]
    return lines


def _simulators(name: str) -> list[str]:
    rows = list(_rows(name))
    if not rows:
        return []
    return ["## Simulators", "", "| simulator | what it is there |", "|---|---|", *rows, ""]


def _rows(name: str) -> Iterator[str]:
    """A row for each installed simulator, from its table."""
    plugins = backends()
    for simulator in plugins.names():
        table = plugins.load(simulator).models
        found = [table[key].name for key in table if key == name or name in key.split("+")]
        random_source = name.startswith("SpikeSource") and name != "SpikeSourceArray" and "SpikeSourceArray" in table
        if found:
            yield f"| {simulator} | {', '.join(f'`{native}`' for native in sorted(set(found)))} |"
        elif random_source:
            yield f"| {simulator} | spike times drawn by pyNN, fed to its array source |"
        elif name in CELL_TYPES or name in SYNAPSE_TYPES:
            yield f"| {simulator} | not available |"
