"""PyNN: write a spiking network once, run it on any simulator.

``import pyNN.nest as sim`` gives the network-building names on NEST; any installed backend works the same way.
``pyNN.load("nest")`` takes the name from a variable.
"""

from pyNN._importer import install_finder, list_simulators, load

__version__ = "0.1.0"
__all__ = ["list_simulators", "load"]

install_finder()
