"""A process of its own that lets NESTML make a module, or tells what is in one: ``python -m pynn_nest.generating``.

NESTML writes to the screen, imports NEST and keeps global state, and its licence is the GPL: it never enters the
process of a simulation. The job is JSON on the standard input; the answer of ``describe`` goes to the file it names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def generate(job: dict[str, Any]) -> None:
    """Generate, compile and install one module from NESTML files."""
    from pynestml.frontend.pynestml_frontend import generate_nest_target

    generate_nest_target(
        input_path=job["inputs"],
        target_path=job["target"],
        install_path=job["install"],
        logging_level="ERROR",
        module_name=job["module"],
        codegen_opts=job["options"],
    )


def describe(job: dict[str, Any]) -> None:
    """Write what NEST says of each model in a module: numbers, texts, and lists of them."""
    import nest

    before = {*nest.node_models, *nest.synapse_models}
    nest.Install(job["library"])
    made = {*nest.node_models, *nest.synapse_models} - before
    found = {name: _plain(nest.GetDefaults(name)) for name in sorted(made)}
    Path(job["answer"]).write_text(json.dumps(found), encoding="utf-8")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, np.generic):
            value = value.item()
        elif isinstance(value, tuple | np.ndarray):
            value = np.asarray(value).tolist()
        if isinstance(value, bool | int | float | str | list | dict):
            plain[name] = value
    return plain


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    {"generate": generate, "describe": describe}[asked.pop("do")](asked)
