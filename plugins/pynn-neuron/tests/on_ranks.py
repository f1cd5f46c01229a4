"""Cells of sections, of many compartments and artificial ones in one network; prints spikes of two runs, cell by cell.

``python on_ranks.py`` computes it in one process, ``mpiexec -n 2 python on_ranks.py`` in two.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import pyNN.neuron as sim  # type: ignore[import-untyped]
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import KdrChannel, NaChannel, PassiveLeakHH
from pyNN.standardmodels.receptors import CondBetaPostSynapticResponse
from pyNN.testing.compartments import Sections

TREE = Sections(soma=("", 20.0, 20.0), dendrite=("soma", 200.0, 2.0))
DENSITY = {"leak": 3e-4, "na": 0.12, "kdr": 0.036}


class Squid:
    """One section with NEURON's own channels, as PyNN's users write it."""

    receptor_types = ("ampa",)
    recordable = ("v",)

    def __init__(self, gnabar: float = 0.12) -> None:
        self.soma = sim.h.Section(name="soma", cell=self)
        self.soma.L = self.soma.diam = 20.0
        self.soma.insert("hh")
        self.soma(0.5).hh.gnabar = gnabar
        self.ampa = sim.h.ExpSyn(self.soma(0.5))
        self.source = self.soma(0.5)


class Tree(MultiCompartmentNeuron):
    """Soma and dendrite with a receptor."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"leak": PassiveLeakHH, "na": NaChannel, "kdr": KdrChannel}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondBetaPostSynapticResponse}


def build() -> dict[str, Any]:
    """Populations by name, each of which hears of the one before."""
    squids = sim.Population(5, sim.native_cell_type(Squid)(gnabar=[0.10, 0.11, 0.12, 0.13, 0.14]), label="squids")
    squids.initialize(v=-65.0)
    channels = {name: {"conductance_density": density} for name, density in DENSITY.items()}
    channels["leak"]["e_rev"] = -54.3
    receptor = {"locations": "dendrite", "tau_rise": 0.2, "tau_decay": 2.0}
    tree = Tree(morphology=TREE, exc=receptor, **channels)
    trees = sim.Population(3, tree, initial_values={"v": -65.0}, label="trees")
    points = sim.Population(4, sim.IF_cond_exp(tau_m=[8.0, 10.0, 12.0, 14.0]), label="points")
    artificial = sim.Population(3, sim.native_cell_type("IntFire1")(tau=20.0, refrac=2.0), label="artificial")
    single = sim.Population(1, sim.IF_cond_exp(i_offset=2.0), label="single")  # fewer cells than processes
    times = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 22.0], [7.0, 30.0]]), label="times")
    everyone, two_steps = sim.AllToAllConnector(), 0.05

    def join(pre: Any, post: Any, weight: float, receptor: str, delay: float = 1.0) -> None:
        sim.Projection(pre, post, everyone, sim.StaticSynapse(weight=weight, delay=delay), receptor_type=receptor)

    join(times, squids, 0.02, "ampa")
    join(squids, trees, 0.005, "exc")
    join(trees, points, 0.05, "excitatory", two_steps)
    join(squids, points, 0.001, "inhibitory")
    join(points, artificial, 0.4, "default", 0.025)
    join(artificial, points, 0.02, "excitatory", two_steps)
    sim.DCSource(amplitude=0.3, start=10.0, stop=12.0).inject_into(trees)
    return {group.label: group for group in (squids, trees, points, artificial, single)}


def main() -> None:
    """Two runs from time 0, in the first of which a parameter changes."""
    sim.setup(timestep=0.025, seed=1)
    groups = build()
    for group in groups.values():
        group.record("spikes")
    points = groups["points"] + groups["single"]
    points.record("v")
    sim.run(15.0)
    groups["points"][1:3].set(i_offset=0.4)
    sim.run(25.0)
    sim.reset()
    sim.run(20.0)
    blocks = {name: group.get_data("spikes") for name, group in groups.items()}
    traces = points.get_data("v")
    if sim.rank() == 0:
        found = {
            name: [
                [[round(float(t), 6) for t in train.magnitude] for train in segment.spiketrains]
                for segment in block.segments
            ]
            for name, block in blocks.items()
        }
        v = [[round(float(x), 6) for x in s.analogsignals[0].magnitude[-1]] for s in traces.segments]
        sys.stdout.write(json.dumps({"spikes": found, "v": v, "processes": sim.num_processes()}) + "\n")
    sim.end()


if __name__ == "__main__":
    main()
