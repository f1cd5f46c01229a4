"""What the backend keeps of cells, synapses and sources: node numbers, and what NEST itself would forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.errors import InvalidParameterValueError, PyNNError

from pynn_nest.composed import Ports
from pynn_nest.extensions import require_known
from pynn_nest.kernel import nest, set_nodes
from pynn_nest.native import NATIVE, changed_alone, compartment_of
from pynn_nest.plastic import USE, changed, first_use, needs_now, other_sites

_FIXED = {"gif_cond_exp": ("E_sfa", "I_stc"), "hh_cond_exp_traub": ("g_ex", "g_in")}
READ_AT_ONCE = 1500  # connections whose status is asked for at a time: dictionaries, few enough to fit a cache


@dataclass
class Cells:
    """Neurons: ``nodes`` is None where there are none."""

    model: NativeModel
    nodes: Any
    first: int
    size: int
    offset: Array = field(default_factory=lambda: np.empty(0))
    trace: Array = field(default_factory=lambda: np.empty(0))  # tau_minus where a plastic synapse has set it, else NaN
    lists: dict[str, Array] = field(default_factory=dict)  # of a multisynapse model, each of shape (size, receptors)

    @property
    def has_offset(self) -> bool:
        """Whether NEST's model has a constant current, which also those have whose PyNN model has no ``i_offset``."""
        return "I_e" in nest().GetDefaults(self.model.name)

    @property
    def is_device(self) -> bool:
        """Whether they are one of NEST's own generators."""
        own = self.model.details == NATIVE and self.size
        return bool(own) and nest().GetDefaults(self.model.name, "element_type") == "stimulator"

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows; NEST checks all of a node's values together."""
        rows = slice(None) if index is None else index
        if "I_e" in values:
            self.offset[rows] = np.asarray(values["I_e"])
        if self.nodes is None or not len(self.offset[rows]):
            return
        nodes = self.nodes if index is None else self.nodes[index.tolist()]
        if "t_ref" in values:  # NEST would round up to whole steps; PyNN counts the nearest number of them
            step = float(nest().resolution)
            values = {**values, "t_ref": np.rint(np.asarray(values["t_ref"]) / step) * step}
        values = self._listed(self._settable(values), index)
        if values:
            set_nodes(nodes, self._inside({name: _plain(value) for name, value in values.items()}, len(nodes)))

    def _listed(self, values: Mapping[str, Values], index: Index | None) -> Mapping[str, Values]:
        """A multisynapse model's elements of lists, joined to lists as NEST takes them: for all rows, or for each."""
        ports = self.model.details
        if not isinstance(ports, Ports):
            return values
        rows = slice(None) if index is None else index
        touched = set()
        for name in [name for name in values if "." in name]:
            own, _, number = name.partition(".")
            table = self.lists.setdefault(own, np.zeros((self.size, ports.count)))
            table[rows, int(number) - 1] = np.asarray(values[name])
            touched.add(own)
        found = {name: value for name, value in values.items() if "." not in name}
        for own in touched:
            table = self.lists[own][rows]
            shared = table[:1] if (table == table[0]).all() else table
            found[own] = Ragged(shared.ravel(), np.arange(len(shared) + 1, dtype=np.int64) * ports.count)
        return found

    def _inside(self, values: Mapping[str, Any], size: int) -> Mapping[str, Any]:
        """Variables of compartments, put into a mapping for each compartment, as NEST takes them."""
        status = nest().GetDefaults(self.model.name) if any("." in name for name in values) else {}
        found: dict[str, Any] = {}
        for name, value in values.items():
            place = compartment_of(name, status)
            if place is None:
                found[name] = value
                continue
            parts = found.setdefault(place[0], np.array([{} for _ in range(size)], dtype=object))
            for part, one in zip(parts, np.broadcast_to(value, (size,)), strict=True):
                part[place[1]] = float(one)
        return found

    def _settable(self, values: Mapping[str, Values]) -> Mapping[str, Values]:
        """Leave out state that NEST does not let anybody set, where it is what NEST begins with."""
        fixed = [name for name in _FIXED.get(self.model.name, ()) if name in values]
        if isinstance(self.model.details, Ports):
            fixed += [name for name in values if name.startswith(("g_", "I_syn_")) and name != "g_L"]
        if self.model.details == NATIVE:
            for name in self.model.variables.keys() & values.keys():
                if not self.shows(name):
                    raise self._hidden(name)
        for name in fixed:
            begins = self.read(["V_T_star"], None)["V_T_star"] if name == "E_sfa" else 0.0
            if not np.allclose(np.asarray(values[name]), np.asarray(begins)):
                raise PyNNError(f"NEST cannot set {name} of {self.model.name}: it begins as the parameters say.")
        return {name: value for name, value in values.items() if name not in fixed}

    def keep_trace(self, rows: Index, tau: Array) -> None:
        """The trace of postsynaptic spikes of these cells decays with these constants, ms, one for each cell."""
        if not len(self.trace):
            self.trace = np.full(self.size, np.nan)
        for row, value in zip(*np.unique(np.column_stack([rows, tau]), axis=0).T, strict=True):
            known = self.trace[int(row)]
            if not np.isnan(known) and known != value:
                raise InvalidParameterValueError(
                    f"A cell of NEST has one tau_minus (tau of Vogels2011Rule) for all plastic synapses onto it, here "
                    f"{known:g} ms; a synapse with {value:g} ms was to be added. Give all of them one value."
                )
            self.trace[int(row)] = value
        fresh = np.unique(rows)
        if len(fresh):
            set_nodes(self.nodes[fresh.tolist()], {"tau_minus": self.trace[fresh]})

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        try:
            return self._told(names, index)
        except KeyError as error:
            raise self._hidden(str(error.args[0])) from None

    def _hidden(self, name: str) -> PyNNError:
        return PyNNError(
            f"NEST gives {name!r} of {self.model.name} to its multimeter alone: it can be recorded, but neither read "
            "from the cells nor set."
        )

    def _told(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        if self.nodes is None or (index is not None and not len(index)):
            return {name: np.empty(0) for name in names}
        # An index that holds every row is the whole block; making a part of it costs as much as reading it.
        nodes = self.nodes if index is None or len(index) == self.size else self.nodes[index.tolist()]
        # The name first: to ask NEST for the time costs more than to read a value of a cell.
        early = "E_sfa" in names and nest().biological_time == 0  # NEST computes it in the first step
        shown = {"E_sfa": "V_T_star"} if early else {}
        inside = {name: compartment_of(name, nodes[0].get()) for name in names if "." in name}
        return {
            name: _read_inside(nodes, *place)
            if (place := inside.get(name))
            else _read(nodes, shown.get(name, name), self.model.details)
            for name in names
        }

    def shows(self, name: str) -> bool:
        """Whether NEST tells this variable of its nodes; some it gives to its multimeter alone."""
        try:
            self._told([name], np.zeros(1, dtype=np.int64))
        except KeyError:
            return False
        return True

    def numbers(self, index: Index) -> Index:
        """NEST's node numbers of these rows."""
        return self.first + index


def _read(nodes: Any, name: str, ports: object) -> Array:
    """One variable or parameter of each node; conductances of a multisynapse model NEST shows as one list."""
    own, _, number = name.rpartition("_")
    if not isinstance(ports, Ports) or own != ports.state or not number.isdigit():
        return np.atleast_1d(np.asarray(nodes.get(name), dtype=np.float64))
    found = np.concatenate([np.atleast_1d(row) for row in (nodes.get(own) if len(nodes) > 1 else [nodes.get(own)])])
    if len(found) != len(nodes) * ports.count:  # NEST makes room for all of them in its first step
        return np.zeros(len(nodes))
    return np.asarray(found.reshape(-1, ports.count)[:, int(number) - 1], dtype=np.float64)


def _read_inside(nodes: Any, compartment: str, name: str) -> Array:
    """One variable of a compartment of each node."""
    found = nodes.get(compartment)
    return np.array([part[name] for part in (found if len(nodes) > 1 else (found,))], dtype=np.float64)


def _plain(value: Values) -> Any:
    """A number or a list for all nodes, or an array with an element, a number or a list, for each of them."""
    if not isinstance(value, Ragged):
        return np.asarray(value, dtype=np.float64) if isinstance(value, np.ndarray) else float(value)
    if len(value) == 1:
        return value.row(0).tolist()
    lists = np.empty(len(value), dtype=object)
    for k in range(len(value)):
        lists[k] = value.row(k).tolist()
    return lists


def make_cells(model: NativeModel, size: int, values: Mapping[str, Values]) -> Cells:
    """New neurons with these values."""
    cells = Cells(model, None, 0, size, np.zeros(size))
    if model.details == NATIVE:
        require_known(model.name, nest().node_models)
    if size:
        cells.nodes = nest().Create(model.name, size)
        cells.first = int(cells.nodes[0].global_id)
        cells.assign(changed_alone(model, values), None)
    return cells


@dataclass
class Synapses:
    """The connections of one synapse model that no other block uses, so that NEST finds them at once.

    Those of a generator share theirs with its recorder: they are found by both ends. ``quanta_since``: of quantal
    synapses, when they were made, ms. ``label``: of blocks that share a model, which is the block's.
    """

    model: str
    first_pre: int
    first_post: int
    post: Cells | None = None
    generators: Any = None
    quanta_since: float | None = None
    label: int | None = None

    def found(self) -> Any:
        """NEST's connections, in an order that holds until more are made."""
        if self.generators is not None and self.post is not None:
            return nest().GetConnections(self.generators, self.post.nodes, synapse_model=self.model)
        if self.label is not None:
            return nest().GetConnections(synapse_model=self.model, synapse_label=self.label)
        return nest().GetConnections(synapse_model=self.model)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Array]:
        """Values of these rows; "i" and "j" are their ends."""
        asked = [{"i": "source", "j": "target"}.get(name, name) for name in names]
        parts: dict[str, list[Array]] = {name: [np.empty(0)] for name in names}
        connections = self.found()
        for start in range(0, len(connections), READ_AT_ONCE):
            piece = connections[start : start + READ_AT_ONCE].get(asked)
            for name, key in zip(names, asked, strict=True):
                parts[name].append(np.atleast_1d(np.asarray(piece[key], dtype=np.float64)))
        result = {name: np.concatenate(found) for name, found in parts.items()}
        for name, first in (("i", self.first_pre), ("j", self.first_post)):
            if name in result:
                result[name] = result[name] - first
        return {name: value if index is None else value[index] for name, value in result.items()}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        connections = self.found()
        if not len(connections):
            return
        size = len(connections) if index is None else len(index)
        given: dict[str, Any] = {
            name: np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)) for name, value in values.items()
        }
        trace = given.pop("tau_minus", None)
        if trace is not None and self.post is not None:
            targets = self.read(["j"], index)["j"].astype(np.int64)
            self.post.trace[targets] = np.nan
            self.post.keep_trace(targets, trace)
        given |= self._of_quanta(given, index)
        wanted = needs_now(given)
        columns = changed(given, self.read(wanted, index) if wanted else {})
        if "tau_rec" in columns and "tau_psc" in connections[0].get():
            columns["tau_psc"] = kept_apart(self.read(["tau_psc"], index)["tau_psc"], columns["tau_rec"])
        rows = np.arange(size) if index is None else index
        for start in range(0, size, READ_AT_ONCE):
            chosen = slice(start, start + READ_AT_ONCE)
            part = {name: column[chosen].tolist() for name, column in columns.items()}
            if index is None:
                connections[start : start + READ_AT_ONCE].set(part)
            else:
                for place, row in enumerate(rows[chosen]):
                    connections[int(row)].set({name: column[place] for name, column in part.items()})

    def _of_quanta(self, given: Mapping[str, Array], index: Index | None) -> dict[str, Any]:
        """What else quantal synapses must be told where these values of theirs are set."""
        told: dict[str, Any] = {}
        if self.quanta_since == nest().biological_time and given.keys() & set(USE):
            told |= first_use(given, self.read(USE, index))
        if self.quanta_since is not None and "n" in given:
            told |= other_sites(given["n"], self.read(["n", "a"], index))
        return told


def kept_apart(tau_psc: Array, tau_rec: Array) -> Array:
    """tau_psc, a millionth longer where it equals tau_rec.

    NEST's tsodyks_synapse divides by tau_psc - tau_rec, and gives NaN where that is 0. A millionth changes what
    recovers by less than a millionth, and leaves ten digits of that difference.
    """
    return np.where(np.abs(tau_psc - tau_rec) < 1e-6 * tau_psc, tau_rec * (1 + 1e-6), tau_psc)
