"""Modules that were compiled for NEST: every kernel that is set up from then on has them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pyNN.errors import PyNNError

if TYPE_CHECKING:
    from pathlib import Path

_modules: list[Path] = []


def install_all(kernel: Any) -> None:
    """Load them into a new, empty kernel."""
    for path in _modules:
        _install(kernel, path)


def register(path: Path, kernel: Any | None) -> None:
    """Let every kernel have a module from now on.

    Parameters
    ----------
    kernel
        NEST, while a simulation is set up: it gets the module at once, unless it has neurons; NEST takes none then.
    """
    if path in _modules:
        return
    if kernel is not None and not kernel.network_size:
        _install(kernel, path)
    _modules.append(path)


def require_known(name: str, known: Collection[str]) -> None:
    """Whether the running kernel has a native model.

    Raises
    ------
    PyNNError
        It was registered when there were neurons already.
    """
    if name not in known:
        raise PyNNError(
            f"This simulation does not have {name}: NEST takes no new model once there are neurons. Register it before "
            "the first Population, or call setup() again."
        )


def _install(kernel: Any, path: Path) -> None:
    try:
        kernel.Install(str(path.with_suffix("")))
    except kernel.NESTError as error:
        raise PyNNError(f"NEST does not load the module {path}: {error}") from error
