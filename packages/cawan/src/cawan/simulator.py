"""The interface of a simulator, and the plain values that cross it.

Names and units in every call are the simulator's own: the core has applied :class:`Native` and :class:`Receptor`
scales before it calls, and undoes them on what comes back. Times and delays are ms since ``setup``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from cawan.options import Option as Option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float64]"
Index: TypeAlias = "NDArray[np.int64]"
Values: TypeAlias = "float | Array | Ragged"
Block: TypeAlias = object
Recording: TypeAlias = object
Pulse: TypeAlias = Callable[[], bool]

_EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, such as the spike times of each cell.

    Attributes
    ----------
    data
        All rows one after the other, shape (splits[-1],).
    splits
        Shape (n_rows + 1,), not decreasing, starts with 0; row k is ``data[splits[k]:splits[k + 1]]``.
    """

    data: Array
    splits: Index

    def __len__(self) -> int:
        return len(self.splits) - 1

    def row(self, k: int) -> Array:
        """Row k, shape (n_k,)."""
        return self.data[int(self.splits[k]) : int(self.splits[k + 1])]


@dataclass(frozen=True, slots=True)
class Morphology:
    """The shape of a cell: a tree of segments, each a truncated cone that is cut into compartments of equal length.

    Attributes
    ----------
    parent
        The segment that each begins on, shape (n,); -1 for segment 0 alone, and parents come before their children.
    along
        Where on its parent each begins, 0 (the parent's beginning) … 1 (its end), shape (n,).
    proximal, distal
        Both ends: x, y, z and diameter, shape (n, 4), µm. An end need not lie where the parent is: ``parent`` counts.
    compartments
        In how many each is cut, shape (n,), at least 1.
    """

    parent: Index
    along: Array
    proximal: Array
    distal: Array
    compartments: Index

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the cells of one block; with ``receptor``, each gets a receptor of its own.

    Attributes
    ----------
    cell
        Row of the cell, shape (n,), not decreasing.
    segment, along
        Where on its morphology: a segment, and 0 (its beginning) … 1 (its end), both of shape (n,).
    receptor
        A receptor of the cells' model, "" for a place alone.
    values
        That receptor's parameters by native names.
    """

    cell: Index
    segment: Index
    along: Array
    receptor: str = ""
    values: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Edges:
    """One chunk of synapses: at most 10**6 rows, sorted by target within a chunk where a rule made them.

    Attributes
    ----------
    pre, post
        Rows of the presynaptic and postsynaptic block, shape (n,). A pair may occur more than once.
    values
        Only what differs from row to row, each of shape (n,); what all rows share is in ``Wiring.common``.
    """

    pre: Index
    post: Index
    values: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Draw:
    """Values drawn from a keyed stream: ``scale`` times a draw of ``distribution`` with PyNN's parameter names.

    Attributes
    ----------
    step, lowest, highest
        Where ``step`` is above 0, a draw becomes the nearest multiple of it, and of those the nearest that is no less
        than ``lowest`` and no more than ``highest`` steps, before it is scaled: delays lie on the clock.
    """

    distribution: str
    parameters: Mapping[str, float]
    stream: int
    scale: float = 1.0
    step: float = 0.0
    lowest: float = float("-inf")
    highest: float = float("inf")


@dataclass(frozen=True, slots=True)
class Rule:
    """The rows of a wiring as plain keyed data, for an engine that makes them itself; it must make the same rows.

    Attributes
    ----------
    kind
        ``all_to_all``, ``one_to_one``, ``fixed_probability``, ``fixed_number_pre``, ``fixed_number_post`` or
        ``fixed_total_number``; the reference ("random streams") defines each to the bit.
    parameters
        The numbers of that kind, such as ``p_connect``, ``n`` and ``with_replacement``.
    pre, post
        The row of each cell that the rule counts, in its order, shapes (n_pre,) and (n_post,); -1 for a cell that is
        in another block or belongs to another process: it is counted, but its rows are not of this wiring.
    stream
        The key of the structure's stream, 128 bits.
    draws
        Synapse parameters that are drawn, one :class:`Draw` each.
    twins
        Where some connections of a cell to itself are not allowed: the number, among the sources, of the cell that is
        target j, shape (n_post,), -1 where there is none. None where all are allowed.
    """

    kind: str
    parameters: Mapping[str, Values]
    pre: Index
    post: Index
    stream: int
    draws: Mapping[str, Draw] = field(default_factory=lambda: MappingProxyType({}))
    twins: Index | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """The synapses of one projection: iterate ``chunks()`` as often as you like, or expand ``rule`` yourself.

    Attributes
    ----------
    chunks
        Gives the rows that this process owns, at most 10**6 at a time.
    common
        Parameters equal in every row, known before the first chunk.
    size
        Rows in all, where that is known beforehand.
    """

    chunks: Callable[[], Iterator[Edges]]
    common: Mapping[str, float]
    rule: Rule | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Drive:
    """Poisson trains as plain keyed data, for an engine that draws the spikes itself; it must draw the same ones.

    Attributes
    ----------
    rate
        Of each source, Hz, shape (n,).
    start, stop
        A source fires from ``start`` to before ``stop``, ms, both of shape (n,).
    stream
        The key of the trains, 128 bits; the reference ("random streams", "Sources") defines the spikes to the bit.
    since
        Only what lies after this time is of these trains, ms.
    """

    rate: Array
    start: Array
    stop: Array
    stream: int
    since: float


@dataclass(frozen=True, slots=True)
class Tag:
    """What a block is called in files and errors, and the 128-bit key of every draw made inside it."""

    label: str
    stream: int


@dataclass(frozen=True, slots=True)
class Spikes:
    """Recorded spikes: ``index`` rows of the recorded block and ``time`` in ms, both (n_spikes,), in any order."""

    index: Index
    time: Array


@dataclass(frozen=True, slots=True)
class Samples:
    """Recorded values of one variable.

    Attributes
    ----------
    index
        Rows of the recorded block, one per channel, shape (n_channels,).
    start, interval
        Time of the first sample and distance of two, ms.
    values
        Shape (n_samples, n_channels), native units.
    times
        Time of each sample, ms, where the simulator chooses its own steps; else None.
    """

    index: Index
    start: float
    interval: float
    values: Array
    times: Array | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulation is set up; times in ms, None lets the backend choose."""

    timestep: float = 0.1
    min_delay: float | None = None
    max_delay: float | None = None
    seed: int = 0
    threads: int = 1
    options: Mapping[str, object] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True, slots=True)
class Native:
    """One parameter or variable, as the simulator calls it.

    Attributes
    ----------
    name
        The simulator's own name, such as ``C_m``.
    scale
        Native value = scale × PyNN's value.
    default
        The native value where PyNN's model has no such parameter.
    is_weight
        Takes the receptor's ``weight_scale`` too (the weight itself, ``w_max``, ``w_min``).
    scope
        The finest thing that may have a value of its own: each cell or synapse, each postsynaptic cell, the block.
    fixed
        Cannot change after the first ``advance``.
    """

    name: str
    scale: float = 1.0
    default: float | Ragged | None = None
    is_weight: bool = False
    scope: Literal["each", "post", "block"] = "each"
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Receptor:
    """Where synapses of one receptor type arrive (``port``: the backend's own), and the factor on their weights."""

    port: object = None
    weight_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class NativeModel:
    """What a standard model is on one simulator: a row of the backend's table, data and not code.

    Attributes
    ----------
    parameters, variables, receptors
        PyNN's name → the simulator's.
    computed
        Native values that follow from several of PyNN's (``g_L = C_m / tau_m``): takes PyNN's values by PyNN's
        names and units, gives native values by native names.
    symmetric
        A gap junction: one row acts in both directions.
    keyed
        What it draws by chance comes from the block's ``Tag.stream``; False: from the simulator's own generator.
    details
        Equations, mechanism, catalogue: the backend's own business.
    morphology
        Of cells of many compartments: their shape, which the core fills in before ``create``.
    injects
        A source of current of the simulator's own: ``connect`` attaches it as it attaches ``StepCurrentSource``.
    """

    name: str
    parameters: Mapping[str, Native]
    variables: Mapping[str, Native] = field(default_factory=lambda: MappingProxyType({}))
    receptors: Mapping[str, Receptor] = field(default_factory=lambda: MappingProxyType({}))
    computed: Callable[[Mapping[str, Values]], Mapping[str, Values]] | None = None
    symmetric: bool = False
    keyed: bool = True
    details: object = None
    morphology: Morphology | None = None
    injects: bool = False


class SimulatorBackend(ABC):
    """One simulator, as PyNN sees it: blocks of cells and of synapses, native names, native units, ms.

    A backend never meets a Population, a view, an assembly, a connector, a random distribution or a Neo object.
    PyNN has turned them into arrays before it calls, and turns arrays back afterwards.

    Attributes
    ----------
    interface
        The version that a plug-in is written for; state it in your class.
    name
        "NEST"; written into recorded data.
    models
        Standard model name → what it is here.
    options
        What ``Settings.options`` may hold. Where it has ``spike_precision`` and that is "off_grid", spike times come as
        the script gave them; else they are rounded up to the clock's next step.
    grows
        False: the network is complete at the first ``advance``.
    one_per_process
        The simulator's kernel is one per process: the core refuses a second live simulation.
    invents
        True: recorded data are made up, for tests and documentation, and nobody may expect them to be right.
    exports
        Extra names of ``pyNN.<name>``, "module:attribute", imported when asked for.
    """

    interface: ClassVar[int] = 1
    name: ClassVar[str]
    models: ClassVar[Mapping[str, NativeModel]]
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})
    grows: ClassVar[bool] = True
    one_per_process: ClassVar[bool] = False
    invents: ClassVar[bool] = False
    exports: ClassVar[Mapping[str, str]] = MappingProxyType({})

    @abstractmethod
    def setup(self, settings: Settings) -> None:
        """Forget everything that was built before; time is 0."""

    @abstractmethod
    def advance(self, until: float, pulse: Pulse) -> None:
        """Simulate to ``until`` (ms), or raise with ``time`` telling the truth.

        Calls ``pulse`` between slices of its own choice, about five times a second; False means stop there and
        raise :class:`cawan.errors.Stopped`.
        """

    @abstractmethod
    def end(self) -> None:
        """Release the simulator; calling it twice is harmless."""

    @property
    @abstractmethod
    def time(self) -> float:
        """Simulated time since ``setup`` or ``rewind``, ms."""

    @abstractmethod
    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Make ``size`` cells (0 is legal) or one current source each row, with native values."""

    @abstractmethod
    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Make the synapses of ``wiring`` as one block; ``receptor`` is a name in the post block's model."""

    @abstractmethod
    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Native values of these rows (all: None); of a synapse block also "i" and "j", the rows of its ends.

        Rows of a synapse block keep their number until the next ``create`` or ``connect``. Which row has which number
        is the backend's choice, but synapses of one pair stay in the order in which they came.
        """

    @abstractmethod
    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows (all: None) from now on. A time series replaces what lies after ``time``.

        A source fires as often as a time occurs in its ``spike_times``, several times in one step too.
        """

    @abstractmethod
    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on, every ``interval`` ms; "spikes" (interval 0) or a native variable."""

    @abstractmethod
    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new since the last read, which is then forgotten. ``stop``: this recording ends here."""

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """The row of a standard model, or of one composed of parts ("STDPMechanism" of rules).

        Raises
        ------
        LookupError
            Not available on this simulator.
        """
        return self.models["+".join((name, *parts))]


@runtime_checkable
class SupportsRewind(Protocol):
    """Can go back to time 0 with the network as it stands, exactly, faster than building it again."""

    def rewind(self) -> None:
        """Time is 0, state and plastic weights as first set; recordings go on."""
        ...


@runtime_checkable
class SupportsDrive(Protocol):
    """Draws the spikes of Poisson sources itself; without it, the core draws them and gives ``spike_times``."""

    def drive(self, sources: Block, drive: Drive) -> None:
        """Let this block of ``SpikeSourceArray`` fire as ``drive`` says, in place of all that it has after ``time``."""
        ...


@runtime_checkable
class SupportsRanks(Protocol):
    """Runs as several processes, each owning some of the rows."""

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        ...

    @property
    def size(self) -> int:
        """Processes in all."""
        ...

    def local(self, block: Block) -> Index:
        """Rows of a block that this process owns, increasing."""
        ...


@runtime_checkable
class SupportsDelays(Protocol):
    """Knows which delays are still possible."""

    def delay_range(self) -> tuple[float, float]:
        """Smallest and largest delay (ms) that a new synapse may have from now on; inf where nothing bounds it.

        The bounds that ``setup`` was given are possible at any time, also one without the other.
        """
        ...


@runtime_checkable
class SupportsNativeModels(Protocol):
    """Gives models outside the standard."""

    def describe(self, spec: object) -> NativeModel:
        """The row of a native model, with its defaults.

        Parameters
        ----------
        spec
            A name, the simulator's own class, or ``pyNN.equations.CellEquations``. What solves equations gives
            ``pyNN.equations.equations_row(spec)``, of which ``create`` finds the checked cell in ``details``.

        Raises
        ------
        LookupError
            There is no such model, or the simulator does not take a ``spec`` of this kind.
        """
        ...


@runtime_checkable
class SupportsPlaces(Protocol):
    """Has cells of many compartments: the row ``MultiCompartmentNeuron``, which ``resolve`` composes of parts.

    All cells of a block have the row's ``morphology``. A parameter is a float or, where it differs along the cell, a
    :class:`Ragged` of one row with a number for each segment. The block of cells itself stands for the place where
    they fire: the middle of segment ``source``.
    """

    def place(self, cells: Block, places: Places) -> Block:
        """A block with a row for each place, which serves as pre, post, recorded or injected block."""
        ...


@runtime_checkable
class SupportsHandles(Protocol):
    """Lets a script reach through to the simulator's own objects."""

    def handles(self, block: Block, index: Index | None = None) -> object:
        """The simulator's own objects of these rows."""
        ...
