"""One Mercurial command server for the whole process, which reads no configuration of a repository.

A start of Mercurial takes most of a second, a command to the server a few milliseconds. ``HGRCSKIPREPO`` keeps it from
reading ``.hg/hgrc``, whose hooks and extensions would otherwise be run.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import hglib
import hglib.client
import hglib.error
from cawan.repository import RepositoryError

_lock = threading.Lock()
_servers: dict[tuple[str, ...], hglib.client.hgclient] = {}


def program() -> str:
    """The ``hg`` of this environment, which the distribution ``mercurial`` brings, or that on the path."""
    beside = Path(sys.executable).parent / "hg"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("hg")
    if not found:
        raise RepositoryError("The program hg is not there. Install it with: pip install mercurial")
    return found


def _server() -> hglib.client.hgclient:
    """The server of this process; another one where the user's own configuration is another now."""
    own = os.environ.get("HGRCPATH", "")
    key = (str(os.getpid()), own or os.environ.get("HOME", ""), os.environ.get("HGUSER", ""))
    if key not in _servers:
        hglib.HGPATH = program()
        server = hglib.client.hgclient(None, "UTF-8", ["ui.relative-paths=no", "ui.archivemeta=False"], connect=False)
        server._env["HGRCSKIPREPO"] = "1"
        server.open()
        _servers[key] = server
    return _servers[key]


def hg(path: Path, *words: str, ok: Sequence[int] = (0,)) -> bytes:
    """What a command says about the repository in a folder; :class:`CommandError` for other exit codes than ``ok``."""
    with _lock:
        command = [b"-R", os.fsencode(path), *map(os.fsencode, words)]
        try:
            found: bytes = _server().rawcommand(command)
        except hglib.error.CommandError as error:
            if error.ret in ok:
                return bytes(error.out)
            raise
    return found


CommandError: type[Exception] = hglib.error.CommandError
"""A command that ended badly; its text says why."""


def reason(error: Exception) -> str:
    """The last thing that Mercurial said."""
    text = getattr(error, "err", b"") or getattr(error, "out", b"") or str(error).encode()
    lines = [line for line in bytes(text).decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("abort: ").strip() if lines else "it gave no reason"
