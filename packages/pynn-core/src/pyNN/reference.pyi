"""PyNN on this simulator: the module is made at run time."""

from pyNN._simulator_module import *
