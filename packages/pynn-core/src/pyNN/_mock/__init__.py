"""The simulator that does not simulate: it takes any network and gives invented data, for tests and documentation."""

from pyNN._mock.backend import MockBackend

__all__ = ["MockBackend"]
