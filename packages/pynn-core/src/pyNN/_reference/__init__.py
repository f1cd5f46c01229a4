"""The NumPy backend: the executable definition of every standard model. Slow and exact; it needs nothing else."""

from pyNN._reference.backend import ReferenceBackend

__all__ = ["ReferenceBackend"]
