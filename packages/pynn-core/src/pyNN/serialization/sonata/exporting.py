"""A network as SONATA files."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.errors import PyNNError, UnwritableFileError
from pyNN.network import Network
from pyNN.serialization.sonata.config import MAGIC, asciify, h5py, write_types_file

_log = logging.getLogger(__name__)
_MARK = "circuit_config.json"


def export_to_sonata(network: Network, output_path: str | Path, target: str = "PyNN", overwrite: bool = False) -> None:
    """Write a network: ``circuit_config.json``, a file of nodes for each population, one of edges for each projection.

    Parameters
    ----------
    target
        "PyNN": models by PyNN's names, for any simulator.
    overwrite
        Replace what an earlier export wrote there; a folder that holds anything else is refused.

    Raises
    ------
    UnwritableFileError
        The folder is there already.
    """
    if target.lower() != "pynn":
        raise PyNNError(f"target is {target!r}. Networks are exported by PyNN's names of models: target='PyNN'.")
    folder = Path(output_path)
    _empty(folder, overwrite)
    networks = folder / "networks"
    networks.mkdir(parents=True)
    (folder / "components").mkdir()
    config: dict[str, Any] = {
        "target_simulator": "PyNN",
        "manifest": {
            "$BASE_DIR": str(folder), "$NETWORK_DIR": "$BASE_DIR/networks", "$COMPONENT_DIR": "$BASE_DIR/components",
        },
        "components": {"point_neuron_models_dir": "$COMPONENT_DIR"},
        "networks": {"nodes": [], "edges": []},
    }  # fmt: skip
    for k, population in enumerate(network.populations):
        name = asciify(population.label).decode()
        _write_nodes(networks, name, k, population)
        files = {"nodes_file": f"nodes_{name}.h5", "node_types_file": f"node_types_{name}.csv"}
        config["networks"]["nodes"].append({key: f"$NETWORK_DIR/{file}" for key, file in files.items()})
    for k, projection in enumerate(network.projections):
        name = asciify(projection.label).decode()
        _write_edges(networks, name, k, projection)
        files = {"edges_file": f"edges_{name}.h5", "edge_types_file": f"edge_types_{name}.csv"}
        config["networks"]["edges"].append({key: f"$NETWORK_DIR/{file}" for key, file in files.items()})
    (folder / _MARK).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _empty(folder: Path, overwrite: bool) -> None:
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (overwrite and (folder / _MARK).is_file()):
        remedy = "Give overwrite=True." if (folder / _MARK).is_file() else "Give another folder."
        raise UnwritableFileError(f"The folder {str(folder)!r} is there already and is not empty. {remedy}")
    shutil.rmtree(folder)


def _new_file(path: Path) -> Any:
    file = h5py().File(path, "w")
    file.attrs["version"] = np.array([0, 1], dtype=np.uint32)
    file.attrs["magic"] = np.uint32(MAGIC)
    return file


def _write_nodes(folder: Path, name: str, number: int, population: Any) -> None:
    kind = type(population.celltype).__name__
    virtual = kind.startswith("SpikeSource")
    row: dict[str, Any] = {"model_type": "virtual" if virtual else "point_neuron"}
    if not virtual:
        row["model_template"] = f"pynn:{kind}"
    else:
        _log.warning("%s: spike sources are exported without their times; list them in simulation_config.json.", name)
    with _new_file(folder / f"nodes_{name}.h5") as file:
        nodes = file.create_group("nodes").create_group(name)
        size = population.size
        nodes.create_dataset("node_id", data=np.arange(size, dtype=np.int64))
        nodes.create_dataset("node_type_id", data=np.full(size, number, dtype=np.int64))
        nodes.create_dataset("node_group_id", data=np.zeros(size, dtype=np.int64))
        nodes.create_dataset("node_group_index", data=np.arange(size, dtype=np.int64))
        group = nodes.create_group("0")
        for axis, values in zip("xyz", population.positions, strict=True):
            group.create_dataset(axis, data=values)
        varying = group.create_group("dynamics_params")
        for parameter in () if virtual else population.celltype.parameters:
            values = population.get(parameter, gather=True)
            if isinstance(values, np.ndarray):
                varying.create_dataset(parameter, data=values)
            else:
                row[parameter] = float(values)
    write_types_file(folder / f"node_types_{name}.csv", "node", number, row)


def _write_edges(folder: Path, name: str, number: int, projection: Any) -> None:
    for group, side in ((projection.pre, "presynaptic"), (projection.post, "postsynaptic")):
        if len(group.parts()) != 1 or group.size != group.parts()[0][0].size:
            raise PyNNError(
                f"{projection.label!r} has a view or an assembly as its {side} cells. SONATA's edges join whole "
                "populations: make projections between populations."
            )
    names = list(projection.synapse_type.get_parameter_names())
    table = projection.get(names, "list", gather="all")
    columns = np.array(table, dtype=np.float64).reshape(len(table), 2 + len(names))
    row: dict[str, Any] = {
        "model_template": f"pynn:{type(projection.synapse_type).__name__}", "receptor_type": projection.receptor_type,
    }  # fmt: skip
    with _new_file(folder / f"edges_{name}.h5") as file:
        edges = file.create_group("edges").create_group(name)
        for column, (part, group) in enumerate((("source", projection.pre), ("target", projection.post))):
            ends = edges.create_dataset(f"{part}_node_id", data=columns[:, column].astype(np.int64))
            ends.attrs["node_population"] = asciify(group.label).decode()
        size = len(columns)
        edges.create_dataset("edge_type_id", data=np.full(size, number, dtype=np.int64))
        edges.create_dataset("edge_group_id", data=np.zeros(size, dtype=np.int64))
        edges.create_dataset("edge_group_index", data=np.arange(size, dtype=np.int64))
        varying = edges.create_group("0").create_group("dynamics_params")
        for k, parameter in enumerate(names):
            values = columns[:, 2 + k]
            if size and (values == values[0]).all():
                row[parameter] = float(values[0])
            else:
                varying.create_dataset(parameter, data=values)
    write_types_file(folder / f"edge_types_{name}.csv", "edge", number, row)
