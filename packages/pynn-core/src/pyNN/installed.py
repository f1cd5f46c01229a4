"""Which of the installed simulators can do what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cawan.errors import CawanError
from cawan.logs import logger
from cawan.simulator import NativeModel, SimulatorBackend

from pyNN.standardmodels import cells
from pyNN.standardmodels.cells import RandomSource

_log = logger(__name__)


def _loadable() -> Iterator[tuple[str, type[SimulatorBackend]]]:
    """Names and classes; one that does not load is left out."""
    from pyNN._importer import backends

    plugins = backends()
    for name in plugins.names():
        try:
            yield name, plugins.load(name)
        except CawanError as error:
            _log.debug("%s is not asked what it can do: %s", name, error)


def simulators_with(model: str) -> list[str]:
    """Installed simulators whose table has a model."""
    return [name for name, backend in _loadable() if has_model(backend.models, model)]


def simulators_able(ability: type) -> list[str]:
    """Installed simulators that have an optional ability, one of the Protocols of :mod:`cawan.simulator`."""
    return [name for name, backend in _loadable() if issubclass(backend, ability)]


def has_model(models: Mapping[str, NativeModel], name: str) -> bool:
    """Whether a table has a model, has it as the first of a composition, or has what the core makes it from."""
    if name in models or any(row.startswith(f"{name}+") for row in models):
        return True
    model = getattr(cells, name, None)
    return isinstance(model, type) and issubclass(model, RandomSource) and "SpikeSourceArray" in models
