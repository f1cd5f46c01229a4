"""NEST's own module, as ``pyNN.nest.nest``: imported without its banner."""

from pynn_nest.kernel import nest as imported

nest = imported()
