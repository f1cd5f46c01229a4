"""What is recorded: tracks of spikes and samples, kept as plain arrays and handed over as Neo objects."""

from pyNN.recording.gathering import (
    MPI_ROOT,
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

__all__ = [
    "MPI_ROOT",
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
