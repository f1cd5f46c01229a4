"""Networks and simulations in the SONATA format (Dai et al. 2020, PLoS Computational Biology 16, e1007696); needs h5py.

A PyNN population is a SONATA node population with one group; a node population that is read becomes an assembly with a
population for each group. A projection is an edge population.
"""

from importlib.util import find_spec

from pyNN.serialization.sonata.config import MAGIC, asciify, cast, condense, load_config, read_types_file
from pyNN.serialization.sonata.edges import EdgeGroup, EdgePopulation
from pyNN.serialization.sonata.exporting import export_to_sonata
from pyNN.serialization.sonata.importing import import_from_sonata
from pyNN.serialization.sonata.nodes import NodeGroup, NodePopulation, sonata_id_to_index
from pyNN.serialization.sonata.plan import SimulationPlan, load_sonata_simulation_plan
from pyNN.serialization.sonata.results import SonataIO

HAVE_H5PY = find_spec("h5py") is not None

__all__ = [
    "HAVE_H5PY",
    "MAGIC",
    "EdgeGroup",
    "EdgePopulation",
    "NodeGroup",
    "NodePopulation",
    "SimulationPlan",
    "SonataIO",
    "asciify",
    "cast",
    "condense",
    "export_to_sonata",
    "import_from_sonata",
    "load_config",
    "load_sonata_simulation_plan",
    "read_types_file",
    "sonata_id_to_index",
]
