"""Arbor passes the kit."""

from pyNN.testing import BackendKit
from pynn_arbor import ArborBackend


class TestArbor(BackendKit):
    """The same tests as every other simulator."""

    backend = ArborBackend
