"""``smt``, in which one call that writes into the notebook fails: ``faulty_smt.py K ERRNO TOLD PLANT WORDS …``.

The K-th of all calls that open for writing, synchronise, rename, link or make a folder below ``.smt`` raises the error;
what it was is written to the file TOLD. PLANT is "swallow" for a notebook with a bug: it ignores what the disk says.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
from collections.abc import Callable
from typing import Any

K, CODE, TOLD, PLANT = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
_open = builtins.open
_calls = 0


def burn(name: str, place: Any) -> None:
    """Count a call; the K-th fails."""
    global _calls
    if ".smt" not in os.fsdecode(place):
        return
    _calls += 1
    if _calls == K:
        with _open(TOLD, "a") as file:
            file.write(f"{name} {os.fsdecode(place)}\n")
        raise OSError(CODE, os.strerror(CODE), os.fsdecode(place))


def wrap(owner: Any, name: str, place: Callable[..., Any]) -> None:
    """Count the calls of a function; ``place`` gives the path that it writes to, "" where it only reads."""
    call = getattr(owner, name)

    def wrapped(*words: Any, **options: Any) -> Any:
        burn(name, place(*words, **options))
        return call(*words, **options)

    setattr(owner, name, wrapped)


def _opened(path: Any, flags: int, *rest: Any, **options: Any) -> Any:
    return path if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else ""


def _opened_file(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
    return path if isinstance(path, (str, bytes, os.PathLike)) and set(mode) & set("wxa+") else ""


wrap(os, "open", _opened)
wrap(builtins, "open", _opened_file)
io.open = builtins.open
wrap(os, "fsync", lambda file: os.readlink(f"/proc/self/fd/{file}"))
for _name in ("rename", "replace", "link", "mkdir"):
    wrap(os, _name, lambda path, *rest, **options: path)

if PLANT == "swallow":
    import contextlib

    from sumatra.local import durable, events

    events.writing = durable.writing = lambda place: contextlib.suppress(OSError)  # type: ignore[assignment]

from sumatra.cli.main import main  # noqa: E402 - only now, as its modules take functions by name

main(sys.argv[5:])
