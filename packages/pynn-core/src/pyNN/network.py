"""A network as one object: its populations, views, assemblies and projections, recorded and read together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyNN.errors import PyNNError, UnknownNameError
from pyNN.populations import Assembly, Group, Population, PopulationView
from pyNN.projections import Projection


class Network:
    """Populations, views, assemblies and projections, found by their labels.

    Parameters
    ----------
    components
        What it consists of; the populations that a projection or an assembly joins come with it.
    """

    def __init__(self, *components: Any) -> None:
        self._components: list[Any] = []
        self.add(*components)

    def add(self, *components: Any) -> None:
        """Add components; what is there already stays once."""
        for component in components:
            self._add(component)

    def _add(self, component: Any) -> None:
        if any(component is other for other in self._components):
            return
        match component:
            case Projection():
                self._add(component.pre)
                self._add(component.post)
            case Assembly():
                for group in component.populations:
                    self._add(group)
            case PopulationView():
                self._add(component.grandparent)
            case Population():
                pass
            case _:
                raise PyNNError(
                    f"A Network is made of populations, views, assemblies and projections, not of {component!r}."
                )
        same = [other for other in self._components if other.label == component.label]
        if same:
            raise PyNNError(
                f"Two components of the network have the label {component.label!r}: {same[0]!r} and {component!r}. "
                "Give each a label of its own."
            )
        self._components.append(component)

    # -- what is in it ------------------------------------------------------------------------------------------

    @property
    def populations(self) -> list[Population]:
        """All populations."""
        return [component for component in self._components if isinstance(component, Population)]

    @property
    def views(self) -> list[PopulationView]:
        """All views."""
        return [component for component in self._components if isinstance(component, PopulationView)]

    @property
    def assemblies(self) -> list[Assembly]:
        """All assemblies."""
        return [component for component in self._components if isinstance(component, Assembly)]

    @property
    def projections(self) -> list[Projection]:
        """All projections."""
        return [component for component in self._components if isinstance(component, Projection)]

    @property
    def sim(self) -> Any:
        """The simulator that it is built on."""
        populations = self.populations
        if not populations:
            raise PyNNError("An empty Network belongs to no simulator. Add a population first.")
        return populations[0].simulator

    def get_component(self, label: str) -> Any:
        """The component with this label.

        Raises
        ------
        UnknownNameError
            None has it; the nearest label is named.
        """
        for component in self._components:
            if component.label == label:
                return component
        raise UnknownNameError("The network", label, [component.label for component in self._components])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def filter(self, cell_types: Any = None) -> Network:
        """The populations of these cell types, as a network."""
        kinds = tuple(cell_types) if isinstance(cell_types, list | tuple | set) else (cell_types,)
        chosen = [p for p in self.populations if cell_types is None or isinstance(p.celltype, kinds)]
        return Network(*chosen)

    def count_neurons(self) -> int:
        """Cells in all."""
        return sum(population.size for population in self.populations)

    def count_connections(self) -> int:
        """Connections in all."""
        return sum(projection.size() for projection in self.projections)

    # -- data ---------------------------------------------------------------------------------------------------

    def record(
        self, variables: str | Sequence[str], to_file: Any = None, sampling_interval: float | None = None,
        include_spike_source: bool = True,
    ) -> None:  # fmt: skip
        """Record these variables from every population that has them; of spike sources, the spikes at most."""
        names = [variables] if isinstance(variables, str) else list(variables)
        for population in self.populations:
            if not population.injectable and not include_spike_source:
                continue
            able = [name for name in names if population.can_record(name)]
            if able:
                population.record(able, to_file, sampling_interval)

    def get_data(
        self, variables: str | Sequence[str] = "all", gather: bool = True, clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> list[Any]:  # fmt: skip
        """What was recorded, a Neo Block for each population that recorded something."""
        names = None if variables == "all" else [variables] if isinstance(variables, str) else list(variables)
        blocks = []
        for population in self._recorded(names):
            mine = "all" if names is None else [name for name in names if population.can_record(name)]
            blocks.append(population.get_data(mine, gather, clear, annotations))
        return blocks

    def _recorded(self, names: list[str] | None) -> list[Group]:
        found: list[Group] = []
        for population in self.populations:
            have = {track.variable for track in population.recorder.tracks}
            have |= {track.variable for segment in population.recorder.past for track in segment.tracks}
            if have and (names is None or have & set(names)):
                found.append(population)
        return found

    def write_data(
        self, io: Any, variables: str | Sequence[str] = "all", gather: bool = True, clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Write what was recorded: to a file name, or a Neo IO, a block for each population."""
        from pyNN.recording import get_io

        target = get_io(io) if isinstance(io, str) else io
        blocks = self.get_data(variables, gather, clear, annotations)
        if hasattr(target, "write"):
            target.write(blocks)
        else:
            for block in blocks:
                target.write_block(block)

    def __repr__(self) -> str:
        return f"Network({len(self.populations)} populations, {len(self.projections)} projections)"
