"""Data classes made fast behave as those of the standard library, on which each test is tried too."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest
from cawan import fast_dataclasses
from cawan.fast_dataclasses import dataclass, field

MODULES = pytest.mark.parametrize("module", [fast_dataclasses, dataclasses], ids=["fast", "standard"])


@dataclass(frozen=True, slots=True)
class Place:
    """A class that pickle finds by its name."""

    x: float
    y: float = 0.0
    names: list[str] = field(default_factory=list)


def classes(module: Any, **options: bool) -> tuple[Any, Any]:
    """A class and one that is derived from it, both with these options."""

    @module.dataclass(**options)
    class Cell:
        kinds: ClassVar[int] = 2
        tau: float
        label: str = "cell"
        spikes: list[float] = module.field(default_factory=list)

        def doubled(self) -> float:
            return 2 * self.tau

    @module.dataclass(**options)
    class Leaky(Cell):
        hidden: int = module.field(default=3, repr=False)

    return Cell, Leaky


def outcome(action: Callable[..., object], *given: object, **named: object) -> object:
    """What an action gives, or which error it raises."""
    try:
        return action(*given, **named)
    except (AttributeError, TypeError) as error:
        return type(error)


def observed(module: Any, **options: bool) -> list[object]:
    """What can be seen of classes of one module."""
    base, derived = classes(module, **options)
    one, other = derived(10.0, spikes=[1.0]), derived(tau=10.0, spikes=[1.0])
    return [
        repr(one), one == other, one == base(10.0, spikes=[1.0]), one == (10.0,), one == one, one != other,
        hash(one) != hash(other) if not options["eq"] else outcome(hash, one),
        outcome(setattr, one, "tau", 5.0), outcome(delattr, one, "tau"), outcome(getattr, one, "tau"),
        base(1.0).spikes is base(1.0).spikes, base.kinds, base(4.0).doubled(), derived.__match_args__,
        hasattr(one, "__dict__"), str(inspect.signature(derived)), [f.name for f in dataclasses.fields(derived)],
        outcome(derived), outcome(base, 1, 2, 3, 4), outcome(base, 1, tau=2), outcome(base, 1, size=2),
    ]  # fmt: skip


@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("eq", [True, False])
def test_a_fast_data_class_does_what_a_standard_one_does(eq: bool, frozen: bool, slots: bool) -> None:
    """Construction, text, equality, hash, assignment, deletion, and what dataclasses and inspect say: all the same."""
    fast, standard = (observed(module, eq=eq, frozen=frozen, slots=slots) for module in (fast_dataclasses, dataclasses))

    assert fast == standard


@MODULES
def test_copies_are_equal_and_changed_ones_differ_in_what_was_changed(module: ModuleType) -> None:
    """``replace`` of either module, copy, deepcopy and ``asdict`` take classes of both."""
    _, leaky = classes(module, frozen=True, slots=True)
    one = leaky(10.0, "x", [1.0, 2.0])

    for replace in (fast_dataclasses.replace, dataclasses.replace):
        assert replace(one, tau=5.0) == leaky(5.0, "x", [1.0, 2.0])
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert copy.deepcopy(one).spikes is not one.spikes
    assert dataclasses.asdict(one) == {"tau": 10.0, "label": "x", "spikes": [1.0, 2.0], "hidden": 3}


def test_a_frozen_slotted_one_can_be_pickled() -> None:
    """It comes back equal, although nothing can be assigned to it."""
    place = Place(1.0, names=["a"])

    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 - made here
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
        place.x = 2.0  # type: ignore[misc]


def test_a_standard_data_class_may_be_derived_from_a_fast_one() -> None:
    """A plug-in's own class gets the fields of ours, in their order, and is frozen as ours is."""

    @dataclasses.dataclass(frozen=True)
    class Named(Place):
        z: float = 1.0

    assert Named(1.0, 2.0, ["a"], 3.0) == Named(x=1.0, y=2.0, names=["a"], z=3.0)
    assert [f.name for f in dataclasses.fields(Named)] == ["x", "y", "names", "z"]
    with pytest.raises(TypeError, match="frozen"):
        dataclasses.dataclass(type("Loose", (Place,), {"__annotations__": {"z": "float"}}))


@MODULES
def test_post_init_sees_all_fields(module: Any) -> None:
    """``__post_init__`` is called once, when everything is there."""

    @module.dataclass
    class Sum:
        a: int
        b: int = 2

        def __post_init__(self) -> None:
            self.c = self.a + self.b

    assert Sum(1).c == 3


def test_wrong_arguments_are_named() -> None:
    """The error says what is wrong, and what the class takes."""
    for given, named, text in (
        ((), {}, "Place lacks x. It takes x, y, names."),
        ((1, 2, [], 3), {}, "Place was given 4 values without a name. It takes x, y, names."),
        ((1,), {"z": 2}, "Place has no field 'z'. It takes x, y, names."),
        ((1,), {"x": 2}, "Place was given 'x' twice, once by its place. It takes x, y, names."),
    ):
        with pytest.raises(TypeError) as caught:
            Place(*given, **named)  # type: ignore[arg-type]
        assert str(caught.value) == text


@MODULES
def test_a_default_that_all_would_share_is_refused(module: Any) -> None:
    """A list as a default is a mistake in the class."""
    with pytest.raises(ValueError, match="default_factory"):

        @module.dataclass
        class Wrong:
            spikes: list[float] = []
