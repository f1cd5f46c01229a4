"""What a backend declares that it cannot do is refused in the core, before anything has changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from cawan.simulator import Native, NativeModel
from pyNN._reference import ReferenceBackend
from pyNN._reference.models import MODELS
from pyNN.errors import BackendBusyError, DelayRangeError, FixedNetworkError, PyNNError
from pyNN.simulator import Simulator


def with_parameter(name: str, native: Native) -> Mapping[str, NativeModel]:
    """The reference's table with one parameter of IF_curr_exp declared otherwise."""
    row = MODELS["IF_curr_exp"]
    return {**MODELS, "IF_curr_exp": dataclasses.replace(row, parameters={**row.parameters, name: native})}


class Rigid(ReferenceBackend):
    """Cannot grow; has one v_thresh for each block; cm is fixed once it runs."""

    interface: ClassVar[int] = 1
    grows: ClassVar[bool] = False
    models: ClassVar[Mapping[str, NativeModel]] = {
        **with_parameter("cm", Native("cm", fixed=True)),
        "IF_cond_exp": dataclasses.replace(
            MODELS["IF_cond_exp"],
            parameters={**MODELS["IF_cond_exp"].parameters, "v_thresh": Native("v_thresh", scope="block")},
        ),
    }


class Single(ReferenceBackend):
    """One kernel for each process."""

    interface: ClassVar[int] = 1
    one_per_process: ClassVar[bool] = True


class Settled(ReferenceBackend):
    """Fixes its longest delay at the first step, as NEST does."""

    interface: ClassVar[int] = 1

    def delay_range(self) -> tuple[float, float]:
        """Up to 2 ms from then on."""
        return self.timestep, 2.0 if self.time > 0.0 else float("inf")


def test_a_delay_set_in_mid_run_is_held_to_the_delays_of_then() -> None:
    """4 ms is possible before the first step, and refused with what is allowed afterwards; the delays stay."""
    with Simulator(Settled, timestep=0.1) as sim:
        cells = sim.Population(1, sim.IF_curr_exp())
        made = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=4.0))
        made.set(delay=1.0)
        sim.run(1.0)
        with pytest.raises(DelayRangeError, match=r"4 ms, above max_delay = 2 ms"):
            made.set(delay=4.0)
        made.set(delay=1.5)

        assert made.get("delay", "list", with_address=False) == [1.5]


def test_growth_after_the_first_run_is_refused() -> None:
    """A population or projection made after run() is refused; nothing was built, and reset() opens it."""
    with Simulator(Rigid, timestep=0.1) as sim:
        cells = sim.Population(2, sim.IF_curr_exp())
        sim.run(1.0)
        built = list(sim.backend._cells)
        for make in (
            lambda: sim.Population(1, sim.IF_curr_exp()),
            lambda: sim.Projection(cells, cells, sim.AllToAllConnector()),
        ):
            with pytest.raises(FixedNetworkError, match=r"cannot add a .* after the first run\(\).*after reset\(\)"):
                make()
        assert sim.backend._cells == built
        sim.reset()
        sim.Population(1, sim.IF_curr_exp())
        assert len(sim.populations) == 2


def test_fixed_parameters_are_refused_once_it_runs() -> None:
    """A fixed parameter can be set before run() and not after; the value stays."""
    with Simulator(Rigid, timestep=0.1) as sim:
        cells = sim.Population(2, sim.IF_curr_exp())
        cells.set(cm=0.5)
        sim.run(1.0)
        with pytest.raises(FixedNetworkError, match="change 'cm' of IF_curr_exp"):
            cells.set(cm=0.7)

        assert cells.get("cm") == 0.5


@pytest.mark.parametrize("give", ["at once", "later", "a view"])
def test_shared_parameters_take_one_value(give: str) -> None:
    """Where a simulator has one value for all cells, arrays and views are refused, in create and in set."""
    with Simulator(Rigid, timestep=0.1) as sim, pytest.raises(PyNNError, match="one 'v_thresh' for all cells"):
        made: dict[str, Any] = {"v_thresh": [-50.0, -49.0]} if give == "at once" else {}
        cells = sim.Population(2, sim.IF_cond_exp(**made))
        (cells[[0]] if give == "a view" else cells).set(v_thresh=-48.0 if give == "a view" else [-50.0, -49.0])


def test_a_second_simulation_on_one_kernel_is_refused() -> None:
    """Two Simulators on a kernel that is one per process: the second is refused until the first end()."""
    first, second = Simulator(Single), Simulator(Single)
    first.setup()
    with pytest.raises(BackendBusyError, match=r"Call end\(\) on that one first"):
        second.setup()
    first.end()

    assert second.setup() == 0
    second.end()
