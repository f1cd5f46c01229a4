"""A network from SONATA files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyNN.network import Network
from pyNN.serialization.sonata.config import load_config, open_h5, read_types_file
from pyNN.serialization.sonata.edges import EdgePopulation
from pyNN.serialization.sonata.nodes import NodePopulation


def import_from_sonata(config_file: str | Path, sim: Any) -> Network:
    """The network of a circuit configuration, built on a simulator.

    Parameters
    ----------
    config_file
        ``circuit_config.json``.
    sim
        A simulator module that is set up.

    Raises
    ------
    PyNNError
        A file or a model that cannot be read, named.
    """
    config = load_config(config_file)
    net = Network()
    for files in config["networks"]["nodes"]:
        types = read_types_file(files["node_types_file"], "node")
        with open_h5(files["nodes_file"]) as data:
            for name, item in data["nodes"].items():
                net.add(NodePopulation.from_data(name, item, types, config).to_assembly(sim))
    for files in config["networks"].get("edges", ()):
        types = read_types_file(files["edge_types_file"], "edge")
        with open_h5(files["edges_file"]) as data:
            for name, item in data["edges"].items():
                net.add(*EdgePopulation.from_data(name, item, types, config).to_projections(net, sim))
    return net
