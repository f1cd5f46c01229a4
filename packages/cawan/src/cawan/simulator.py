"""The interface of a simulator; the plain values that cross it are those of ``values``, ``wiring`` and ``models``.

Names and units in every call are the simulator's own: the core has applied :class:`Native` and :class:`Receptor`
scales before it calls, and undoes them on what comes back. Times and delays are ms since ``setup``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

from cawan.models import Native, NativeModel, Receptor
from cawan.options import Option
from cawan.values import (
    Array,
    Drive,
    Index,
    Morphology,
    Places,
    Ragged,
    Samples,
    Settings,
    Spikes,
    Tag,
    Values,
)
from cawan.wiring import Draw, Edges, Rule, Wiring

__all__ = [
    "Array",
    "Block",
    "Draw",
    "Drive",
    "Edges",
    "Index",
    "Morphology",
    "Native",
    "NativeModel",
    "Option",
    "Places",
    "Pulse",
    "Ragged",
    "Receptor",
    "Recording",
    "Rule",
    "Samples",
    "Settings",
    "SimulatorBackend",
    "Spikes",
    "SupportsDelays",
    "SupportsDrive",
    "SupportsHandles",
    "SupportsNativeModels",
    "SupportsPlaces",
    "SupportsRanks",
    "SupportsRewind",
    "Tag",
    "Values",
    "Wiring",
]

Block: TypeAlias = object
Recording: TypeAlias = object
Pulse: TypeAlias = Callable[[], bool]


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
