"""What every model has: named parameters with units and ranges, variables, and where synapses arrive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from cawan.errors import listing
from cawan.fast_dataclasses import dataclass
from cawan.simulator import NativeModel, Values

from pyNN.errors import InvalidModelError, InvalidValueError, UnknownParameterError
from pyNN.legacy.warning import deprecated
from pyNN.parameters import Parameter, Sequence
from pyNN.standardmodels.translations import Translated

if TYPE_CHECKING:
    from pyNN.parameters import ParameterSpace


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable.

    Attributes
    ----------
    units
        PyNN's unit.
    initial
        Its value at time 0, or the name of the parameter that it equals; None where the simulator decides.
    recordable
        Whether ``record`` takes it.
    """

    units: str
    initial: float | str | None = 0.0
    recordable: bool = True


def initial_values(variables: Mapping[str, Variable], parameters: Mapping[str, Parameter]) -> dict[str, float]:
    """Each variable at time 0, with default parameters."""
    starts = {
        name: parameters[v.initial].default if isinstance(v.initial, str) else v.initial
        for name, v in variables.items()
    }
    return {name: float(start) if isinstance(start, int | float) else 0.0 for name, start in starts.items()}


class ModelType(Translated):
    """A model with its parameters as a script gave them.

    Attributes
    ----------
    parameters
        Name → default, unit and range.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})
    default_parameters: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    units: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "default_parameters" in cls.__dict__ and "parameters" not in cls.__dict__:
            declared = {name: _declared(cls, name, value) for name, value in cls.default_parameters.items()}
            cls.parameters = MappingProxyType(declared)
        cls.default_parameters = MappingProxyType({name: p.default for name, p in cls.parameters.items()})
        cls.units = MappingProxyType({name: p.units for name, p in cls.parameters.items() if p.units})

    def __init__(self, *values: Any, **parameters: Any) -> None:
        if values:
            parameters = self._by_name(values, parameters)
        for name, value in parameters.items():
            if name not in self.parameters:
                raise UnknownParameterError(
                    name, type(self).__name__, self.parameters, remedy=self._where_it_is_set(name, repr(value))
                )
        self.given: dict[str, Any] = {
            name: parameters.get(name, parameter.default) for name, parameter in self.parameters.items()
        }

    def _where_it_is_set(self, name: str, value: str = "…") -> str:
        """What to do with a name that is no parameter, "" where nothing is known of it."""
        return ""

    def _by_name(self, values: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """All in one mapping, as in PyNN 0.7, or a value without a name, where the model has one parameter alone."""
        names, model = list(self.parameters), type(self).__name__
        if len(values) == 1 and isinstance(values[0], Mapping) and not named:
            shown = ", ".join(f"{name}={value!r}" for name, value in values[0].items())
            deprecated(f"{model}({values[0]!r})", f"{model}({shown})")
            return dict(values[0])
        if len(names) == len(values) == 1 and not named:
            return {names[0]: values[0]}
        example = f", such as {model}({names[0]}={values[0]!r})" if names else ""
        raise TypeError(f"{model} takes its parameters by name{example}. It has: {listing(names)}.")

    @property
    def parameter_space(self) -> ParameterSpace:
        """The parameters as lazy arrays, of no shape yet."""
        from pyNN.parameters import ParameterSpace

        return ParameterSpace(self.given, self.get_schema(), component=type(self))

    @property
    def native_parameters(self) -> ParameterSpace:
        """The parameters by the simulator's names, of a class with ``translations``."""
        return self.translate(self.parameter_space)

    def get_schema(self) -> dict[str, Any]:
        """The type of one element of each parameter."""
        return {name: Sequence if parameter.is_series else float for name, parameter in self.parameters.items()}

    @classmethod
    def get_parameter_names(cls) -> list[str]:
        """Names of the parameters, as declared."""
        return list(cls.parameters)

    @classmethod
    def has_parameter(cls, name: str) -> bool:
        """Whether the model has such a parameter."""
        return name in cls.parameters

    def describe(self, template: Any = "modeltype_default.txt", engine: Any = "default") -> Any:
        """A description for people; the values themselves where ``template`` is None."""
        from pyNN.descriptions import render

        return render(engine, template, {"name": type(self).__name__, "parameters": dict(self.given)})

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """Refuse values that fit each parameter but not each other."""

    @property
    def composition(self) -> tuple[str, tuple[str, ...]]:
        """The model's name in a backend's table, and the names of its parts where it is put together from some.

        A class that a script derives from a standard model is that model, with other defaults.
        """
        ours = [kind.__name__ for kind in type(self).__mro__ if kind.__module__.startswith("pyNN.standardmodels.")]
        derived = ours and ours[0] not in _ABSTRACT
        return (ours[0] if derived else type(self).__name__), ()

    def complete(self, row: NativeModel) -> NativeModel:
        """The backend's row with what only this model knows, such as a morphology."""
        return row

    @property
    def possible_models(self) -> frozenset[str]:
        """The names under which a backend's table may have it: one, since each model has one definition."""
        name, parts = self.composition
        return frozenset({"+".join((name, *parts))})

    def __repr__(self) -> str:
        changed = ", ".join(
            f"{name}={value!r}" for name, value in self.given.items() if value is not self.parameters[name].default
        )
        return f"{type(self).__name__}({changed})"


def _declared(cls: type[ModelType], name: str, value: Any) -> Parameter:
    """A parameter of a class that a script declares by defaults alone, as PyNN 0.13 does."""
    inherited = cls.parameters.get(name)
    default = () if isinstance(value, Sequence | list | tuple) else value
    return Parameter(default, inherited.units, inherited.range) if inherited is not None else Parameter(default)


_ABSTRACT = frozenset(
    {"ModelType", "CellType", "StandardCellType", "SynapseType", "StandardSynapseType", "StandardCurrentSource",
     "StandardCellTypeComponent", "StandardPostSynapticResponse", "StandardIonChannelModel"}
)  # fmt: skip


class CellType(ModelType):
    """A kind of cell or spike source.

    Attributes
    ----------
    variables
        State variables by name.
    receptor_types
        Where synapses arrive; the first is the default.
    conductance_based
        Weights are conductances (µS), never negative; else currents (nA).
    injectable
        Whether a current source may be attached.
    default_initial_values
        State variables at time 0. A script may change those of an instance, for the populations that are made of it.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType({})
    receptor_types: ClassVar[tuple[str, ...]] = ()
    conductance_based: ClassVar[bool] = False
    injectable: ClassVar[bool] = False
    recordable: ClassVar[tuple[str, ...]] = ("spikes",)
    default_initial_values: Mapping[str, float] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.recordable = ("spikes", *(name for name, v in cls.variables.items() if v.recordable))
        cls.units = MappingProxyType({**cls.units, **{name: v.units for name, v in cls.variables.items()}})
        cls.default_initial_values = MappingProxyType(initial_values(cls.variables, cls.parameters))

    def __init__(self, *values: Any, **parameters: Any) -> None:
        super().__init__(*values, **parameters)
        self.default_initial_values = dict(type(self).default_initial_values)

    def _where_it_is_set(self, name: str, value: str = "…") -> str:
        """State variables, as cells of SpiNNaker have them among the parameters, and ``v_init`` of PyNN 0.6."""
        variable = name.removesuffix("_init")
        if variable not in self.variables:
            return ""
        return (
            f"{variable!r} is a state variable. Set it with initialize({variable}={value}), or as one of "
            "Population(…, initial_values=…)."
        )

    @property
    def changed_initial_values(self) -> dict[str, Any]:
        """Those initial values that a script changed."""
        usual = initial_values(self.variables, self.parameters)
        return {name: value for name, value in self.default_initial_values.items() if value != usual.get(name)}

    def can_record(self, variable: str, location: object = None) -> bool:
        """Whether ``record`` takes this variable."""
        return variable in self.recordable

    def require_parameter(self, name: str) -> None:
        """Refuse a name that is no parameter which can be changed."""
        if name not in self.parameters:
            remedy = self._where_it_is_set(name)
            raise UnknownParameterError(name, type(self).__name__, self.parameters, remedy=remedy)

    @property
    def constants(self) -> Mapping[str, Values]:
        """Values by PyNN's names that all cells have and none can change."""
        return MappingProxyType({})

    @property
    def weight_units(self) -> str:
        """The unit of weights onto this cell."""
        return "uS" if self.conductance_based else "nA"


class StandardCellType(CellType):
    """A cell type that is the same on every simulator."""

    always_local: ClassVar[bool] = False


class StandardCellTypeComponent(ModelType):
    """The neuron of a :class:`PointNeuron`: its membrane, without receptors."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType({})
    recordable: ClassVar[tuple[str, ...]] = ("spikes",)
    default_initial_values: ClassVar[Mapping[str, float]] = MappingProxyType({})
    injectable: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.recordable = ("spikes", *(name for name, v in cls.variables.items() if v.recordable))
        cls.default_initial_values = MappingProxyType(initial_values(cls.variables, cls.parameters))


class StandardPostSynapticResponse(ModelType):
    """One receptor of a :class:`PointNeuron`: what a spike makes of its weight."""

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType({})
    conductance_based: ClassVar[bool] = True
    recordable: ClassVar[tuple[str, ...]] = ()
    default_initial_values: ClassVar[Mapping[str, float]] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.recordable = tuple(name for name, v in cls.variables.items() if v.recordable)
        cls.units = MappingProxyType({**cls.units, **{name: v.units for name, v in cls.variables.items()}})
        cls.default_initial_values = MappingProxyType(initial_values(cls.variables, cls.parameters))


class StandardIonChannelModel(ModelType):
    """An ion channel of a multi-compartment neuron.

    Attributes
    ----------
    variables
        Its gates by name; they begin where the membrane potential at time 0 would hold them.
    ion
        What flows through it, "" where that is no ion of its own.
    """

    variables: ClassVar[Mapping[str, Variable]] = MappingProxyType({})
    ion: ClassVar[str] = ""


class SynapseType(ModelType):
    """A kind of synapse; ``weight`` (nA or µS) and ``delay`` (ms) are two of its parameters.

    ``delay`` None means min_delay. A parameter may be a number, an array of shape (n_pre, n_post), a
    RandomDistribution, a function of the distance, or an expression in ``d`` (µm).
    """

    plastic: ClassVar[bool] = False
    default_initial_values: ClassVar[Mapping[str, float]] = MappingProxyType({})
    always_from: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """State variables that begin with the value of a parameter, and with no other."""
    has_presynaptic_components: ClassVar[bool] = False

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.initial_state: dict[str, float] = {}


class StandardSynapseType(SynapseType):
    """A synapse type that is the same on every simulator."""


def require_order(owner: str, values: Mapping[str, Values], low: str, high: str) -> None:
    """Refuse where parameter ``low`` is not below parameter ``high``, for each cell."""
    import numpy as np

    below, above = np.broadcast_arrays(np.asarray(values[low], float), np.asarray(values[high], float))
    wrong = np.flatnonzero(np.atleast_1d(below >= above))
    if len(wrong):
        first = int(wrong[0])
        value, bound = float(np.atleast_1d(below)[first]), float(np.atleast_1d(above)[first])
        index = first if below.ndim else None
        raise InvalidValueError(owner, low, value, f"below {high} = {bound:g}", index=index, count=len(wrong))


class ModelNotAvailable:
    """Stands for a model that a simulator lacks; making one says so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise InvalidModelError(f"The model {type(self).__name__} is not available on this simulator.")
