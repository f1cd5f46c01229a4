"""Files that cannot be written, or whose content is not what it should be."""

from __future__ import annotations

from pyNN._value_errors import PyNNError


class UnwritableFileError(PyNNError, OSError):
    """A file that data cannot be written to."""

    exit_code = 73


class UnreadableFileError(PyNNError, OSError):
    """A file whose content is not what its ending says, or that names what may not be run."""

    exit_code = 65
