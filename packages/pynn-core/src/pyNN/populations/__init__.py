"""Groups of cells: populations, views into them, and assemblies of both."""

from pyNN.populations.assembly import Assembly
from pyNN.populations.cell import ID
from pyNN.populations.group import BasePopulation, Group
from pyNN.populations.population import Population
from pyNN.populations.view import PopulationView

__all__ = ["ID", "Assembly", "BasePopulation", "Group", "Population", "PopulationView"]
