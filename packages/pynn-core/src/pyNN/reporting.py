"""What PyNN tells the notebook that runs it, through ``cawan.run``; nothing where there is no notebook."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import TYPE_CHECKING

from cawan.logs import logger

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

_log = logger(__name__)


def report_setup(simulator: Simulator) -> None:
    """Backend, versions, timestep and seed."""
    if "CAWAN_RUN" not in os.environ:
        return
    from cawan import run

    from pyNN import __version__

    run.report(
        "pyNN",
        {
            "backend": simulator.name,
            "pyNN version": __version__,
            "plug-in": _plugin(simulator),
            "timestep": simulator.timestep,
            "seed": simulator.settings.seed,
            "threads": simulator.settings.threads,
        },
    )


    if not _watched:
        atexit.register(_report_unended)
    _watched.add(simulator)


def report_network(simulator: Simulator) -> None:
    """Sizes of populations and projections, as they are now."""
    if "CAWAN_RUN" not in os.environ:
        return
    from cawan import run

    run.report(
        "pyNN network",
        {
            "populations": {population.label: population.size for population in simulator.populations},
            "projections": {projection.label: len(projection) for projection in simulator.projections},
        },
    )


def report_activity(simulator: Simulator) -> None:
    """What the recorded cells did: rates and regularity as facts, and the spikes themselves, kept with the record.

    Of several processes none says anything: each knows its own cells alone.
    """
    if "CAWAN_RUN" not in os.environ or simulator.num_processes() > 1:
        return
    from cawan import run

    from pyNN import activity

    found = activity.recorded(simulator)
    if not found:
        return
    _said.append(simulator.generation)
    number = len(_said)
    run.report("pyNN activity", {activity.name_of(item, number): activity.describe(item) for item in found})
    try:
        run.keep(f"pyNN-spikes-{number}.npz", activity.to_bytes(found))
    except OSError as error:  # a full disk costs the comparison, never the simulation
        _log.warning("The spikes of this run are not kept with its record: %s", error)


_watched: weakref.WeakSet[Simulator] = weakref.WeakSet()
_said: list[int] = []


def _report_unended() -> None:
    """The script is over and did not call ``end()``."""
    for simulator in list(_watched):
        simulator.report_unended()


def _plugin(simulator: Simulator) -> str:
    """Distribution and version that the backend comes from."""
    from pyNN._importer import backends

    module = simulator.backend_class.__module__.partition(".")[0]
    for plugin in backends().describe():
        if plugin.value.partition(":")[0].partition(".")[0] == module:
            return f"{plugin.distribution} {plugin.version}"
    return "not installed as a plug-in"
