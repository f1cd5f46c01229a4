"""PyNN: write a spiking network once, run it on any simulator.

``import pyNN.nest as sim`` gives the network-building names on NEST; any installed backend works the same way.
``pyNN.load("nest")`` takes the name from a variable.
"""

import os as _os

from pyNN._importer import install_finder, list_simulators, load

__version__ = "0.1.0"
__all__ = ["list_simulators", "load"]

for _name in _os.listdir(_os.path.dirname(_os.path.dirname(__file__))):
    if _name.lower().startswith("pynn-") and _name[5:6].isdigit() and _name.endswith(".dist-info"):
        raise ImportError(
            f"The distributions pynn-core {__version__} and {_name.removesuffix('.dist-info')} own the same files, and "
            "one lies over the other. Mend it with: pip uninstall -y pynn pynn-core; pip install pynn-core"
        )

install_finder()
