"""Modules that were compiled for NEST: every kernel that is set up from then on has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyNN.errors import PyNNError

_modules: list[Path] = []


def install_all(kernel: Any) -> None:
    """Load them into a new, empty kernel."""
    for path in _modules:
        _install(kernel, path)


def register(model: str, path: Path, kernel: Any | None) -> None:
    """Let every kernel have a module from now on, that of a running simulation too.

    Parameters
    ----------
    model
        What the module is for, in a message.
    kernel
        NEST, while a simulation is set up.

    Raises
    ------
    PyNNError
        That simulation has neurons already: NEST takes no module then.
    """
    if path in _modules:
        return
    if kernel is not None:
        if kernel.network_size:
            raise PyNNError(
                f"NEST takes no new model once there are neurons, so {model} cannot be registered now: do it before "
                "the first Population, or before setup()."
            )
        _install(kernel, path)
    _modules.append(path)


def _install(kernel: Any, path: Path) -> None:
    try:
        kernel.Install(str(path.with_suffix("")))
    except kernel.NESTError as error:
        raise PyNNError(f"NEST does not load the module {path}: {error}") from error
