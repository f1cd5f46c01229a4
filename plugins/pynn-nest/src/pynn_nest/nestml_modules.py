"""NESTML models as modules of NEST: generated and compiled by a process of its own, kept in the user's cache folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cawan.fast_dataclasses import dataclass
from pyNN.compiling import built_library, library_key
from pyNN.errors import PyNNError

from pynn_nest.extensions import register
from pynn_nest.kernel import running
from pynn_nest.toolchain import require, search_path, versions, write_prefix

_MODEL = re.compile(r"^([ \t]*)model\s+([A-Za-z_]\w*)\s*:", re.M)
_COMPLAINT = re.compile(r"^\[\d+,\s*[^,]+, ERROR, \[(\d+):(\d+);[^\]]*\]\]: (.*)$", re.M)


@dataclass(frozen=True)
class Source:
    """One model in NESTML.

    Attributes
    ----------
    title
        What its author calls it.
    name
        What NEST calls it: two models with one title, or two versions of one, do not meet in NEST.
    """

    title: str
    name: str
    text: str


def read(description: str | os.PathLike[str], *partners: Source) -> Source:
    """A model from the path of a file, or from its text; ``partners`` are made together with it.

    Raises
    ------
    PyNNError
        There is no such file, or not one model in it.
    """
    text = os.fspath(description)
    if "\n" not in text:
        try:
            text = Path(text).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PyNNError(
                f"{os.fspath(description)!r} is neither a NESTML file that can be read ({error}) nor the text of one, "
                "which begins with a line such as 'model my_neuron:'."
            ) from error
    found = [title for _, title in _MODEL.findall(text)]
    if len(found) != 1:
        raise PyNNError(
            f"The NESTML text has {len(found)} lines such as 'model my_neuron:'; it must have one. It begins: "
            f"{text.strip()[:60]!r}."
        )
    name = f"{found[0]}_{library_key([], text, *(partner.text for partner in partners))[:8]}"
    return Source(found[0], name, _MODEL.sub(rf"\1model {name}:", text))


def installed_models(sources: Sequence[Source], options: Mapping[str, Any]) -> dict[str, Any]:
    """What NEST says of each model of a module, which every kernel has from now on; it is compiled where need be.

    Raises
    ------
    PyNNError
        NESTML does not take it, or a tool is missing.
    """
    titles = " and ".join(source.title for source in sources)
    require(f"The NESTML model {titles}", search_path(os.environ))
    key = library_key([], versions(), json.dumps(options, sort_keys=True), *(source.text for source in sources))
    module = f"pynn_{key}_module"
    path = built_library("nest", key, f"{module}.so", lambda work: _compile(sources, options, module, work))
    answer = built_library("nest", key, "models.json", lambda work: _describe(path, work))
    described: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    register(path, running())
    return described


def _compile(sources: Sequence[Source], options: Mapping[str, Any], module: str, work: Path) -> Path:
    inputs = [work / f"{source.name}.nestml" for source in sources]
    for path, source in zip(inputs, sources, strict=True):
        path.write_text(source.text, encoding="utf-8")
    (work / "installed").mkdir()
    done = _child(
        do="generate",
        inputs=[str(path) for path in inputs],
        target=str(work / "generated"),
        install=str(work / "installed"),
        module=module,
        options={**options, "nest_path": str(write_prefix(work / "prefix"))},
    )
    made = work / "installed" / f"{module}.so"
    if done.returncode or not made.exists():
        raise _refusal(" and ".join(source.title for source in sources), done.stdout + done.stderr)
    return made


def _describe(library: Path, work: Path) -> Path:
    answer = work / "models.json"
    done = _child(do="describe", library=str(library.with_suffix("")), answer=str(answer))
    if done.returncode:
        raise PyNNError(f"NEST does not load what NESTML made. Its last lines:\n{_tail(done.stdout + done.stderr)}")
    return answer


def _child(**job: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": search_path(os.environ)}
    return subprocess.run(
        [sys.executable, "-m", "pynn_nest.generating"],
        input=json.dumps(job), env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _refusal(titles: str, output: str) -> PyNNError:
    if "one spiking input port" in output:
        return PyNNError(
            f"{titles} hears postsynaptic spikes, so NESTML makes it together with its neuron: give "
            "postsynaptic_neuron_nestml_description, and post_ports where the port is not 'post_spikes'."
        )
    if "gsl/gsl_" in output:
        return PyNNError(
            f"The equations of {titles} need a solver of the GNU Scientific Library, whose headers are missing here. "
            "Install them (Debian: apt install libgsl-dev)."
        )
    complaints = _COMPLAINT.findall(output)
    if not complaints:
        return PyNNError(f"NESTML could not make {titles}. Its last lines:\n{_tail(output)}")
    line, column, text = complaints[0]
    others = f" ({len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return PyNNError(f"NESTML does not take {titles}: line {line}, column {column}: {text}{others}")


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-15:])
