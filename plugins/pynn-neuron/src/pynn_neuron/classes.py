"""Cells of sections as PyNN 0.13 takes them: a subclass of ``NativeCellType`` whose ``model`` makes the sections.

An instance of ``model`` is made with the parameters by name. It has ``source``, a reference to the potential that is
watched for spikes (``self.soma(0.5)._ref_v``), ``source_section``, and ``memb_init()``, which is called once NEURON
has begun its state, with ``initial_values`` and ``v_init`` set.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Index, Native, NativeModel, Receptor, Values
from pyNN import native_types
from pyNN.errors import InvalidModelError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import Variable

from pynn_neuron.kernel import hoc
from pynn_neuron.native import THRESHOLD, OfSections, SectionCells


class NativeCellType(native_types.NativeCellType):
    """A cell type of sections; subclass it and say what the attributes say.

    Attributes
    ----------
    model
        The class that makes the sections of one cell.
    default_parameters, default_initial_values
        Of the model's parameters, and of ``v`` and other variables that ``memb_init`` looks at.
    recordable, units
        Such as ``"soma(0.5).v"``, and its unit; ``"v"`` is what ``source`` refers to.
    receptor_types
        Paths from a cell to its point processes, such as ``"soma.ampa"``.
    """

    model: ClassVar[type]
    recordable: ClassVar[Any] = ("v",)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        given = cls.__dict__
        for name in ("default_parameters", "model"):
            if name not in given and not hasattr(cls, "native_model"):
                raise InvalidModelError(f"{cls.__name__} has no {name!r}, which a NativeCellType of NEURON needs.")
        defaults = dict(given.get("default_parameters", {}))
        begins = {"v": -65.0, **given.get("default_initial_values", {})}
        units = dict(given.get("units", {}))
        cls.parameters = MappingProxyType({name: Parameter(float(value)) for name, value in defaults.items()})
        names = dict.fromkeys([*cls.recordable, *begins])
        cls.variables = MappingProxyType({name: Variable(units.get(name, ""), begins.get(name)) for name in names})
        cls.receptor_types = tuple(cls.receptor_types)
        del_if_own(cls, "units", "default_initial_values")
        cls.native_model = NativeModel(
            cls.__name__,
            {name: Native(name, default=float(value)) for name, value in defaults.items()},
            {name: Native(name) for name in names},
            {name: Receptor(name) for name in cls.receptor_types},
            keyed=False,
            details=OfSections(cls.model, begun_by_itself=True),
        )
        super().__init_subclass__(**kwargs)


def del_if_own(cls: type, *names: str) -> None:
    """Take attributes out of a class, where it has them itself: the base class computes them."""
    for name in names:
        if name in cls.__dict__:
            delattr(cls, name)


class SelfBegunCells(SectionCells):
    """Instances of a ``model``: they refer to their potential, and begin their own state."""

    def put(self, name: str, value: Values, index: Index | None) -> None:
        """Set a parameter, or a variable to begin with; once the cells run, a variable itself."""
        if name not in self.model.variables:
            super().put(name, value, index)
            return
        cells = self.chosen(index)
        for cell, x in zip(cells, np.broadcast_to(np.asarray(value, dtype=np.float64), (len(cells),)), strict=True):
            cell.initial_values = {**getattr(cell, "initial_values", {}), name: float(x)}
            if name == "v":
                cell.v_init = float(x)
                cell.source[0] = float(x)

    def begin(self) -> None:
        """Let each cell begin its state."""
        super().begin()
        for cell in self.chosen(None):
            cell.memb_init()

    def reference(self, cell: Any, name: str) -> Any:
        """NEURON's reference to a variable of a cell."""
        return cell.source if name == "v" else super().reference(cell, name)

    def place(self, cell: Any) -> Any:
        """Where currents are injected."""
        return cell.source_section(0.5)

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell, which fires where its potential rises through the threshold."""
        cell = self.objects[row]
        threshold = cell.get_threshold() if hasattr(cell, "get_threshold") else THRESHOLD
        return hoc().NetCon(cell.source, target, float(threshold), delay, weight, sec=cell.source_section)
