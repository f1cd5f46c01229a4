"""What is said of the machine and of the environment's variables: values by an allow-list, of the rest a digest."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from cawan.events import JSON
from cawan.launch import Platform

from sumatra.local.durable import write_file

# Variables that change what a computation does and that nobody keeps a secret in (reliability rules, 5.7).
_SHOWN = re.compile(
    r"PATH|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|LANG|LC_\w+|TZ|VIRTUAL_ENV|CONDA_(PREFIX|DEFAULT_ENV)|PYTHON\w+|"
    r"(OMP|MKL|OPENBLAS|NUMEXPR|BLIS|GOTO|KMP|OMPI|MPICH|SLURM|PBS)_\w+|CUDA_VISIBLE_DEVICES|NEURON\w*|NEST_\w+"
)
_SECRET = re.compile(r"pass|secret|token|key|credential|jwt|auth", re.IGNORECASE)
# These differ from terminal to terminal and from run to run; they cannot explain a result.
_NOISE = re.compile(r"_|PWD|OLDPWD|SHLVL|TERM\w*|COLUMNS|LINES|WINDOW\w*|SSH_\w+|XDG_\w+|DBUS_\w+|SMT_\w+|CAWAN_\w+|"
                    r"PYTEST_\w+|PS\d")  # fmt: skip


def salt(folder: Path) -> bytes:
    """Random bytes of this project, so that a digest of a variable says nothing to anybody else."""
    path = folder / "salt"
    if not path.exists():
        write_file(path, os.urandom(32), mode=0o600)
    return path.read_bytes()


def variables(environment: Mapping[str, str], salted: bytes) -> dict[str, JSON]:
    """``shown``: name and value; ``others``: name and a salted digest, enough to see that a value changed."""
    shown: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, value in sorted(environment.items()):
        if _NOISE.fullmatch(name):
            continue
        if _SHOWN.fullmatch(name) and not _SECRET.search(name):
            shown[name] = re.sub(r"(\w+://)[^/@\s]+@", r"\1***@", value)
        else:
            others[name] = hashlib.sha256(salted + os.fsencode(f"{name}={value}")).hexdigest()[:16]
    return {"shown": shown, "others": others}


def this_machine() -> Platform:
    """This machine as a record describes it; asks the system's files only."""
    bits, linkage = f"{64 if sys.maxsize > 2**32 else 32}bit", {"linux": "ELF", "darwin": ""}.get(sys.platform, "")
    system = os.uname()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if "SC_PHYS_PAGES" in os.sysconf_names else 0
    return Platform(
        system.nodename, system.sysname, system.release, system.version, system.machine, _processor(), bits, linkage,
        cores, memory,
    )  # fmt: skip


def surroundings(environment: Mapping[str, str]) -> dict[str, JSON]:
    """Where a run is: the batch job, the container and the graphics cards, as far as variables and files say.

    No program is started and no library is loaded for it.
    """
    found: dict[str, JSON] = {}
    for system, names in _JOBS.items():
        known = {name.lower(): environment[name] for name in names if environment.get(name)}
        if known:
            found["job"] = {"system": system, **known}
            break
    container = next((environment[name] for name in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER", "CONTAINER_ID")
                      if environment.get(name)), "")  # fmt: skip
    if container or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        found["container"] = container or _container_name()
    cards = [_card(folder) for folder in sorted(Path("/proc/driver/nvidia/gpus").glob("*"))]
    if any(cards):
        found["gpus"] = [card for card in cards if card]
    return found


_JOBS = {
    "slurm": ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_JOB_NODELIST", "SLURM_NTASKS"),
    "pbs": ("PBS_JOBID", "PBS_ARRAYID"), "lsf": ("LSB_JOBID", "LSB_JOBINDEX"), "sge": ("JOB_ID", "SGE_TASK_ID"),
}  # fmt: skip


def _container_name() -> str:
    try:
        text = Path("/run/.containerenv").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "docker"
    image = re.search(r'^image(?:id)?="([^"]*)"', text, re.MULTILINE)
    return image[1] if image else "podman"


def _card(folder: Path) -> str:
    try:
        found = re.search(r"^Model:\s*(.+)$", (folder / "information").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1].strip() if found else ""


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else platform.processor()
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return model[1] if model else text if len(text) < 100 else ""


def platform_document(machine: Platform) -> dict[str, JSON]:
    """A platform as plain data."""
    return asdict(machine)
