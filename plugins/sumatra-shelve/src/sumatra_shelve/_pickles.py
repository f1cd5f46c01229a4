"""What a pickle says, without running it: classes and functions in it stay names, nothing is imported or called.

The operations are decoded by :mod:`pickletools`, which only reads. Times, sets and plain containers are made by us;
every other object is a :class:`Thing` with a class name, arguments, a state and items.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cawan.records import StoreFormatError


@dataclass(slots=True)
class Thing:
    """An object of a class that we do not have, or a class itself."""

    name: str
    args: tuple[Any, ...] = ()
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)
    listed: list[Any] = field(default_factory=list)

    __hash__ = object.__hash__

    @property
    def class_name(self) -> str:
        """The class without its module."""
        return self.name.rpartition(".")[2]

    def attribute(self, name: str, default: Any = None) -> Any:
        """One attribute of its state."""
        return self.state.get(name, default) if isinstance(self.state, dict) else default


class _Mark:
    """A place on the stack."""


_MARK = _Mark()
_CONSTANTS = frozenset(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING",
                        "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
                        "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"))  # fmt: skip
_FIXED: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_IGNORED = frozenset(("PROTO", "FRAME"))


def read_pickle(data: bytes) -> Any:
    """The value of a pickle, plain data and :class:`Thing`; :class:`StoreFormatError` where it cannot be read."""
    machine = _Machine()
    try:
        for operation, argument, _ in pickletools.genops(data):
            if operation.name == "STOP":
                return machine.stack.pop()
            machine.step(operation.name, argument)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise StoreFormatError(f"This is no pickle of an old record store: {error}.") from error
    raise StoreFormatError("This pickle of an old record store is cut short.")


class _Machine:
    """A stack and a memory."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}
        self.does: dict[str, Callable[[], None]] = {
            "POP": lambda: self._drop(), "DUP": lambda: self.stack.append(self.stack[-1]),
            "MARK": lambda: self.stack.append(_MARK), "POP_MARK": lambda: self._drop_marked(),
            "TUPLE": lambda: self.stack.append(tuple(self._marked())), "EMPTY_TUPLE": lambda: self.stack.append(()),
            "TUPLE1": lambda: self._tuple(1), "TUPLE2": lambda: self._tuple(2), "TUPLE3": lambda: self._tuple(3),
            "LIST": lambda: self.stack.append(self._marked()), "EMPTY_LIST": lambda: self.stack.append([]),
            "DICT": lambda: self.stack.append(_pairs(self._marked())), "EMPTY_DICT": lambda: self.stack.append({}),
            "EMPTY_SET": lambda: self.stack.append(set()), "FROZENSET": lambda: self.stack.append(set(self._marked())),
            "APPEND": lambda: self._append([self.stack.pop()]), "APPENDS": lambda: self._append(self._marked()),
            "SETITEM": lambda: self._set_items(self._last(2)), "SETITEMS": lambda: self._set_items(self._marked()),
            "ADDITEMS": lambda: self._add(self._marked()), "REDUCE": self._reduce, "NEWOBJ": self._reduce,
            "NEWOBJ_EX": self._new_with_keywords, "BUILD": self._build, "STACK_GLOBAL": self._stack_global,
            "OBJ": self._object, "MEMOIZE": lambda: self._remember(len(self.memory)),
        }  # fmt: skip

    def step(self, name: str, argument: Any) -> None:
        """One operation."""
        if name in _CONSTANTS:
            self.stack.append(argument)
        elif name in _FIXED:
            self.stack.append(_FIXED[name])
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._remember(int(argument))
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self.stack.append(self.memory[int(argument)])
        elif name == "GLOBAL":
            self.stack.append(Thing(str(argument).replace(" ", ".")))
        elif name == "INST":
            self.stack.append(_make(Thing(str(argument).replace(" ", ".")), tuple(self._marked())))
        elif name in self.does:
            self.does[name]()
        elif name not in _IGNORED:
            raise ValueError(f"the operation {name} is not one of theirs")

    def _remember(self, place: int) -> None:
        self.memory[place] = self.stack[-1]

    def _drop(self) -> None:
        self.stack.pop()

    def _drop_marked(self) -> None:
        self._marked()

    def _marked(self) -> list[Any]:
        place = max(k for k, item in enumerate(self.stack) if item is _MARK)
        found = self.stack[place + 1 :]
        del self.stack[place:]
        return found

    def _last(self, count: int) -> list[Any]:
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    def _tuple(self, count: int) -> None:
        self.stack.append(tuple(self._last(count)))

    def _append(self, items: list[Any]) -> None:
        target = self.stack[-1]
        (target.listed if isinstance(target, Thing) else target).extend(items)

    def _set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        (target.items if isinstance(target, Thing) else target).update(_pairs(items))

    def _add(self, items: list[Any]) -> None:
        self.stack[-1].update(items)

    def _reduce(self) -> None:
        made, args = self._last(2)
        self.stack.append(_make(made, args))

    def _new_with_keywords(self) -> None:
        made, args, _ = self._last(3)
        self.stack.append(_make(made, args))

    def _object(self) -> None:
        made, *args = self._marked()
        self.stack.append(_make(made, tuple(args)))

    def _stack_global(self) -> None:
        module, name = self._last(2)
        self.stack.append(Thing(f"{module}.{name}"))

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(state, tuple) and len(state) == 2:
            state = {**(state[0] or {}), **(state[1] or {})}
        if isinstance(target, Thing):
            target.state = state


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))


def _make(made: Thing, args: tuple[Any, ...]) -> Any:
    """An object of a class or the result of a function that we know by name; else a thing that remembers both."""
    name = made.name
    if name in ("copy_reg._reconstructor", "copyreg._reconstructor") and args:
        return Thing(args[0].name, items=dict(args[2]) if len(args) > 2 and isinstance(args[2], dict) else {})
    if name in ("builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset"):
        return set(args[0]) if args else set()
    if name in ("collections.OrderedDict", "builtins.dict", "__builtin__.dict"):
        return {key: value for key, value in args[0]} if args else {}
    if name == "datetime.datetime":
        return _time(args)
    if name == "datetime.timedelta":
        return timedelta(*args)
    if name == "datetime.timezone":
        return timezone(args[0])
    if name in ("_codecs.encode",):
        return str(args[0]).encode("latin-1")
    return Thing(name, args)


def _time(args: tuple[Any, ...]) -> datetime:
    packed = args[0]
    if isinstance(packed, int):
        return datetime(*args)
    data = packed.encode("latin-1") if isinstance(packed, str) else bytes(packed)
    zone = args[1] if len(args) > 1 and isinstance(args[1], timezone) else UTC
    return datetime(data[0] * 256 + data[1], data[2] & 0x7F, data[3], data[4], data[5], data[6],
                    int.from_bytes(data[7:10], "big"), zone)  # fmt: skip
