#include "engine.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "procedural.hpp"

namespace pynn_native {

namespace {

// A slice is what threads do without meeting: as many steps as the shortest delay, but not more than this.
constexpr Step kLongestSlice = 64;
// Below this many cells × steps in a slice (about 15 µs), threads cost more than they bring.
constexpr double kWorthSharing = 15000.0;
constexpr auto kBeat = std::chrono::milliseconds(150);
// The clock of the machine is looked at about this often, in cells × steps.
constexpr double kBetweenLooks = 20000.0;
// Lines of the cache that are fetched at once for cells whose kernels fetch none.
constexpr std::size_t kFetchedAtOnce = 64;
// Lines for a slice of which some are fetched before its first step: 1 MiB, which is half of a core's cache where the
// engine was measured.
constexpr std::size_t kMostEarly = 16384;
// From as many synapses on, what building them took for a while is worth giving back.
constexpr std::size_t kMany = 1000000;

template <class T>
T& at(const std::vector<std::unique_ptr<T>>& objects, std::size_t number) {
    return *objects.at(number);
}

template <class T>
void erase(std::vector<std::unique_ptr<T>>& objects, const T& object) {
    const auto same = [&](const std::unique_ptr<T>& other) { return other.get() == &object; };
    objects.erase(std::remove_if(objects.begin(), objects.end(), same), objects.end());
}

}  // namespace

Engine::Engine(double timestep, unsigned threads, double max_rate, bool single_weights, bool single_state, Ranks ranks)
    : timestep_(timestep), shortest_delay_(kLongestSlice), ranks_(std::move(ranks)), max_rate_(max_rate),
      single_weights_(single_weights), single_state_(single_state), shares_(threads), ahead_(threads),
      workers_(threads) {}

// -- what is built ----------------------------------------------------------------------------------------------------

std::size_t Engine::create_cells(const std::string& kind, std::size_t size) {
    return adopt(make_cells(kind, layout(size)));
}

std::size_t Engine::create_cells(const CustomKind& kind, std::size_t size) {
    return adopt(std::make_unique<Custom>(layout(size), kind));
}

std::size_t Engine::adopt(std::unique_ptr<Cells> cells) {
    cells_.push_back(std::move(cells));
    watches_.emplace_back(*cells_.back(), cells_.size() - 1, timestep_, step_);
    onto_.emplace_back();
    injections_.emplace_back(cells_.back()->parts());
    for (History& history : cells_.back()->histories) history.reserve(kLongestSlice + 1, step_);
    load_ += cells_.back()->size();
    return cells_.size() - 1;
}

std::size_t Engine::create_sources(std::size_t size) {
    sources_.push_back(std::make_unique<Sources>(size));
    for (History& history : sources_.back()->histories) history.reserve(kLongestSlice + 1, step_);
    return sources_.size() - 1;
}

std::size_t Engine::create_current() {
    currents_.push_back(std::make_unique<Current>());
    return currents_.size() - 1;
}

Emitter& Engine::emitter(bool sources, std::size_t number) const {
    if (sources) return at(sources_, number);
    return at(cells_, number);
}

void Engine::inject(std::size_t current, std::size_t cells, Rows rows) {
    Cells& block = at(cells_, cells);
    const Current& source = at(currents_, current);
    check({nullptr, 1}, rows, block.size());
    std::vector<std::vector<Cell>> by_part(block.parts());
    for (std::size_t k = 0; k < rows.size; ++k) {
        const Cell row = static_cast<Cell>(rows[k]);
        by_part[block.part_of(row)].push_back(row);
    }
    block.expect_injection();
    for (std::size_t p = 0; p < block.parts(); ++p) {
        if (!by_part[p].empty()) injections_[cells][p].attach(source, current, std::move(by_part[p]));
    }
}

void Engine::arrive(const Ends& ends, Arrivals& arrivals, Rows pre, Rows post,
                    const std::map<std::string, Values>& values) {
    arrivals.add(pre, post, values, emitter(ends.from_sources, ends.pre).size(), at(cells_, ends.post).size());
}

std::size_t Engine::connect(const std::string& kind, const Ends& ends, Arrivals& arrivals,
                            const std::map<std::string, double>& common, Key key) {
    const std::size_t sources = emitter(ends.from_sources, ends.pre).size();
    Wired wired = sorted(arrivals, sources, at(cells_, ends.post));
    wired.single = single(kind);
    return connect(kind, ends, std::move(wired), common, key);
}

std::size_t Engine::connect(const std::string& kind, const Ends& ends, const Rule& rule, const std::vector<Draw>& draws,
                            const std::map<std::string, double>& common, Key key, Interruption& interruption) {
    const std::size_t sources = emitter(ends.from_sources, ends.pre).size();
    const bool as_bits = kind == "StaticSynapse";
    Wired wired = expand(rule, draws, sources, at(cells_, ends.post), single(kind), as_bits, workers_, interruption);
    return connect(kind, ends, std::move(wired), common, key);
}

std::size_t Engine::connect(const std::string& kind, const Ends& ends, Wired wired,
                            const std::map<std::string, double>& common, Key key) {
    for (const auto& [name, value] : common) {
        wired.values.emplace(name, Table<double>{value});  // what differs from row to row stays
    }
    Emitter& pre = emitter(ends.from_sources, ends.pre);
    return take(ends, make_synapses(kind, wired, pre, at(cells_, ends.post), ends.receptor, timestep_, now(), key));
}

std::size_t Engine::connect_procedural(const Ends& ends, const Rule& rule, const std::vector<Draw>& draws,
                                       const std::map<std::string, double>& common) {
    Emitter& pre = emitter(ends.from_sources, ends.pre);
    Cells& post = at(cells_, ends.post);
    Wired values{Connectivity(pre.size(), post), {}, false, {}};
    for (const auto& [name, value] : common) values.values.emplace(name, Table<double>{value});
    return take(ends, std::make_unique<ProceduralSynapses>(rule, draws, values, pre, post, ends.receptor, timestep_, now()));
}

std::size_t Engine::take(const Ends& ends, std::unique_ptr<Synapses> synapses) {
    synapses_.push_back(std::move(synapses));
    if (!synapses_.back()->counts()) synapses_.back()->pre().list_all();
    onto_[ends.post].push_back(synapses_.back().get());
    if (!ends.from_sources) paths_.add(ends.pre, ends.post);
    make_room(*synapses_.back());
    if (synapses_.back()->size() >= kMany) give_back();
    return synapses_.size() - 1;
}

std::size_t Engine::connect_gaps(const Ends& ends, Arrivals& arrivals, const std::map<std::string, double>& common) {
    if (ends.from_sources) throw std::invalid_argument("a gap junction joins two cells");
    for (const auto& [name, value] : common) arrivals.values.emplace(name, std::vector<double>{value});
    gaps_.push_back(std::make_unique<Gaps>(arrivals, at(cells_, ends.pre), at(cells_, ends.post)));
    coupling_.resize(cells_.size());
    for (const std::size_t block : {ends.pre, ends.post}) coupling_[block].resize(at(cells_, block).size());
    return gaps_.size() - 1;
}

void Engine::couple() {
    for (std::vector<double>& currents : coupling_) std::fill(currents.begin(), currents.end(), 0.0);
    for (const auto& gaps : gaps_) {
        const auto number = [&](const Cells& cells) {
            const auto same = [&](const std::unique_ptr<Cells>& other) { return other.get() == &cells; };
            return static_cast<std::size_t>(std::find_if(cells_.begin(), cells_.end(), same) - cells_.begin());
        };
        gaps->flow(coupling_[number(gaps->first())], coupling_[number(gaps->second())]);
    }
    for (std::size_t c = 0; c < coupling_.size(); ++c) {
        for (std::size_t k = 0; k < coupling_[c].size(); ++k) cells_[c]->couple(static_cast<Cell>(k), coupling_[c][k]);
    }
}

std::vector<double> Engine::get_gaps(std::size_t gaps, const std::string& name, Rows rows) const {
    return at(gaps_, gaps).get(name, rows);
}

void Engine::set_gaps(std::size_t gaps, const std::string& name, Values values, Rows rows) {
    at(gaps_, gaps).set(name, values, rows);
}

void Engine::seed_cells(std::size_t cells, Key key) { at(cells_, cells).seed(key); }

void Engine::make_room(const Synapses& synapses) {
    if (synapses.any()) {
        const Step longest = synapses.delays().longest();
        if (synapses.pulls()) {
            const std::size_t steps = static_cast<std::size_t>(longest + kLongestSlice + 1);
            for (History& history : synapses.pre().histories) history.reserve(steps, step_);
        } else {
            sends_ = true;
            Cells& post = synapses.post();
            for (std::size_t p = 0; p < post.parts(); ++p) post.inbox(p).reserve(longest, step_);
        }
    }
    shortest_delay_ = kLongestSlice;
    for (const auto& block : synapses_) {
        if (block->any()) shortest_delay_ = std::min(shortest_delay_, block->alone());
    }
}

// -- values -----------------------------------------------------------------------------------------------------------

void Engine::set_cells(std::size_t cells, const std::string& name, Values values, Rows rows) {
    at(cells_, cells).assign(name, values, rows);
}

std::vector<double> Engine::get_cells(std::size_t cells, const std::string& name, Rows rows) const {
    Cells& block = at(cells_, cells);
    const Column& column = block.column(name);
    check({nullptr, 1}, rows, block.size());
    std::vector<double> values(rows.data ? rows.size : block.size());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = column[rows.data ? static_cast<std::size_t>(rows[k]) : k];
    return values;
}

void Engine::set_spike_times(std::size_t sources, Values data, Rows splits, Rows rows) {
    at(sources_, sources).replace(data, splits, rows, timestep_, now());
}

void Engine::drive(std::size_t sources, Trains trains) { at(sources_, sources).replace(std::move(trains), timestep_); }

void Engine::set_current(std::size_t current, Values times, Values amplitudes) {
    at(currents_, current).replace(times, amplitudes, timestep_, step_);
}

std::vector<double> Engine::get_synapses(std::size_t synapses, const std::string& name, Rows rows) const {
    return at(synapses_, synapses).get(name, rows);
}

void Engine::set_synapses(std::size_t synapses, const std::string& name, Values values, Rows rows) {
    Synapses& block = at(synapses_, synapses);
    block.set(name, values, rows, now());
    sends_ = sends_ || begun_;  // what was under way may lie in the inboxes now
    make_room(block);
}

// -- recording --------------------------------------------------------------------------------------------------------

SpikeTap& Engine::record_spikes(bool of_sources, std::size_t block, Rows rows) {
    Emitter& fires = emitter(of_sources, block);
    spike_taps_.push_back(std::make_unique<SpikeTap>(fires, rows));
    fires.list_all();
    return *spike_taps_.back();
}

SampleTap& Engine::record_samples(std::size_t cells, const std::string& variable, Rows rows, Step every) {
    sample_taps_.push_back(std::make_unique<SampleTap>(at(cells_, cells), variable, rows, every, step_));
    return *sample_taps_.back();
}

void Engine::stop(const SpikeTap& tap) { erase(spike_taps_, tap); }

void Engine::stop(const SampleTap& tap) { erase(sample_taps_, tap); }

// -- the clock --------------------------------------------------------------------------------------------------------

Engine::Outcome Engine::advance(Step goal, const Pulse& pulse) {
    using Clock = std::chrono::steady_clock;
    if (goal <= step_) return Outcome::arrived;
    alone_ = shortest_delay_of_all();
    begin();
    auto beat = Clock::now();
    double since_look = 0.0;
    while (step_ < goal) {
        const Step steps = slice(goal);
        const bool look = step_ + steps - looked_ >= kLongestSlice || step_ + steps == goal;
        run(steps, look);
        if (!all_is_well(step_ - steps + 1, look)) return Outcome::trouble;
        since_look += static_cast<double>(steps) * static_cast<double>(load_ + 100);
        if (since_look < kBetweenLooks) continue;
        since_look = 0.0;
        if (Clock::now() - beat < kBeat) continue;
        if (!pulse()) return Outcome::stopped;
        beat = Clock::now();
    }
    return Outcome::arrived;
}

bool Engine::all_is_well(Step first, bool look) {
    using Membranes = Watch::Membranes;
    membranes_.assign(cells_.size(), look ? Membranes::finite : Membranes::unknown);
    for (const Share& share : shares_) {
        share.each([&](const Piece& piece) {
            if (!piece.finite) membranes_[piece.cells] = Membranes::not_finite;
        });
    }
    if (look) looked_ = step_;
    trouble_.reset();
    for (std::size_t c = 0; c < watches_.size(); ++c) {
        const auto found = watches_[c].after(first, step_, membranes_[c], max_rate_);
        if (!found || trouble_) continue;
        if (found->kind == Trouble::Kind::not_finite || paths_.lead_back(found->block)) trouble_ = found;
    }
    if (look) share_trouble();
    return !trouble_;
}

void Engine::begin() {
    for (const auto& cells : cells_) cells->prepare();
    if (begun_) return;
    const auto ahead = [&](unsigned) -> Fetching& { return nothing_; };
    for (const auto& sources : sources_) sources->fire(0, 0, workers_, false, ahead);
    for (const auto& tap : spike_taps_) tap->gather(0, 0);
    begun_ = true;
    for (unsigned share = 0; share < threads(); ++share) send(share, 0, 0);
}

Step Engine::slice(Step goal) const {
    return gaps_.empty() ? std::min({goal - step_, alone_, kLongestSlice}) : 1;
}

void Engine::run(Step steps, bool look) {
    const Step first = step_ + 1, last = step_ + steps;
    const bool together = static_cast<double>(load_) * static_cast<double>(steps) > kWorthSharing;
    const auto ahead = [&](unsigned share) -> Fetching& {
        const Ahead& known = look_ahead(share, first, steps);
        return known.early ? ahead_[share].fetching : nothing_;
    };
    for (const auto& sources : sources_) sources->fire(first, last, workers_, together, ahead);
    for (const auto& tap : sample_taps_) tap->reserve(last);
    if (!gaps_.empty()) {
        share_potentials();
        couple();
    }
    for (Share& share : shares_) share.clear();
    workers_.run([&](unsigned share) { simulate(share, first, steps, look); }, together);
    gather(first);
    share_spikes(first, last);
    if (sends_) workers_.run([&](unsigned share) { send(share, first, last); }, together);
    step_ = last;
    for (const auto& tap : spike_taps_) tap->gather(first, last);
}

void Engine::simulate(unsigned number, Step first, Step steps, bool look) {
    Share& share = shares_[number];
    for (std::size_t c = 0; c < cells_.size(); ++c) {
        const Range mine = parts_of(c, ranks_.rank);
        for (std::size_t part = mine.first + number; part < mine.last; part += threads()) {
            foresee(c, part, first, steps, share);
        }
    }
    share.open();
    Fetching& fetching = look_ahead(number, first, steps).fetching;
    while (Piece* piece = share.take(false)) simulate(*piece, first, steps, look, &fetching);
    for (unsigned k = 1; k < threads(); ++k) {
        Share& other = shares_[(number + k) % threads()];
        while (Piece* piece = other.take(true)) simulate(*piece, first, steps, look, nullptr);
    }
}

Engine::Ahead& Engine::look_ahead(unsigned share, Step first, Step steps) {
    Ahead& ahead = ahead_[share];
    if (ahead.first == first) return ahead;
    ahead.first = first;
    Aligned<Lines>& lines = ahead.fetching.lines;
    lines.clear();
    std::size_t tiles = 0, drawn = 0, soon = 0;  // tiles of a step; lines of the first step of the first part
    for (const auto& sources : sources_) drawn += sources->strong_tiles() / threads();
    for (std::size_t c = 0; c < cells_.size(); ++c) {
        const Range mine = parts_of(c, ranks_.rank);
        for (std::size_t part = mine.first + share; part < mine.last; part += threads()) {
            if (cells_[c]->fetches()) tiles += padded(cells_[c]->part(part).size()) / kTile;
            for (Step step = first; step < first + steps; ++step) {
                for (const Synapses* synapses : onto_[c]) synapses->expect(part, step, lines);
                if (soon == 0) soon = lines.size();
            }
        }
    }
    // What is fetched while sources are drawn must wait in the cache; else the cells are one step ahead.
    ahead.early = drawn > 0 && ahead.fetching.count() <= kMostEarly;
    if (ahead.early) tiles += drawn;
    ahead.fetching.begin(ahead.early ? 0 : soon, tiles * static_cast<std::size_t>(steps));
    return ahead;
}

void Engine::foresee(std::size_t number, std::size_t part, Step first, Step steps, Share& share) {
    Cells& cells = *cells_[number];
    const std::size_t size = cells.part(part).size();
    if (size == 0) return;
    cells.fetch_with(part, nullptr);
    const bool divided = divides(number, part, first, steps);
    for (Synapses* synapses : onto_[number]) synapses->foresee(part, first, steps, divided);
    for (Step step = first; step < first + steps; ++step) cells.histories[part].at(step).clear();
    const std::size_t length = divided ? cells.strip_length() : size;
    for (std::size_t begin = 0; begin < size; begin += length) {
        share.add(number, {part, begin, std::min(begin + length, size)});
    }
}

void Engine::simulate(Piece& piece, Step first, Step steps, bool look, Fetching* fetching) {
    // Nothing that is sent in these steps arrives in them, so a strip may take them all before the next does.
    Cells& cells = *cells_[piece.cells];
    const std::size_t part = piece.strip.part;
    const bool whole = piece.strip.last - piece.strip.first == cells.part(part).size();
    if (whole) cells.fetch_with(part, fetching);  // strips of one part may be taken side by side
    if (piece.helped) piece.fired.resize(static_cast<std::size_t>(steps));
    for (Step step = first; step < first + steps; ++step) {
        if (fetching && !cells.fetches()) fetching->some(kFetchedAtOnce);
        Fired& own = piece.helped ? piece.fired[static_cast<std::size_t>(step - first)] : cells.histories[part].at(step);
        if (piece.helped) own.clear();
        take_step(piece.cells, piece.strip, step, own);
    }
    if (look) piece.finite = cells.finite(piece.strip);
}

void Engine::gather(Step first) {
    // Helpers took the last pieces of a share: what fired in them comes behind what the histories have.
    for (const Share& share : shares_) {
        share.each([&](const Piece& piece) {
            if (!piece.helped) return;
            History& history = cells_[piece.cells]->histories[piece.strip.part];
            for (std::size_t k = 0; k < piece.fired.size(); ++k) {
                Fired& fired = history.at(first + static_cast<Step>(k));
                fired.insert(fired.end(), piece.fired[k].begin(), piece.fired[k].end());
            }
        });
    }
}

bool Engine::divides(std::size_t number, std::size_t part, Step first, Step steps) const {
    const Cells& cells = *cells_[number];
    if (steps == 1 || cells.strips(part) == 1 || !cells.has_strips()) return false;
    if (!injections_[number][part].empty()) return false;
    for (const auto& tap : sample_taps_) {
        if (tap->of(cells)) return false;
    }
    const auto agrees = [&](const Synapses* synapses) { return synapses->divides(part, first, steps); };
    return std::all_of(onto_[number].begin(), onto_[number].end(), agrees);
}

void Engine::take_step(std::size_t number, const Strip& strip, Step step, Fired& fired) {
    Cells& cells = *cells_[number];
    for (const auto& tap : sample_taps_) {
        if (tap->of(cells)) tap->sample(strip.part, step - 1);
    }
    Injections& injections = injections_[number][strip.part];
    if (!injections.empty()) injections.flow(cells, step - 1);
    // All or nothing, so that what arrives is added in the order of its synapses.
    const auto countable = [=](const Synapses* synapses) { return synapses->tallies(step); };
    const bool counts = cells.adds_counts() && std::all_of(onto_[number].begin(), onto_[number].end(), countable);
    for (Synapses* synapses : onto_[number]) {
        if (counts) synapses->tally(strip, step);
    }
    if (cells.takes_at_once()) cells.advance(strip, step, fired);
    for (Synapses* synapses : onto_[number]) {
        if (!counts && synapses->pulls()) synapses->pull(strip, step);
    }
    if (!cells.takes_at_once()) cells.advance(strip, step, fired);
}

void Engine::send(unsigned share, Step first, Step last) {
    // Step by step, so that the order of the sums does not depend on where a slice ends.
    for (std::size_t c = 0; c < cells_.size(); ++c) {
        const Range mine = parts_of(c, ranks_.rank);
        for (std::size_t part = mine.first + share; part < mine.last; part += threads()) {
            if (cells_[c]->part(part).size() == 0) continue;
            for (Step step = first; step <= last; ++step) {
                cells_[c]->inbox(part).refill(step);
                for (Synapses* synapses : onto_[c]) {
                    if (!synapses->pulls()) synapses->push(part, step);
                }
            }
        }
    }
}

}  // namespace pynn_native
