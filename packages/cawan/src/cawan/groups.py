"""The kinds of plug-in there are: what users call each, where its interface is, which names are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Plugin(NamedTuple):
    """One entry point as its distribution declares it; nothing of it has been imported."""

    group: str
    name: str
    value: str
    distribution: str
    version: str
    summary: str


class Group(NamedTuple):
    """One kind of plug-in: what users call it, where its interface is, and which distribution has a known name."""

    kind: str
    interface: str
    known: Mapping[str, str] = {}


GROUPS: Mapping[str, Group] = {
    "pynn.backends": Group(
        "simulator backend",
        "cawan.simulator:SimulatorBackend",
        {name: f"pynn-{name}" for name in ("native", "nest", "neuron", "brian2", "arbor")} | {"reference": "pynn-core"},
    ),
    "pynn.expanders": Group("rule expander", "cawan.expander:Expander", {"compiled": "pynn-native"}),
    "sumatra.repositories": Group(
        "version-control system",
        "cawan.repository:Repository",
        {"git": "sumatra-git", "hg": "sumatra-mercurial", "svn": "sumatra-subversion", "bzr": "sumatra-bazaar"},
    ),
    "sumatra.record_stores": Group(
        "record store", "cawan.records:RecordStore", {"file": "sumatra-core", "shelve": "sumatra-shelve"}
    ),
    "sumatra.launch_modes": Group("launch mode", "cawan.launch:LaunchMode", {"serial": "sumatra-core"}),
    "sumatra.data_stores": Group(
        "data store", "cawan.data:DataStore", {name: "sumatra-core" for name in ("local", "archive", "mirror")}
    ),
    "sumatra.parameter_sets": Group("parameter format", "cawan.parameters:ParameterSet"),
}
