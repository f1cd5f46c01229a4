"""Cell types of the user's own, given by their equations: checked completely, and nothing of them is ever executed.

:class:`CellEquations` is what a user writes or a data file holds, :class:`CheckedCell` what a backend gets.
"""

from pyNN.equations.checked import CURRENT, CheckedCell, Linear
from pyNN.equations.declaration import CellEquations
from pyNN.equations.rows import equations_row
from pyNN.equations.stepping import Stepper, derived, limits

__all__ = ["CURRENT", "CellEquations", "CheckedCell", "Linear", "Stepper", "derived", "equations_row", "limits"]
