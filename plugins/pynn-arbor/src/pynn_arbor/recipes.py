"""A network as Arbor asks for it, cell by cell."""

from __future__ import annotations

from typing import Any, Protocol

from pynn_arbor.kernel import arbor


class Asked(Protocol):
    """What is known of a network; cells go by their number in Arbor."""

    def size(self) -> int:
        """How many cells there are."""

    def kind(self, gid: int) -> Any:
        """Arbor's kind of a cell."""

    def catalogue(self) -> Any:
        """The mechanisms of cable cells."""

    def description(self, gid: int) -> Any:
        """Arbor's cell."""

    def connections(self, gid: int) -> list[Any]:
        """From other cells."""

    def generators(self, gid: int) -> list[Any]:
        """Events of no cell's spikes."""

    def probes(self, gid: int) -> list[Any]:
        """What is recorded."""


def recipe(network: Asked) -> Any:
    """Arbor's recipe; its base class is known only once Arbor is imported."""
    module = arbor()
    properties = module.neuron_cable_properties()
    properties.catalogue = network.catalogue()

    class Recipe(module.recipe):  # type: ignore[misc, name-defined]  # known only here
        def num_cells(self) -> int:
            return network.size()

        def cell_kind(self, gid: int) -> Any:
            return network.kind(gid)

        def global_properties(self, kind: Any) -> Any:
            return properties if kind == module.cell_kind.cable else None

        def cell_description(self, gid: int) -> Any:
            return network.description(gid)

        def connections_on(self, gid: int) -> list[Any]:
            return network.connections(gid)

        def event_generators(self, gid: int) -> list[Any]:
            return network.generators(gid)

        def probes(self, gid: int) -> list[Any]:
            return network.probes(gid)

    return Recipe()
