"""MySim passes the kit."""

from pyNN.testing import BackendKit
from pynn_mysim import MySimBackend


class TestMySim(BackendKit):
    """The same tests as every other simulator."""

    backend = MySimBackend
