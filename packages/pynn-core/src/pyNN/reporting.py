"""What PyNN tells the notebook that runs it, through ``cawan.run``; nothing where there is no notebook."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


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


def _plugin(simulator: Simulator) -> str:
    """Distribution and version that the backend comes from."""
    from pyNN._importer import backends

    module = simulator.backend_class.__module__.partition(".")[0]
    for plugin in backends().describe():
        if plugin.value.partition(":")[0].partition(".")[0] == module:
            return f"{plugin.distribution} {plugin.version}"
    return "not installed as a plug-in"
