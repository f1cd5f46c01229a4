"""A simulation as SONATA describes it: how long, which input, what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.errors import PyNNError
from pyNN.serialization.sonata.config import load_config, open_h5
from pyNN.serialization.sonata.nodes import sonata_id_to_index
from pyNN.serialization.sonata.results import SonataIO


class SimulationPlan:
    """What ``simulation_config.json`` says.

    Parameters
    ----------
    run
        ``tstop`` and ``dt``, ms.
    inputs, output, reports, conditions
        As SONATA has them: input spikes and currents, output files, recorded variables, initial potential.
    """

    def __init__(
        self, run: Mapping[str, Any], inputs: Mapping[str, Any] | None = None, output: Mapping[str, Any] | None = None,
        reports: Mapping[str, Any] | None = None, target_simulator: str | None = None,
        node_sets_file: str | None = None, conditions: Mapping[str, Any] | None = None, manifest: Any = None,
        **additional_sections: Any,
    ) -> None:  # fmt: skip
        self.run_config, self.inputs, self.output = dict(run), dict(inputs or {}), dict(output or {})
        self.reports, self.conditions = dict(reports or {}), dict(conditions or {})
        self.target_simulator, self.node_sets_file = target_simulator, node_sets_file
        self.additional_sections = additional_sections
        self._sim: Any = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> SimulationPlan:
        """The plan of a configuration that :func:`load_config` has read."""
        return cls(**{name: value for name, value in config.items() if name != "config_dir"})

    def setup(self, sim: Any) -> None:
        """Set a simulator up with the timestep of the plan."""
        self._sim = sim
        sim.setup(timestep=float(self.run_config["dt"]))

    def execute(self, net: Any) -> None:
        """Feed the input, record, run, and write the output."""
        if self._sim is None:
            raise PyNNError("The plan is not set up. Call setup(sim) and build the network first.")
        for name, config in self.inputs.items():
            self._feed(net, name, config)
        if "v_init" in self.conditions:
            for population in net.populations:
                if "v" in population.celltype.variables:
                    population.initialize(v=float(self.conditions["v_init"]))
        for name, config in self.reports.items():
            self._record(net, name, config)
        if self.output:
            net.record("spikes")
        self._sim.run(float(self.run_config["tstop"]))
        if self.output:
            SonataIO(self.output.get("output_dir", "."), self.output.get("spikes_file", "spikes.h5")).write(
                [assembly.get_data("spikes") for assembly in net.assemblies]
            )

    def _groups(self, net: Any, node_set: Any) -> list[Any]:
        """The assemblies of a node set: "all", a name, or {"population": name}."""
        wanted = node_set.get("population") if isinstance(node_set, dict) else node_set
        if wanted in (None, "all"):
            return list(net.assemblies)
        return [net.get_component(wanted)]

    def _feed(self, net: Any, name: str, config: Mapping[str, Any]) -> None:
        kind = config.get("module") or config.get("input_type")
        if config.get("input_type") == "spikes":
            self._feed_spikes(net, config)
        elif kind in ("IClamp", "current_clamp"):
            start = float(config["delay"])
            stop = start + float(config["duration"])
            source = self._sim.DCSource(amplitude=float(config["amp"]), start=start, stop=stop)
            for group in self._groups(net, config.get("node_set")):
                source.inject_into(group)
        else:
            raise PyNNError(f"The input {name!r} is of the kind {kind!r}. PyNN reads spikes and current clamps.")

    def _feed_spikes(self, net: Any, config: Mapping[str, Any]) -> None:
        with open_h5(config["input_file"]) as file:
            spikes = file["spikes"]
            for group in self._groups(net, config.get("node_set")):
                data = spikes[group.label] if group.label in spikes else spikes
                ids, times = (data["node_ids"] if "node_ids" in data else data["gids"]), data["timestamps"]
                rows = sonata_id_to_index(group, np.asarray(ids, dtype=np.int64))
                order = np.lexsort((np.asarray(times), rows))
                sorted_times, places = np.asarray(times, dtype=np.float64)[order], rows[order]
                bounds = np.searchsorted(places, np.arange(group.size + 1))
                group.set(spike_times=[sorted_times[a:b] for a, b in pairwise(bounds)])

    def _record(self, net: Any, name: str, config: Mapping[str, Any]) -> None:
        variable = {"V_m": "v", "membrane_potential": "v"}.get(config["variable_name"], config["variable_name"])
        for group in self._groups(net, config.get("cells", config.get("node_set"))):
            if group.can_record(variable):
                group.record(variable, sampling_interval=config.get("dt"))


def load_sonata_simulation_plan(config_file: str | Path) -> SimulationPlan:
    """The plan in ``simulation_config.json``."""
    return SimulationPlan.from_config(load_config(config_file))
