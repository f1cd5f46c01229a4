"""Networks in the SONATA format: written, read back, and run as a plan says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyNN.errors import PyNNError, UnreadableFileError, UnwritableFileError
from pyNN.network import Network
from pyNN.random import RandomDistribution
from pyNN.serialization import asciify, export_to_sonata, import_from_sonata, load_sonata_simulation_plan
from pyNN.serialization.sonata import SonataIO
from pyNN.simulator import Simulator
from pyNN.state import State

h5py = pytest.importorskip("h5py", reason="needs h5py: pip install h5py")


def network(sim: Simulator) -> Network:
    """Two populations, a source and two projections, with drawn values."""
    cells = sim.Population(6, sim.IF_cond_exp(tau_m=lambda i: 10.0 + i, cm=RandomDistribution("normal", (0.5, 0.05))),
                           label="cells")  # fmt: skip
    others = sim.Population(4, sim.IF_curr_alpha(v_rest=-64.0), label="others")
    source = sim.Population(3, sim.SpikeSourceArray(), label="source")
    drawn = sim.StaticSynapse(weight=RandomDistribution("uniform", (0.0, 0.1)), delay=0.5)
    first = sim.Projection(cells, others, sim.FixedProbabilityConnector(0.5), drawn, receptor_type="excitatory")
    short = sim.TsodyksMarkramSynapse(weight=0.05, delay=1.0, U=0.3)
    second = sim.Projection(source, cells, sim.AllToAllConnector(), short, label="input")
    return Network(first, second)


def test_a_network_comes_back_as_it_was_written(sim: Simulator, tmp_path: Path) -> None:
    """Sizes, parameters, positions, connections, weights, delays and synapse parameters, number for number."""
    net = network(sim)
    export_to_sonata(net, tmp_path / "net")

    with Simulator("reference", timestep=0.1) as other:
        read = import_from_sonata(tmp_path / "net" / "circuit_config.json", other)
        for population in net.populations:
            back = read.get_component(population.label)
            assert back.size == population.size and np.array_equal(back.positions, population.positions)
            for name in population.celltype.parameters if population.label != "source" else ():
                assert np.array_equal(np.broadcast_to(population.get(name), 6), np.broadcast_to(back.get(name), 6)) or (
                    population.get(name) == back.get(name)
                )
        for projection in net.projections:
            back = read.get_component(asciify(projection.label).decode() + "-0")
            names = list(projection.synapse_type.get_parameter_names())
            assert back.get(names, "list") == projection.get(names, "list")
            assert back.receptor_type == projection.receptor_type


def test_a_plan_feeds_records_runs_and_writes(sim: Simulator, tmp_path: Path) -> None:
    """Input spikes from a file and a current clamp act as the configuration says, and spikes.h5 holds what came out."""
    export_to_sonata(network(sim), tmp_path / "net")
    with h5py.File(tmp_path / "input.h5", "w") as file:
        group = file.create_group("spikes/source")
        group["node_ids"], group["timestamps"] = np.array([2, 0, 0]), np.array([3.0, 9.0, 4.0])
    clamp = {"input_type": "current_clamp", "node_set": "cells", "amp": 2.0, "delay": 5.0, "duration": 20.0}
    config = {
        "run": {"tstop": 40.0, "dt": 0.1}, "network": str(tmp_path / "net" / "circuit_config.json"),
        "inputs": {"spikes": {"input_type": "spikes", "input_file": str(tmp_path / "input.h5"), "node_set": "source"},
                   "clamp": clamp},
        "reports": {"v": {"variable_name": "V_m", "cells": "cells"}}, "conditions": {"v_init": -60.0},
        "output": {"output_dir": str(tmp_path / "out"), "spikes_file": "spikes.h5"},
    }  # fmt: skip
    (tmp_path / "simulation_config.json").write_text(json.dumps(config))
    plan = load_sonata_simulation_plan(tmp_path / "simulation_config.json")

    with Simulator("reference") as other:
        plan.setup(other)
        net = import_from_sonata(tmp_path / "net" / "circuit_config.json", other)
        plan.execute(net)
        trace = net.get_component("cells").get_data("v").segments[0].analogsignals[0].magnitude
        counts = net.get_component("cells").get_spike_counts()
        assert isinstance(other.state, State) and other.time == pytest.approx(40.0)

    written = {block.name: block for block in SonataIO(tmp_path / "out").read()}
    assert (trace[0] == -60.0).all() and sum(counts.values()) > 0
    assert sum(len(train) for train in written["cells"].segments[0].spiketrains) == sum(counts.values())
    assert [t.magnitude.tolist() for t in written["source"].segments[0].spiketrains] == [[4.0, 9.0], [3.0]]


def test_what_cannot_be_written_or_read_is_named(sim: Simulator, tmp_path: Path) -> None:
    """A folder with other files is not overwritten, a view is no node population, a broken file is named."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("…")
    cells = sim.Population(3, sim.IF_curr_exp(), label="cells")

    with pytest.raises(UnwritableFileError, match=r"is not empty\. Give another folder"):
        export_to_sonata(Network(cells), tmp_path / "mine", overwrite=True)
    with pytest.raises(PyNNError, match="has a view or an assembly"):
        export_to_sonata(Network(sim.Projection(cells[:2], cells, sim.AllToAllConnector())), tmp_path / "views")
    with pytest.raises(UnreadableFileError, match=r"absent\.json cannot be read"):
        import_from_sonata(tmp_path / "absent.json", sim)
    assert (tmp_path / "mine" / "thesis.tex").exists()
