"""PyNN on NEURON."""

from pynn_neuron.backend import NeuronBackend

__all__ = ["NeuronBackend"]
