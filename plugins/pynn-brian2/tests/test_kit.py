"""Brian 2 passes the kit."""

from __future__ import annotations

from pyNN.testing import BackendKit
from pynn_brian2 import Brian2Backend


class TestBrian2(BackendKit):
    """The same tests as every other simulator."""

    backend = Brian2Backend
