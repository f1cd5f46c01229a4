"""What is recorded: tracks of spikes and samples, kept as plain arrays and handed over as Neo objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyNN.recording.gathering import (
    MPI_ROOT,
    DataCache,
    Variable,
    filter_by_variables,
    gather_array,
    gather_blocks,
    gather_dict,
    get_io,
    get_mpi_comm,
    mpi_sum,
    remove_duplicate_spiketrains,
    rename_existing,
    safe_makedirs,
)

if TYPE_CHECKING:
    from pyNN.recording.recorder import Recorder

__all__ = [
    "MPI_ROOT",
    "DataCache",
    "Recorder",
    "Variable",
    "filter_by_variables",
    "gather_array",
    "gather_blocks",
    "gather_dict",
    "get_io",
    "get_mpi_comm",
    "mpi_sum",
    "remove_duplicate_spiketrains",
    "rename_existing",
    "safe_makedirs",
]


def __getattr__(name: str) -> Any:
    if name == "Recorder":
        from pyNN.recording.recorder import Recorder

        return Recorder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
