"""The embedded engine passes the kit."""

from pyNN.testing import BackendKit
from pynn_native import NativeBackend


class TestNative(BackendKit):
    """The same tests as every other simulator."""

    backend = NativeBackend
