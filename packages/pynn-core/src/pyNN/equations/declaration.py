"""What a user writes: a cell type as text and plain values, which a data file may hold too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from cawan.errors import listing, suggestion

from pyNN.equations.checked import CheckedCell
from pyNN.equations.checking import check
from pyNN.errors import EquationError


@dataclass(frozen=True, repr=False)
class CellEquations:
    """A cell type of your own: ``sim.native_cell_type(CellEquations(…))``.

    It is checked here, completely. The right sides hold numbers, names, ``+ - * / // % **``, comparisons,
    ``and or not``, ``a if b else c`` and the functions of :data:`pyNN.expressions.FUNCTIONS`; they are parsed by PyNN
    and never executed. Times are in ms and rates per ms, so ``dv/dt`` is in mV/ms; the current ``i_inj`` that flows
    into the cell, from current sources and gap junctions, is in nA. With nF and µS nothing needs a factor.

    In the step from t to t + h the state moves on with the current that flows from t on, then takes the input that
    arrives at t + h, then fires at t + h where the threshold is true, and is reset. An equation that is linear in its
    own variable, with coefficients of parameters alone (``dg/dt = -g/tau``, or ``dv/dt`` with ``i_inj`` but without
    another variable), is solved exactly. All others follow the classical Runge-Kutta method of order 4, in as many
    equal steps as ``longest_step`` wants; there, exact variables are exact at the beginning, middle and end.

    Attributes
    ----------
    name
        A Python identifier.
    equations
        Lines ``dx/dt = … : unit`` for state variables, of which one is ``v``, and ``name = … : unit`` for
        intermediates. ``#`` begins a comment. The unit is what recorded data are labelled with.
    parameters
        Name → default, or [default, unit], or [default, unit, range]; range is "any", "positive", "nonnegative" or
        "probability".
    threshold
        A comparison such as ``v >= v_thresh``; "": the cells never fire.
    reset
        What a spike does, in this order: ``v = v_reset; w += b``, of state variables and parameters.
    refractory
        How long a cell that fired holds ``v``, ms: a number, or an expression of parameters. Other variables go on; a
        jump of a held ``v`` is lost.
    receptors
        Receptor type → the state variable that the weight of an arriving spike is added to, in its unit.
    initial_values
        State variable → a number, or the name of a parameter. Those that are not named begin at 0.
    longest_step
        The longest step of the Runge-Kutta method, ms; it is unstable where something is pulled faster than
        2.785 / step.

    Raises
    ------
    EquationError
        Which part is wrong, where, what is allowed, and what to do.

    References
    ----------
    Kutta (1901), Zeitschrift für Mathematik und Physik 46, 435.

    >>> leaky = CellEquations(
    ...     "Leaky", "dv/dt = (v_rest - v)/tau + i_inj/cm : mV", threshold="v >= -50", reset="v = v_rest",
    ...     parameters={"tau": [20.0, "ms", "positive"], "cm": [1.0, "nF", "positive"], "v_rest": [-65.0, "mV"]},
    ...     receptors={"excitatory": "v"}, initial_values={"v": "v_rest"},
    ... )
    >>> list(leaky.checked.exact)
    ['v']
    """

    name: str
    equations: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    threshold: str = ""
    reset: str = ""
    refractory: float | str = 0.0
    receptors: Mapping[str, str] = field(default_factory=dict)
    initial_values: Mapping[str, float | str] = field(default_factory=dict)
    longest_step: float = float("inf")
    checked: CheckedCell = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", check(self))

    def __hash__(self) -> int:
        return hash((self.name, self.equations, self.threshold, self.reset))

    def __repr__(self) -> str:
        return f"CellEquations({self.name!r})"

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> CellEquations:
        """From what a JSON or YAML file holds: a mapping with the names of the attributes.

        Raises
        ------
        EquationError
            It is no such mapping, or something in it is wrong.
        """
        known = [part.name for part in fields(cls) if part.init]
        name = str(data.get("name", "A cell type")) if isinstance(data, Mapping) else "A cell type"
        allowed = f"It has name and equations, and may have: {listing(known[2:])}."
        if not isinstance(data, Mapping) or not {"name", "equations"} <= data.keys():
            raise EquationError(name, "its data", "they are no mapping with name and equations", allowed)
        for key in data:
            if key not in known:
                hint = suggestion(str(key), known)
                raise EquationError(name, "its data", f"there is no part {key!r}", f"{allowed}{hint}")
        return cls(**data)
