"""Simulator backends with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Drive, Edges, NativeModel, Ragged, Samples, Settings, Spikes, Wiring
from pyNN._reference import ReferenceBackend
from pyNN._reference.backend import Current, Tap
from pyNN._reference.synapses import Synapses
from pyNN.random.streams import choose_rows, uniform
from pyNN.testing import BackendKit


class Planted(ReferenceBackend):
    """The reference, ready for a bug."""

    interface: ClassVar[int] = 1


def changed(wiring: Wiring, change: Any) -> Wiring:
    """The same wiring with each chunk changed."""
    return Wiring(lambda: (change(edges) for edges in wiring.chunks()), wiring.common, None, wiring.size)


class DelayOffByOneStep(Planted):
    """Delivers every spike one step late, as PyNN 0.13 does on Brian 2."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """One step more."""
        made = super().connect(model, pre, post, receptor, wiring, tag)
        if made is not None:
            made.values["delay"] = made.values["delay"] + self.timestep
        return made


class TestDelayOffByOneStep(BackendKit):
    """Delay off by one step."""

    backend = DelayOffByOneStep
    known_failures = {
        "test_synapses_arrive_on_time": "must catch: delay off by one step",
        "test_synapses_between_cells_pass_spikes_on": "must catch: delay off by one step",
    }


class SampleDropped(Planted):
    """Loses the last sample of each read, as NEURON's Vector.record does."""

    def read(self, recording: Any, stop: bool = False) -> Spikes | Samples:
        """All but the last."""
        found = super().read(recording, stop)
        if isinstance(found, Samples):
            return Samples(found.index, found.start, found.interval, found.values[:-1])
        return found


class TestSampleDropped(BackendKit):
    """Sample dropped."""

    backend = SampleDropped
    known_failures = {
        "test_recording_has_every_sample_once": "must catch: sample dropped",
        "test_recording_read_is_forgotten": "must catch: sample dropped",
    }


class WrongUnit(Planted):
    """Takes nF for pF."""

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """A thousand times the capacitance."""
        values = {name: value * 1000.0 if name == "cm" else value for name, value in values.items()}
        return super().create(model, size, values, tag)


class TestWrongUnit(BackendKit):
    """Wrong unit."""

    backend = WrongUnit
    known_failures = {
        "test_cells_keep_to_their_units": "must catch: wrong unit",
        "test_synapses_make_the_psp_of_the_closed_form": "must catch: wrong unit",
    }


class ViewIgnored(Planted):
    """``set`` changes all rows, whatever the index says."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """The first value to everybody."""
        if index is not None and not isinstance(next(iter(values.values())), Ragged):
            values = {name: float(np.ravel(value)[0]) for name, value in values.items()}
            index = None
        super().set(block, values, index)


class TestViewIgnored(BackendKit):
    """View ignored."""

    backend = ViewIgnored
    known_failures = {
        "test_cells_set_by_index_change_alone": "must catch: view ignored",
        "test_synapses_set_by_row_change_alone": "must catch: view ignored",
    }


class StateLeaksThroughSetup(Planted):
    """Keeps the currents of the network before."""

    def setup(self, settings: Settings) -> None:
        """Everything is forgotten but the last cells' state."""
        kept = getattr(self, "_cells", [])
        super().setup(settings)
        self._leaked = [block.values["v"][0] for block in kept if hasattr(block, "values")][:1]

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """New cells begin where the old ones ended."""
        block = super().create(model, size, values, tag)
        if self._leaked and hasattr(block, "current"):
            block.values["i_offset"] = block.values["i_offset"] + 1e-3 * (self._leaked[0] + 65.0)
        return block


class TestStateLeaksThroughSetup(BackendKit):
    """State leaking through setup."""

    backend = StateLeaksThroughSetup
    known_failures = {"test_clock_setup_forgets_what_was_before": "must catch: state leaking through setup"}


class RowsOfSetReversed(Planted):
    """Gives the values of ``set`` to the rows in reverse."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Turned round."""
        if index is not None:
            values = {n: v[::-1] if isinstance(v, np.ndarray) else v for n, v in values.items()}
        super().set(block, values, index)


class TestRowsOfSetReversed(BackendKit):
    """Rows of set reversed."""

    backend = RowsOfSetReversed
    known_failures = {
        "test_cells_set_by_index_change_alone": "must catch: rows of set reversed",
        "test_cells_state_can_be_read_and_set": "must catch: rows of set reversed",
        "test_synapses_set_by_row_change_alone": "must catch: rows of set reversed",
    }


class LateRecordingEmpty(Planted):
    """Records nothing that is asked for after the first step, as NEURON does without a word."""

    def record(self, block: Any, variable: str, index: Any, interval: float) -> Any:
        """A tap whose next sample never comes."""
        tap = super().record(block, variable, index, interval)
        if self._begun and isinstance(tap, Tap):
            tap.next = -1
        return tap


class TestLateRecordingEmpty(BackendKit):
    """Late recording empty."""

    backend = LateRecordingEmpty
    known_failures = {"test_recording_begun_late_starts_then": "must catch: late recording empty"}


class CommonIgnored(Planted):
    """Takes only what differs from row to row."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Shared weights are lost."""
        common = {name: 0.0 if name == "weight" else value for name, value in wiring.common.items()}
        return super().connect(model, pre, post, receptor, Wiring(wiring.chunks, common), tag)


class TestCommonIgnored(BackendKit):
    """common ignored."""

    backend = CommonIgnored
    known_failures = {
        "test_synapses_shared_values_equal_arrays_of_them": "must catch: common ignored",
        "test_synapses_make_the_psp_of_the_closed_form": "must catch: common ignored",
    }


class SecondChunkDropped(Planted):
    """Reads the first chunk alone."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """One chunk."""
        chunks = list(wiring.chunks())[:1]
        return super().connect(model, pre, post, receptor, Wiring(lambda: iter(chunks), wiring.common), tag)


class TestSecondChunkDropped(BackendKit):
    """Second chunk dropped."""

    backend = SecondChunkDropped
    known_failures = {"test_synapses_of_every_chunk_are_made": "must catch: second chunk dropped"}


class PulseNeverCalled(Planted):
    """Does not let anybody in while it runs."""

    def advance(self, until: float, pulse: Any) -> None:
        """Deaf."""
        super().advance(until, lambda: True)


class TestPulseNeverCalled(BackendKit):
    """pulse never called."""

    backend = PulseNeverCalled
    known_failures = {"test_clock_pulse_beats_during_a_long_advance": "must catch: pulse never called"}


class WaveformOneMinDelayLate(Planted):
    """Currents act one min_delay after they should, as NEST's generators do."""

    def setup(self, settings: Settings) -> None:
        """Remember how late."""
        self._late = settings.min_delay or settings.timestep
        super().setup(settings)

    def _set_current(self, block: Current, values: Mapping[str, Any]) -> None:
        times = values["times"]
        super()._set_current(block, {**values, "times": Ragged(times.data + self._late, times.splits)})


class TestWaveformOneMinDelayLate(BackendKit):
    """Waveform one min_delay late."""

    backend = WaveformOneMinDelayLate
    known_failures = {
        "test_currents_step_up_and_down_exactly_then": "must catch: waveform one min_delay late",
        "test_currents_changed_in_mid_run_act_at_once": "must catch: waveform one min_delay late",
        "test_currents_act_at_once_on_every_cell_type": "must catch: waveform one min_delay late",
    }


class OneBoundForgotten(Planted):
    """Delays are bounded by those of the network, where ``setup`` was given one bound alone."""

    def setup(self, settings: Settings) -> None:
        """Remember the bounds."""
        self._bounds = settings.min_delay, settings.max_delay
        super().setup(settings)

    def delay_range(self) -> tuple[float, float]:
        """What ``setup`` was given before the first step; afterwards only both together."""
        low, high = self._bounds
        if self._begun and (low is None or high is None):
            return 1.0, 1.0
        return low or self.timestep, high or float("inf")


class TestOneBoundForgotten(BackendKit):
    """One bound forgotten."""

    backend = OneBoundForgotten
    known_failures = {"test_abilities_one_bound_of_delays_holds_once_it_runs": "must catch: one bound forgotten"}


class CurrentLateOnSomeCells(Planted):
    """A changed current reaches cells without an ``i_offset`` one min_delay late."""

    def setup(self, settings: Settings) -> None:
        """Remember how late."""
        self._late = settings.min_delay or settings.timestep
        super().setup(settings)

    def _set_current(self, block: Current, values: Mapping[str, Any]) -> None:
        times = values["times"]
        some = any("i_offset" not in self._models[id(cells)].parameters for cells, _ in block.targets)
        super()._set_current(block, {**values, "times": Ragged(times.data + some * self._late, times.splits)})


class TestCurrentLateOnSomeCells(BackendKit):
    """Current late on some cells."""

    backend = CurrentLateOnSomeCells
    known_failures = {"test_currents_act_at_once_on_every_cell_type": "must catch: current late on some cells"}


class ChangesOneMinDelayLate(Planted):
    """Parameters set in mid-run act one min_delay late, as with PyNN 0.13 on NEST."""

    def setup(self, settings: Settings) -> None:
        """Remember how late."""
        self._late, self._waiting = settings.min_delay or 0.0, []
        super().setup(settings)

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Wait."""
        if self._begun and "i_offset" in values:
            self._waiting.append((self.time + self._late, block, values, index))
        else:
            super().set(block, values, index)

    def advance(self, until: float, pulse: Any) -> None:
        """Apply what is due."""
        for due, block, values, index in self._waiting:
            super().advance(min(due, until), pulse)
            super().set(block, values, index)
        self._waiting = []
        super().advance(until, pulse)


class TestChangesOneMinDelayLate(BackendKit):
    """Changes one min_delay late."""

    backend = ChangesOneMinDelayLate
    known_failures = {"test_cells_set_in_mid_run_act_at_once": "must catch: changes one min_delay late"}


class WeightFivePercentHigh(Planted):
    """Multiplies every weight by 1.05."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """A little more."""
        common = {name: value * 1.05 if name == "weight" else value for name, value in wiring.common.items()}

        def more(edges: Edges) -> Edges:
            values = {name: value * 1.05 if name == "weight" else value for name, value in edges.values.items()}
            return Edges(edges.pre, edges.post, values)

        made = changed(wiring, more)
        return super().connect(model, pre, post, receptor, Wiring(made.chunks, common), tag)


class TestWeightFivePercentHigh(BackendKit):
    """Weight x 1.05."""

    backend = WeightFivePercentHigh
    known_failures = {
        "test_synapses_make_the_psp_of_the_closed_form": "must catch: weight x 1.05",
        "test_synapses_give_back_what_they_were_given": "must catch: weight x 1.05",
    }


class SlowSynapses(Planted):
    """Lets synaptic currents last 10 % longer."""

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """A longer time constant."""
        values = {name: value * 1.1 if name.startswith("tau_syn") else value for name, value in values.items()}
        return super().create(model, size, values, tag)


class TestSlowSynapses(BackendKit):
    """Synaptic time constant x 1.1."""

    backend = SlowSynapses
    known_failures = {"test_synapses_make_the_psp_of_the_closed_form": "must catch: synaptic time constant x 1.1"}


class ReadGivesAllAgain(Planted):
    """Hands over everything since the beginning at each read."""

    def read(self, recording: Any, stop: bool = False) -> Spikes | Samples:
        """Nothing is forgotten."""
        rows, steps = list(recording.rows), list(recording.steps)
        found = super().read(recording, stop)
        recording.rows, recording.steps = rows, steps
        return found


class TestReadGivesAllAgain(BackendKit):
    """read gives all again."""

    backend = ReadGivesAllAgain
    known_failures = {"test_recording_read_is_forgotten": "must catch: read gives all again"}


class ChunksKept(Planted):
    """Keeps every chunk that it was handed."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """A list of them, for ever."""
        self.kept = list(wiring.chunks())
        return super().connect(model, pre, post, receptor, Wiring(lambda: iter(self.kept), wiring.common), tag)


class TestChunksKept(BackendKit):
    """Chunks kept."""

    backend = ChunksKept
    known_failures = {"test_synapses_let_each_chunk_go": "must catch: chunks kept"}


class CurrentsMixedUp(Planted):
    """Lets the first current flow into every target."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Whatever ``pre`` says."""
        pre = self._currents[0] if isinstance(pre, Current) else pre
        return super().connect(model, pre, post, receptor, wiring, tag)


class TestCurrentsMixedUp(BackendKit):
    """Currents mixed up."""

    backend = CurrentsMixedUp
    known_failures = {
        "test_currents_flow_into_their_own_targets": "must catch: currents mixed up",
        "test_currents_add": "must catch: currents mixed up",
    }


class CurrentStopsWhenSet(Planted):
    """Lets nothing flow between ``set`` and the first new time."""

    def _set_current(self, block: Current, values: Mapping[str, Any]) -> None:
        before = len(block.times) > 0
        super()._set_current(block, values)
        if before:
            late = block.times > self.time - 1e-9
            block.times = np.concatenate([block.times[~late], [self.time], block.times[late]])
            block.amplitudes = np.concatenate([block.amplitudes[~late], [0.0], block.amplitudes[late]])


class TestCurrentStopsWhenSet(BackendKit):
    """Current stops when set."""

    backend = CurrentStopsWhenSet
    known_failures = {"test_currents_hold_until_the_first_new_time": "must catch: current stops when set"}


class RowsOfGetIgnored(Planted):
    """Reads the first rows of synapses, whatever the index says."""

    def get(self, block: Any, names: Any, index: Any = None) -> Any:
        """As many as asked for."""
        if index is not None and isinstance(block, Synapses):
            index = np.arange(len(index))
        return super().get(block, names, index)


class TestRowsOfGetIgnored(BackendKit):
    """Rows of get ignored."""

    backend = RowsOfGetIgnored
    known_failures = {"test_synapses_read_by_row_are_those": "must catch: rows of get ignored"}


class StopIgnored(Planted):
    """Records on after ``read(stop=True)``."""

    def read(self, recording: Any, stop: bool = False) -> Spikes | Samples:
        """Deaf to ``stop``."""
        return super().read(recording)


class TestStopIgnored(BackendKit):
    """stop ignored."""

    backend = StopIgnored
    known_failures = {"test_recording_stopped_has_nothing_more": "must catch: stop ignored"}


class FirstSampleLostByAnEarlyRead(Planted):
    """Forgets the sample at time 0 where it is read before the first step."""

    def read(self, recording: Any, stop: bool = False) -> Spikes | Samples:
        """Nothing at time 0, and nothing kept for the next read."""
        found = super().read(recording, stop)
        if self.time == 0.0 and isinstance(found, Samples):
            return Samples(found.index, found.start, found.interval, found.values[:0])
        return found


class TestFirstSampleLostByAnEarlyRead(BackendKit):
    """First sample lost by an early read."""

    backend = FirstSampleLostByAnEarlyRead
    known_failures = {"test_recording_read_before_the_first_step": "must catch: first sample lost by an early read"}


class EmptyReadShiftsStart(Planted):
    """Counts a read that finds nothing as one sample."""

    def read(self, recording: Any, stop: bool = False) -> Spikes | Samples:
        """Later by one interval for each empty read."""
        found = super().read(recording, stop)
        if not isinstance(found, Samples):
            return found
        recording.first += 0 if len(found.values) else 1
        late = recording.first * found.interval
        return Samples(found.index, found.start + late, found.interval, found.values)

    def record(self, block: Any, variable: str, index: Any, interval: float) -> Any:
        """Nothing is late yet."""
        tap = super().record(block, variable, index, interval)
        tap.first = 0
        return tap


class TestEmptyReadShiftsStart(BackendKit):
    """Empty read shifts start."""

    backend = EmptyReadShiftsStart
    known_failures = {"test_recording_read_in_vain_changes_nothing": "must catch: empty read shifts start"}


class RefractoryRoundedUp(Planted):
    """Takes the next whole number of steps for tau_refrac, as NEST does by itself."""

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """Up to the next step."""
        step = self.timestep
        values = {n: np.ceil(np.round(v / step, 6)) * step if n == "tau_refrac" else v for n, v in values.items()}
        return super().create(model, size, values, tag)


class TestRefractoryRoundedUp(BackendKit):
    """Refractory period rounded up."""

    backend = RefractoryRoundedUp
    known_failures = {
        "test_cells_are_refractory_for_the_nearest_number_of_steps": "must catch: refractory period rounded up"
    }


class RelayRefractory(Planted):
    """Lets a plastic synapse miss the spike of a source that follows another at once, as a relay neuron would."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """Free again after two steps."""
        made = super().connect(model, pre, post, receptor, wiring, tag)
        if made is None or model.name != "TsodyksMarkramSynapse":
            return made
        send, last = made.send, [-9]

        def relay(sources: Any, step: int) -> None:
            """Two steps at least from spike to spike."""
            if step > last[0] + 1:
                last[0] = step
                send(np.unique(sources), step)

        made.send = relay
        return made


class TestRelayRefractory(BackendKit):
    """Relay refractory."""

    backend = RelayRefractory
    known_failures = {
        "test_synapses_plastic_take_every_spike": "must catch: relay refractory",
        "test_synapses_plastic_take_a_spike_one_step_after_it_was_told": "must catch: relay refractory",
    }


class SampleTakenAtOnce(Planted):
    """Keeps the sample of the moment at which an advance ended, whatever is set before it is read."""

    def advance(self, until: float, pulse: Any) -> None:
        """Sample at the end."""
        super().advance(until, pulse)
        for tap in self._taps:
            self._sample(tap)


class TestSampleTakenAtOnce(BackendKit):
    """Sample taken at once."""

    backend = SampleTakenAtOnce
    known_failures = {"test_recording_shows_what_was_set_at_its_time": "must catch: sample taken at once"}


def expanded(wiring: Wiring, substream: Any, key: Any) -> Wiring:
    """The rows of a fixed in-degree with uniform values, made by ourselves; a wiring of another rule as it is."""
    rule = wiring.rule
    if rule is None or rule.kind != "fixed_number_pre" or rule.twins is not None or np.ndim(rule.parameters["n"]):
        return wiring
    if any(draw.distribution != "uniform" or draw.step or draw.scale != 1.0 for draw in rule.draws.values()):
        return wiring

    def rows() -> Any:
        for j in np.flatnonzero(rule.post >= 0).tolist():
            chosen = choose_rows(key(rule.stream), substream(rule, j), len(rule.pre), int(rule.parameters["n"]), False)
            values = {}
            for name, draw in rule.draws.items():
                low, high = draw.parameters["low"], draw.parameters["high"]
                values[name] = (low + (high - low) * uniform(draw.stream, j, len(chosen)))[rule.pre[chosen] >= 0]
            mine = rule.pre[chosen][rule.pre[chosen] >= 0]
            yield Edges(mine, np.full(len(mine), rule.post[j]), values)

    return Wiring(rows, wiring.common)


class RuleExpanded(Planted):
    """No bug: expands one rule by itself, as the reference page defines it."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """From substream j."""
        return super().connect(model, pre, post, receptor, expanded(wiring, lambda rule, j: j, int), tag)


class TestRuleExpanded(BackendKit):
    """Nothing to catch: the two planted below differ from this one by what they do wrong alone."""

    backend = RuleExpanded
    concerned = ("test_rules_connect_whom_pynn_says", "test_rules_count_cells_within_views_and_assemblies")


class SubstreamsByRow(Planted):
    """Takes the row of a target in its block for its number in the rule."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """From the substream of the row."""
        wrong = expanded(wiring, lambda rule, j: int(rule.post[j]), int)
        return super().connect(model, pre, post, receptor, wrong, tag)


class TestSubstreamsByRow(BackendKit):
    """Substreams by row."""

    backend = SubstreamsByRow
    known_failures = {"test_rules_count_cells_within_views_and_assemblies": "must catch: substreams by row"}


class KeyHalvesSwapped(Planted):
    """Takes the upper half of a key for the lower."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """From another key."""
        wrong = expanded(wiring, lambda rule, j: j, lambda key: key >> 64 | (key & (1 << 64) - 1) << 64)
        return super().connect(model, pre, post, receptor, wrong, tag)


class TestKeyHalvesSwapped(BackendKit):
    """Key halves swapped."""

    backend = KeyHalvesSwapped
    known_failures = {
        "test_rules_connect_whom_pynn_says": "must catch: key halves swapped",
        "test_rules_count_cells_within_views_and_assemblies": "must catch: key halves swapped",
    }


class OneSpikeAStep(Planted):
    """Forgets all but one of the spikes that a source has in one step."""

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """Each time once."""
        return super().create(model, size, {name: each_once(value) for name, value in values.items()}, tag)

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """Each time once."""
        super().set(block, {name: each_once(value) for name, value in values.items()}, index)


def each_once(value: Any) -> Any:
    """Rows of times without repeats."""
    if not isinstance(value, Ragged):
        return value
    rows = [np.unique(np.rint(value.row(k) / 0.1)) * 0.1 for k in range(len(value))]
    return Ragged(np.concatenate([np.empty(0), *rows]), np.cumsum([0, *map(len, rows)], dtype=np.int64))


class TestOneSpikeAStep(BackendKit):
    """One spike a step."""

    backend = OneSpikeAStep
    known_failures = {
        "test_sources_fire_as_often_as_a_time_occurs": "must catch: one spike a step",
        "test_sources_poisson_of_high_rate_are_the_same_on_every_backend": "must catch: one spike a step",
    }


class DriveOfItsOwn(Planted):
    """Draws Poisson trains of the right rate from a generator of its own, without end."""

    def drive(self, sources: Any, drive: Drive) -> None:
        """The first 300 ms."""
        own = np.random.default_rng(drive.stream)
        rows = [
            np.sort(own.uniform(max(drive.since, start), 300.0, own.poisson(rate * 0.3)))
            for rate, start in zip(drive.rate, drive.start, strict=True)
        ]
        splits = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        self.set(sources, {"spike_times": Ragged(np.concatenate([np.empty(0), *rows]), splits)})


class TestDriveOfItsOwn(BackendKit):
    """Drive of its own."""

    backend = DriveOfItsOwn
    known_failures = {
        "test_sources_poisson_are_the_same_on_every_backend": "must catch: drive of its own",
        "test_sources_poisson_of_high_rate_are_the_same_on_every_backend": "must catch: drive of its own",
    }
