"""``sim.state``: what scripts and tests read from a simulator by the names of PyNN 0.13."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyNN.errors import PyNNError

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


class State:
    """A simulator's clock, delays and processes as plain attributes."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def t(self) -> float:
        """Simulated time, ms."""
        return self._simulator.time

    @property
    def t_start(self) -> float:
        """When the present run between resets began, ms."""
        return 0.0

    @property
    def dt(self) -> float:
        """The step of the clock, ms."""
        return self._simulator.timestep

    @property
    def min_delay(self) -> float:
        """The shortest delay of a synapse, ms."""
        return self._simulator.get_min_delay()

    @property
    def max_delay(self) -> float:
        """The longest delay of a synapse, ms."""
        return self._simulator.get_max_delay()

    @property
    def num_processes(self) -> int:
        """Processes that share the simulation."""
        return self._simulator.num_processes()

    @num_processes.setter
    def num_processes(self, number: int) -> None:
        self._pretend("num_processes", size=number)

    @property
    def mpi_rank(self) -> int:
        """Number of this process, from 0."""
        return self._simulator.rank()

    @mpi_rank.setter
    def mpi_rank(self, number: int) -> None:
        self._pretend("mpi_rank", rank=number)

    def _pretend(self, name: str, **numbers: int) -> None:
        """What tests without processes do; see ``pyNN.mock``."""
        pretend = getattr(self._simulator.backend, "pretend", None)
        if pretend is None:
            raise PyNNError(f"state.{name} cannot be set: processes are those that mpiexec began. pyNN.mock pretends.")
        pretend(**numbers)

    @property
    def running(self) -> bool:
        """Whether the simulation has begun."""
        return self._simulator.started

    @property
    def segment_counter(self) -> int:
        """How often ``reset`` was called."""
        return self._simulator.segment_counter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_simulator"], name)
