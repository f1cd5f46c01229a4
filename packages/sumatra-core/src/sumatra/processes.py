"""Who is a process, in words that another process can check next week: alive, gone, or not ours to say."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from cawan.events import JSON


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


@cache
def boot() -> str:
    """An identity that changes when this machine starts anew, or "" where the system has none."""
    found = _read("/proc/sys/kernel/random/boot_id")
    if not found and os.uname().sysname == "Darwin":
        asked = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False)
        found = asked.stdout.strip()
    return found


@cache
def machine() -> str:
    """This machine: its name, and a digest of its machine id, since many machines are called localhost."""
    return f"{os.uname().nodename}/{sha256(_read('/etc/machine-id').encode()).hexdigest()[:12]}"


def _namespace() -> str:
    """Process numbers mean something only inside one container."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def started(pid: int) -> str:
    """When a process started, in the kernel's own words, "" where there is no such process."""
    text = _read(f"/proc/{pid}/stat")
    if text:
        # The name, in parentheses, may hold blanks and parentheses itself; the start is the 20th field after it.
        fields = text.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    if Path("/proc/self/stat").exists():
        return ""
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def identity(pid: int | None = None) -> dict[str, JSON]:
    """A process of this machine, this one by default, as plain data."""
    pid = pid or os.getpid()
    return {"machine": machine(), "boot": boot(), "namespace": _namespace(), "pid": pid, "start": started(pid)}


def is_gone(process: Mapping[str, Any]) -> bool | None:
    """True and False are evidence; None: that cannot be seen from here."""
    if process.get("machine") != machine() or not process.get("boot"):
        return None
    if process["boot"] != boot():
        return True
    if process.get("namespace") != _namespace():
        return None
    return started(int(process["pid"])) != process.get("start")
