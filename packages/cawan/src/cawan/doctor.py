"""Whether each plug-in imports and does its one-second job, each asked in a process of its own.

``python -m cawan.doctor GROUP NAME import|job`` is that process: a plug-in that crashes, exits or never ends is a
finding, not the end of the command.
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from cawan.errors import CawanError, PluginError
from cawan.plugins import Plugin, Plugins

TIME_LIMIT_S = 60.0
_MARK = "cawan-doctor:"


class Finding(NamedTuple):
    """What was found out about one plug-in; ``text`` says what it did, or what is wrong and how to mend it."""

    plugin: Plugin
    well: bool
    text: str


def examine(plugin: Plugin, *, job: bool, limit_s: float = TIME_LIMIT_S) -> Finding:
    """Import one plug-in, and with ``job`` let it work, in a process of its own."""
    command = [sys.executable, "-m", "cawan.doctor", plugin.group, plugin.name, "job" if job else "import"]
    repair = f"Repair it with: pip install --force-reinstall {plugin.distribution}"
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        return Finding(plugin, False, f"It did not answer within {limit_s:g} s. {repair}")
    answers = [line.removeprefix(_MARK) for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if answers and done.returncode in (0, 1):
        return Finding(plugin, done.returncode == 0, answers[-1].strip())
    end = f"by signal {-done.returncode}" if done.returncode < 0 else f"with exit code {done.returncode}"
    last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it printed nothing")
    return Finding(plugin, False, f"Its process ended {end}: {last.strip()}. {repair}")


def answer(group: str, name: str, *, job: bool) -> str:
    """Load one plug-in here and, with ``job``, ask the hook ``doctor`` to let it work.

    Raises
    ------
    PluginError
        It cannot be loaded, or its job failed.
    """
    plugins: Plugins[object] = Plugins(group)
    loaded = plugins.load(name)
    if not job:
        return f"{loaded.__name__} imports"
    from cawan.hooks import manager

    try:
        said = manager().hook.doctor(group=group, name=name)
    except Exception as error:
        plugin = next(p for p in plugins.describe() if p.name == name)
        raise PluginError(
            f"The {plugins.definition.kind} {name!r} imports but does not work: {type(error).__name__}: {error} "
            f"Repair it with: pip install --force-reinstall {plugin.distribution}"
        ) from error
    return said or f"{loaded.__name__} imports; nothing installed knows how to try it"


def _main(group: str, name: str, depth: str) -> int:
    try:
        said, code = answer(group, name, job=depth == "job"), 0
    except CawanError as error:
        said, code = str(error), 1
    sys.stdout.write(f"\n{_MARK} {' '.join(said.split())}\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:4]))
