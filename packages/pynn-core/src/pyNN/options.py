"""What ``setup`` takes: the clock, the seed, and every option that any PyNN simulator ever knew."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from typing import Any

from cawan.logs import logger
from cawan.simulator import Option, Settings

from pyNN.errors import InvalidValueError, PyNNError, UnknownOptionError
from pyNN.standardmodels.catalogue import RANDOM_SOURCES

_log = logger(__name__)

# Accepted everywhere, so that one script runs on every simulator; ignored, with one log line, where they mean nothing.
# PyNN's own examples give file names, levels of logging and what the BrainScaleS and NeuroML modules took; scripts for
# SpiNNaker, GeNN and BrainScaleS give how fast, how large and where.
KNOWN_ELSEWHERE = frozenset(
    "spike_precision rng_seed rng_seeds rng_seeds_seed grng_seed verbosity recording_precision threads t_flush "
    "use_cvode rtol atol native_rng_baseseed debug quit_on_end db_name seed native_poisson precision max_rate "
    "recordings weights connectivity filename loglevel parallel_safe file label hardware hardwareNeuronSize "
    "maxNeuronLoss maxSynapseLoss useSystemSim time_scale_factor n_chips_required n_boards_required graph_label "
    "database_socket_addresses machine model_name backend use_cpu reuse_genn_model log_level "
    "reference save_format".split()
)
_FOR_ALL = ("seed", "rng_seed", "rng_seeds", "grng_seed", "threads", "native_poisson", "recordings")
OWN = ("timestep", "min_delay", "max_delay", "seed", "threads", "native_poisson", "recordings")


def read_settings(
    timestep: float, min_delay: float | str | None, max_delay: float | str | None, extra: Mapping[str, Any],
    options: Mapping[str, Option], simulator: str,
) -> Settings:  # fmt: skip
    """Checked settings from the arguments of ``setup``.

    Raises
    ------
    InvalidValueError, UnknownOptionError
        Naming the argument.
    """
    step = _time("timestep", timestep)
    low = None if min_delay in ("auto", None) else _time("min_delay", min_delay)
    high = None if max_delay in ("auto", None) else _time("max_delay", max_delay)
    if low is not None and low < step * (1 - 1e-9):
        raise InvalidValueError("setup", "min_delay", low, f"at least the timestep, {step:g} ms")
    if high is not None and high < (low or step):
        raise InvalidValueError("setup", "max_delay", high, f"at least min_delay, {low or step:g} ms")
    chosen = _chosen(extra, options, simulator)
    return Settings(step, low, high, _seed(extra), _threads(extra), {**_defaults(options), **chosen})


def _chosen(extra: Mapping[str, Any], options: Mapping[str, Option], simulator: str) -> dict[str, object]:
    """The backend's own options; a name that nobody knows is refused, one that means nothing here is logged."""
    chosen: dict[str, object] = {}
    for name, value in extra.items():
        if name in options:
            allowed = options[name].choices
            if allowed is not None and value not in allowed:
                raise InvalidValueError("setup", name, value, " or ".join(repr(choice) for choice in allowed))
            chosen[name] = value
        elif name not in KNOWN_ELSEWHERE:
            raise UnknownOptionError(name, {*OWN, *options, *KNOWN_ELSEWHERE})
        elif name not in _FOR_ALL:
            _log.info("setup(%s=%r) means nothing on %s and is ignored.", name, value, simulator)
    return chosen


def _time(name: str, value: Any) -> float:
    if hasattr(value, "rescale"):
        value = float(value.rescale("ms"))
    if isinstance(value, str | bool) or value is None or not 0 < float(value) < float("inf"):
        raise InvalidValueError("setup", name, value, "a time above 0, in ms")
    return float(value)


def _seed(extra: Mapping[str, Any]) -> int:
    for name in ("seed", "rng_seed", "grng_seed", "rng_seeds"):
        value = extra.get(name)
        if value is not None:
            first = value[0] if isinstance(value, list | tuple) and value else value
            if isinstance(first, bool) or not isinstance(first, int) or first < 0:
                raise InvalidValueError("setup", name, value, "a whole number, 0 or more")
            return first
    return 0


def _threads(extra: Mapping[str, Any]) -> int:
    value = extra.get("threads", 1)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidValueError("setup", "threads", value, "a whole number, 1 or more")
    return value


def _defaults(options: Mapping[str, Option]) -> dict[str, object]:
    return {name: option.default for name, option in options.items()}


def read_recordings(extra: Mapping[str, Any]) -> str | os.PathLike[str]:
    """Where recordings are kept: "memory", "disk" or a folder."""
    value = extra.get("recordings", "memory")
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise InvalidValueError("setup", "recordings", value, "'memory', 'disk' or the name of a folder")
    return value


def read_native_sources(extra: Mapping[str, Any], models: Container[str], simulator: str) -> frozenset[str]:
    """The random sources that are left to the simulator: those that it has, where the script asks for them."""
    value = extra.get("native_poisson", False)
    if not isinstance(value, bool):
        raise PyNNError(f"native_poisson is {value!r}. It must be True or False.")
    if not value:
        return frozenset()
    own = frozenset(name for name in RANDOM_SOURCES if name in models)
    rest = [name for name in RANDOM_SOURCES if name not in own]
    if not own:
        _log.info("setup(native_poisson=True) means nothing on %s and is ignored: PyNN makes the spikes.", simulator)
    elif rest:
        drawn = ", ".join(sorted(own))
        _log.info("setup(native_poisson=True): %s draws %s. PyNN draws %s.", simulator, drawn, ", ".join(rest))
    return own
