"""The reference backend passes the kit, as any other must."""

from pyNN._reference import ReferenceBackend
from pyNN.testing import BackendKit


class TestReference(BackendKit):
    """The executable definition."""

    backend = ReferenceBackend
