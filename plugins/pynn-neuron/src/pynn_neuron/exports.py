"""What ``pyNN.neuron`` has beside PyNN's own names, imported when asked for."""

from __future__ import annotations

from pynn_neuron.kernel import hoc

h = hoc()
