"""The kit that every simulator backend passes: its tests are the definition of the interface.

    from pyNN.testing import BackendKit
    from pynn_mysim import MySimBackend

    class TestMySim(BackendKit):
        backend = MySimBackend
        known_failures = {"test_synapses_arrive_on_time": "mysim delivers one step late, mysim#42"}

It needs pytest (``pip install "pynn-core[testing]"``). Tests of models that the backend's table lacks are skipped; a
known failure must fail. ``-k clock``, ``recording``, ``cells``, ``synapses``, ``currents``, ``errors`` selects a part.
"""

import pytest

if not __debug__:
    raise ImportError("The kit's tests are assertions, which python -O leaves out. Run it without -O.")

_MODULES = (
    "abilities agreement cells clock currents expanders launching mistakes native_sources plasticity processes "
    "recording rounding sources synapses".split()
)
pytest.register_assert_rewrite(*(f"pyNN.testing.{name}" for name in _MODULES))  # a failing test shows its values

from pyNN.testing.expanders import ExpanderKit  # noqa: E402 - the line above must come first
from pyNN.testing.kit import BackendKit  # noqa: E402 - the same

__all__ = ["BackendKit", "ExpanderKit"]
