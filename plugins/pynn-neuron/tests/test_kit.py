"""NEURON passes the kit."""

from pyNN.testing import BackendKit
from pynn_neuron import NeuronBackend


class TestNeuron(BackendKit):
    """The same tests as every other simulator."""

    backend = NeuronBackend
