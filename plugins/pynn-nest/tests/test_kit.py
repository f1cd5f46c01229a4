"""NEST passes the kit."""

from pyNN.testing import BackendKit
from pynn_nest import NestBackend


class TestNest(BackendKit):
    """The same tests as every other simulator."""

    backend = NestBackend
