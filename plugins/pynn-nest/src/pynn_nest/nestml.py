"""Cell and synapse types from NESTML: compiled when first used, kept in the user's cache folder.

    from pyNN.nest import nestml
    Cell = nestml.nestml_cell_type("my_neuron", "my_neuron.nestml")

Needs ``pip install 'pynn-nest[nestml]'``, g++ and make. Compiling takes 10 to 40 s, finding it in the cache none. Both
functions are to be called before the first population is made; the types are as ``native_cell_type`` makes them.

Source: Plotnikov et al. (2016), "NESTML: a modeling language for spiking neurons", Modellierung 2016, 93-108.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from pyNN.native_types import NativeCellType, NativeSynapseType, cell_type_of, synapse_type_of

from pynn_nest.native import cell_row, synapse_row
from pynn_nest.nestml_modules import installed_models, read

__all__ = ["nestml_cell_type", "nestml_synapse_type"]


def nestml_cell_type(name: str, nestml_description: str | os.PathLike[str]) -> type[NativeCellType]:
    """A cell type from a neuron model in NESTML.

    Parameters
    ----------
    name
        What the class is called.
    nestml_description
        The path of a ``.nestml`` file, or its text.

    Raises
    ------
    PyNNError
        NESTML does not take the model (the first complaint, its line and column are told), or a tool is missing.
    """
    model = read(nestml_description)
    described = installed_models([model], {})
    return cell_type_of(cell_row(model.name, described[model.name]), "NEST", name)


def nestml_synapse_type(
    synapse_name: str,
    nestml_description: str | os.PathLike[str],
    postsynaptic_neuron_nestml_description: str | os.PathLike[str] | None = None,
    weight_variable: str = "w",
    delay_variable: str | None = None,
    post_ports: Sequence[str] = ("post_spikes",),
) -> type[NativeSynapseType]:
    """A synapse type from a synapse model in NESTML.

    Parameters
    ----------
    synapse_name
        What the class is called.
    nestml_description
        The path of a ``.nestml`` file, or its text.
    postsynaptic_neuron_nestml_description
        The neuron that a plastic synapse is made together with; the attribute ``postsynaptic_cell_type`` of the class
        that is returned is its cell type, and the synapse ends on such cells alone.
    weight_variable, delay_variable
        What the model calls them.
    post_ports
        Which of the synapse's ports hear the spikes of that neuron.

    Raises
    ------
    PyNNError
        As for :func:`nestml_cell_type`.
    """
    synapse = read(nestml_description)
    neuron = None
    if postsynaptic_neuron_nestml_description is not None:
        neuron = read(postsynaptic_neuron_nestml_description, synapse)
    options: dict[str, Any] = {"synapse_models": [synapse.name], "weight_variable": {synapse.name: weight_variable}}
    if delay_variable is not None:
        options["delay_variable"] = {synapse.name: delay_variable}
    if neuron is not None:
        pair = {"neuron": neuron.name, "synapses": {synapse.name: {"post_ports": list(post_ports)}}}
        options["neuron_synapse_pairs"] = [pair]
    described = installed_models([synapse, *([neuron] if neuron else [])], options)
    made = f"{synapse.name}__with_{neuron.name}" if neuron else synapse.name
    cls = synapse_type_of(synapse_row(made, described[made], weight_variable), "NEST", synapse_name)
    if neuron is not None:
        row = cell_row(post := f"{neuron.name}__with_{synapse.name}", described[post])
        cls.postsynaptic_cell_type = cell_type_of(row, "NEST", neuron.title)
    return cls
