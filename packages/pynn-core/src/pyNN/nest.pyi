"""PyNN on NEST: the module is made at run time."""

from typing import Any

from pyNN._simulator_module import *

nest: Any
nestml: Any
