"""The kit as a whole: one class of tests for each concern."""

from __future__ import annotations

from cawan.simulator import SimulatorBackend

from pyNN.testing.abilities import AbilityTests
from pyNN.testing.agreement import AgreementTests
from pyNN.testing.cells import CellTests
from pyNN.testing.chance import ChanceTests, GapTests, RenewalTests
from pyNN.testing.clock import ClockTests
from pyNN.testing.compartments import CompartmentTests
from pyNN.testing.currents import CurrentTests
from pyNN.testing.mistakes import MistakeTests
from pyNN.testing.models import ModelTests
from pyNN.testing.native_sources import NativeSourceTests
from pyNN.testing.plasticity import PlasticityTests
from pyNN.testing.recording import RecordingTests
from pyNN.testing.rules import RuleTests
from pyNN.testing.solving import EquationTests
from pyNN.testing.sources import SourceTests
from pyNN.testing.stdp import StdpTests
from pyNN.testing.synapses import SynapseTests


class BackendKit(
    ClockTests, RecordingTests, CellTests, ModelTests, SynapseTests, PlasticityTests, StdpTests, ChanceTests,
    GapTests, SourceTests, RenewalTests, NativeSourceTests, CurrentTests, AgreementTests,
    RuleTests, MistakeTests, AbilityTests, CompartmentTests,
    EquationTests,
):  # fmt: skip
    """All tests; set ``backend`` to the class under test."""

    __test__ = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        backend = getattr(cls, "backend", None)
        if backend is None:
            raise TypeError(f"{cls.__name__} has no backend. Set backend = YourBackend, the class under test.")
        if not isinstance(backend, type) or not issubclass(backend, SimulatorBackend):
            raise TypeError(
                f"{cls.__name__}.backend is {backend!r}, which is no subclass of SimulatorBackend. "
                "Set the class itself, not an instance or a name."
            )
        cls.__test__ = True
