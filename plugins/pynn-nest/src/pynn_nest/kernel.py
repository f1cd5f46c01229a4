"""NEST's kernel: imported in silence at the first setup, set up for one simulation at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from cawan.simulator import Settings

from pynn_nest.extensions import install_all

_live = False


@contextmanager
def silence() -> Iterator[None]:
    """Nothing reaches the screen, not even from C++; Python's own streams are flushed first."""
    sys.stdout.flush()
    kept, empty = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(empty, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(empty)


@cache
def nest() -> Any:
    """The module ``nest``, told to report errors alone."""
    with silence():
        import nest as module

        module.verbosity = module.VerbosityLevel.ERROR
    return module


def running() -> Any | None:
    """The module ``nest`` while a simulation is set up, else None."""
    return nest() if _live else None


def release() -> None:
    """Empty the kernel: the simulation is over."""
    global _live
    _live = False
    nest().ResetKernel()


def reset(settings: Settings) -> None:
    """A new, empty kernel, with the modules that were registered."""
    global _live
    kernel = nest()
    kernel.ResetKernel()
    _live = True
    kernel.verbosity = kernel.VerbosityLevel.ERROR
    values: dict[str, Any] = {
        "resolution": settings.timestep,
        "local_num_threads": settings.threads,
        "rng_seed": settings.seed % (2**32 - 1) + 1,
    }
    kernel.SetKernelStatus(values)
    install_all(kernel)
    if settings.min_delay is not None and settings.max_delay is not None:
        kernel.SetKernelStatus({"min_delay": settings.min_delay, "max_delay": settings.max_delay})


def draw_from(seed: int, stream: int) -> None:
    """Begin NEST's generators anew, from a seed and a key."""
    word = np.random.SeedSequence([seed % (1 << 64), stream % (1 << 128)]).generate_state(1)[0]
    nest().SetKernelStatus({"rng_seed": int(word) % (2**32 - 1) + 1})


def keep_delay(settings: Settings) -> None:
    """Let the kernel have delays as far as the one bound that was given: it fixes both at its first step.

    It takes bounds in pairs only, so a connection that nothing goes through stands for one alone.
    """
    given = [bound for bound in (settings.min_delay, settings.max_delay) if bound is not None]
    if len(given) == 1:
        pair = nest().Create("parrot_neuron", 2)
        nest().Connect(pair[:1], pair[1:], syn_spec={"delay": given[0]})


def set_nodes(nodes: Any, values: Mapping[str, Any]) -> None:
    """Set values of nodes: an array of shape (n,) has one for each, anything else is for all.

    Node collections of NEST 3.10 ask every node for its whole status before they set anything, which takes several
    times as long as setting.
    """
    each = {name: value.tolist() for name, value in values.items() if isinstance(value, np.ndarray)}
    shared = {name: value for name, value in values.items() if name not in each}
    rows = zip(*each.values(), strict=True) if each else ((),)
    status = [shared | dict(zip(each, row, strict=True)) for row in rows]
    direct = getattr(getattr(nest().ll_api, "nestkernel", None), "llapi_set_nc_status", None)
    if direct is None:
        nodes.set(status)
    else:
        direct(nodes._datum, status)
