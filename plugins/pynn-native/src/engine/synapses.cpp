#include "synapses.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "counting.hpp"
#include "kernels.hpp"
#include "plastic.hpp"
#include "stochastic.hpp"
#include "tsodyks_markram.hpp"

namespace pynn_native {

namespace {
// Rows of targets are fetched from memory this many spikes ahead.
constexpr std::size_t kAhead = 6;
// As many targets of each; what comes behind them the processor fetches by itself.
constexpr std::size_t kFetched = 128;
// Where fewer synapses than this bring something to a cell in a step, dividing them between strips costs less than
// strips bring.
constexpr double kSparse = 0.1;
// Weights that kernels which add counts can take: mV or nA, nothing that is meant to be finite in the end (Tile::Products).
constexpr double kLargestCounted = 1e30;
}  // namespace

std::vector<double> select(std::size_t size, Rows rows, std::vector<double> all) {
    if (!rows.data) return all;
    check({nullptr, 1}, rows, size);
    std::vector<double> some(rows.size);
    for (std::size_t k = 0; k < rows.size; ++k) some[k] = all[static_cast<std::size_t>(rows[k])];
    return some;
}

Synapses::Synapses(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep, Step now)
    : pre_(pre), post_(post), receptor_(receptor), timestep_(timestep), since_(now), wires_(std::move(wired.wires)),
      weight_(size(), 0.0, wired.single), delay_(size(), timestep) {
    if (wired.weights.empty()) {
        fill("weight", weight_, wired);
    } else {
        weight_.take(std::move(wired.weights));
    }
    RowValues delays(size());
    fill("delay", delays, wired);
    const double common = delays[0];
    delay_.assign(delays.shared() ? Values{&common, 1} : Values{delays.data(), size()}, {});
}

void Synapses::fill(const std::string& name, RowValues& column, Wired& wired) const {
    const auto found = wired.values.find(name);
    if (found == wired.values.end() && size() == 0) return;  // there was no chunk that could say what differs
    if (found == wired.values.end()) throw std::invalid_argument("synapses without " + name);
    const std::size_t given = found->second.size();
    if (given != 1 && given != size()) throw std::invalid_argument("values of another number of synapses");
    if (given) column.take(std::move(found->second));
    wired.values.erase(found);
}

std::vector<double> Synapses::get(const std::string& name, Rows rows) const {
    if (name == "i") return select(size(), rows, wires_.sources());
    if (name == "j") return select(size(), rows, wires_.targets_in_block());
    const bool weight = name == "weight";
    if (!weight && name != "delay") throw std::out_of_range("synapses have no " + name);
    std::vector<double> all(size());
    for (std::size_t k = 0; k < size(); ++k) all[k] = weight ? weight_[k] : delay_.in_ms(k);
    return select(size(), rows, std::move(all));
}

void Synapses::set(const std::string& name, Values values, Rows rows, Step) {
    if (name == "weight") {
        weight_.assign(values, rows);
    } else if (name == "delay") {
        delay_.assign(values, rows);
    } else {
        throw std::out_of_range("synapses have no " + name);
    }
}

StaticSynapses::StaticSynapses(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep, Step now)
    : Synapses(wired, pre, post, receptor, timestep, now), diagonal_(wires_.diagonal()),
      counts_(post.parts()), ahead_(post.parts()) {}

const std::uint8_t* StaticSynapses::counted(Step step) const {
    const Step sent = step - delay_[0];
    return diagonal_ && sent > since_ ? pre_.histories[0].counted(sent) : nullptr;  // cells are not counted
}

bool StaticSynapses::divides(std::size_t part, Step first, Step steps) const {
    if (!pulls() || size() == 0) return true;
    if (!wires_.bits().empty() || !weight_.shared()) return false;
    std::size_t fired = 0;
    for (Step step = first; step < first + steps; ++step) {
        if (step - delay_[0] <= since_ || counted(step)) continue;
        for (const History& history : pre_.histories) {
            const Fired& some = history.at(step - delay_[0]);
            PYNN_NATIVE_PREFETCH(some.data());  // another core wrote it, and `foresee` comes soon
            if (pre_.repeats() && std::adjacent_find(some.begin(), some.end()) != some.end()) return false;
            fired += some.size();
        }
    }
    const Range all{wires_.row(part, 0).first, wires_.row(part, pre_.size()).first};
    const double arriving = static_cast<double>(fired * all.size()) / static_cast<double>(pre_.size());
    return arriving < kSparse * static_cast<double>(post_.part(part).size() * static_cast<std::size_t>(steps));
}

void StaticSynapses::foresee(std::size_t part, Step first, Step steps, bool divided) {
    ahead_[part].clear();
    if (diagonal_) room(part);  // before strips need it, maybe side by side
    if (!divided || !pulls()) return;
    thread_local UsedRows used;
    used.clear();
    for (Step step = first; step < first + steps; ++step) {
        if (step - delay_[0] > since_ && !counted(step)) {
            for (const History& history : pre_.histories) {
                for (const Cell source : history.at(step - delay_[0])) used.rows.push_back(wires_.row(part, source));
            }
        }
        used.ends.push_back(used.rows.size());
    }
    ahead_[part].divide(used, wires_.all_targets(), post_.strips(part), post_.strip_shift(), first);
}

void StaticSynapses::expect(std::size_t part, Step step, Aligned<Lines>& lines) const {
    const Step sent = step - delay_[0];
    if (wires_.bits().empty() || sent <= since_) return;
    const std::size_t each = wires_.bits().squares(part) * Bitmap::kWords * sizeof(std::uint64_t) / Lines::kBytes;
    for (const History& history : pre_.histories) {
        for (const Cell source : history.at(sent)) {
            lines.push_back({reinterpret_cast<const char*>(wires_.bits().row(part, source)), each});
        }
    }
}

void StaticSynapses::pull(const Strip& strip, Step step) {
    with_number(post_.single(), [&](auto zero) { deliver_all<decltype(zero)>(strip, step); });
}

template <class Number>
void StaticSynapses::deliver_all(const Strip& strip, Step step) {
    if (const std::uint8_t* counts = counted(step)) {
        deliver_counted<Number>(strip, step, counts);
    } else if (!ahead_[strip.part].empty()) {
        deliver_divided<Number>(strip, step);
    } else if (!wires_.bits().empty()) {
        deliver_bits<Number>(strip, step);
    } else if (const double* weight = weight_.data()) {
        deliver<Number>(strip, step, [=](std::size_t n) { return static_cast<Number>(weight[n]); });
    } else if (const float* single = weight_.singles()) {
        deliver<Number>(strip, step, [=](std::size_t n) { return static_cast<Number>(single[n]); });
    } else {
        const auto common = static_cast<Number>(weight_[0]);
        deliver<Number>(strip, step, [=](std::size_t) { return common; });
    }
}

template <class Number>
void StaticSynapses::deliver_divided(const Strip& strip, Step step) {
    Number* PYNN_NATIVE_RESTRICT input = post_.arriving<Number>(strip, step, receptor_);
    const auto weight = static_cast<Number>(weight_[0]);
    const View<std::uint16_t> targets = ahead_[strip.part].at(strip.first >> post_.strip_shift(), step);
    for (std::size_t k = 0; k < targets.size; ++k) input[targets[k]] += weight;
}

template <class Number, class Weight>
void StaticSynapses::deliver(const Strip& whole, Step step, Weight weight) {
    const std::size_t part = whole.part;
    const Step sent = step - delay_[0];
    if (sent <= since_) return;
    Number* PYNN_NATIVE_RESTRICT input = post_.arriving<Number>(whole, step, receptor_);
    const std::uint16_t* PYNN_NATIVE_RESTRICT target = wires_.targets();
    for (const History& history : pre_.histories) {
        const Fired& fired = history.at(sent);
        for (std::size_t k = 0, next = 0; k < fired.size(); k = next) {
            for (next = k + 1; next < fired.size() && fired[next] == fired[k];) ++next;
            if (k + kAhead < fired.size()) {
                const Range later = wires_.row(part, fired[k + kAhead]);
                fetch(target, {later.first, std::min(later.first + kFetched, later.last)});
            }
            const Range row = wires_.row(part, fired[k]);
            const auto times = static_cast<Number>(next - k);  // a source may fire more than once in a step
            for (std::size_t n = row.first; n < row.last; ++n) input[target[n]] += times * weight(n);
        }
    }
}

bool StaticSynapses::tallies(Step step) const {
    if (!pulls() || step - delay_[0] <= since_) return true;  // nothing arrives
    if (!weight_.shared() || !(std::abs(weight_[0]) < kLargestCounted)) return false;
    if (wires_.bits().empty()) return counted(step) != nullptr;
    std::size_t rows = 0;
    for (const History& history : pre_.histories) rows += history.at(step - delay_[0]).size();
    return rows <= kRowsInBytes;
}

std::uint8_t* StaticSynapses::room(std::size_t part) {
    const std::size_t squares = (post_.part(part).size() + Bitmap::kSquare - 1) / Bitmap::kSquare;
    counts_[part].resize(squares * Bitmap::kSquare);
    return counts_[part].data();
}

void StaticSynapses::tally(const Strip& strip, Step step) {
    if (!pulls() || step - delay_[0] <= since_) return;
    if (!wires_.bits().empty()) {
        const auto& rows = rows_of_bits(strip.part, step);
        if (rows.empty()) return;
        std::uint8_t* counts = room(strip.part);
        count_rows(rows, wires_.bits().squares(strip.part), counts);
        return post_.count(strip, receptor_, {counts + strip.first, weight_[0]});
    }
    const Diagonal some = diagonal_in(strip);
    if (some.first >= some.last) return;
    const std::uint8_t* counts = counted(step) + some.source;
    if (some.first > strip.first || some.last < strip.last) {
        std::uint8_t* all = room(strip.part) + strip.first;
        std::fill(all, all + (strip.last - strip.first), std::uint8_t{0});
        std::copy(counts, counts + (some.last - some.first), all + (some.first - strip.first));
        counts = all;
    }
    post_.count(strip, receptor_, {counts, weight_[0]});
}

const std::vector<const std::uint64_t*>& StaticSynapses::rows_of_bits(std::size_t part, Step step) const {
    thread_local std::vector<const std::uint64_t*> rows;
    rows.clear();
    for (const History& history : pre_.histories) {
        for (const Cell source : history.at(step - delay_[0])) rows.push_back(wires_.bits().row(part, source));
    }
    return rows;
}

template <class Number>
void StaticSynapses::deliver_bits(const Strip& whole, Step step) {
    const std::size_t part = whole.part;
    if (step - delay_[0] <= since_) return;
    const auto& rows = rows_of_bits(part, step);
    const std::size_t size = post_.part(part).size();
    Number* input = post_.arriving<Number>(whole, step, receptor_);
    if (!rows.empty()) add_rows(rows, wires_.bits().squares(part), weight_[0], input, size);
}

StaticSynapses::Diagonal StaticSynapses::diagonal_in(const Strip& strip) const {
    const Range sources = wires_.diagonal_sources(strip.part);
    if (!sources.size()) return {};
    const std::size_t row = wires_.row(strip.part, sources.first).first, target = wires_.targets()[row];
    const std::size_t first = std::max(strip.first, target), last = std::min(strip.last, target + sources.size());
    return {first, last, row + (first - target), sources.first + (first - target)};
}

template <class Number>
void StaticSynapses::deliver_counted(const Strip& strip, Step step, const std::uint8_t* counts) {
    const Diagonal some = diagonal_in(strip);
    if (some.first >= some.last) return;
    Number* input = post_.arriving<Number>(strip, step, receptor_) + some.first;
    counts += some.source;
    const std::size_t size = some.last - some.first;
    if (const float* single = weight_.singles()) {
        for (std::size_t k = 0; k < size; ++k) {
            input[k] += static_cast<Number>(counts[k]) * static_cast<Number>(single[some.row + k]);
        }
        return;
    }
    const double common = weight_[some.row];
    const double* weight = weight_.data() ? weight_.data() + some.row : &common;
    add_counted(Counted<Number>{input, counts, weight, !weight_.data(), size});
}

template <class Each>
void StaticSynapses::each_source(std::size_t part, const History& history, Step sent, Each each) const {
    const std::uint8_t* counts = diagonal_ ? history.counted(sent) : nullptr;
    if (!counts) {
        const Fired& fired = history.at(sent);
        for (std::size_t k = 0, next = 0; k < fired.size(); k = next) {
            for (next = k + 1; next < fired.size() && fired[next] == fired[k];) ++next;
            each(fired[k], static_cast<int>(next - k));
        }
        return;
    }
    const Range sources = wires_.diagonal_sources(part);
    for (std::size_t i = sources.first; i < sources.last; ++i) {
        if (counts[i]) each(i, counts[i]);
    }
}

template <class Number, class Delay>
void StaticSynapses::push_row(Inbox& inbox, Range row, Step step, const Delay* delay) const {
    const std::uint16_t* target = wires_.targets();
    for (std::size_t n = row.first; n < row.last; ++n) {
        inbox.add<Number>(step, step + static_cast<Step>(delay[n]), receptor_, target[n], weight_[n]);
    }
}

void StaticSynapses::push(std::size_t part, Step step) {
    Inbox& inbox = post_.inbox(part);
    with_number(post_.single(), [&](auto zero) {
        using Number = decltype(zero);
        if (!delay_.bytes().empty()) {
            each_fired(part, step, [&](Range row) { push_row<Number>(inbox, row, step, delay_.bytes().data()); });
        } else {
            each_fired(part, step, [&](Range row) { push_row<Number>(inbox, row, step, delay_.words().data()); });
        }
    });
}

void StaticSynapses::settle(Step now) {
    // What was sent and has not arrived moves into the inboxes with the values it was sent with.
    if (!pulls() || now < 0) return;
    const Step delay = delay_[0];
    const std::uint16_t* target = wires_.targets();
    for (std::size_t part = 0; part < post_.parts(); ++part) {
        Inbox& inbox = post_.inbox(part);
        inbox.reserve(delay, now);
        for (Step sent = std::max(since_, now - delay) + 1; sent <= now; ++sent) {
            for (const History& history : pre_.histories) {
                each_source(part, history, sent, [&](std::size_t source, int times) {
                    const auto add = [&](std::size_t cell, double weight) {
                        inbox.add(now, sent + delay, receptor_, cell, times * weight);
                    };
                    const Range row = wires_.row(part, source);
                    if (!wires_.bits().empty()) {
                        wires_.bits().each_target(part, source, [&](std::size_t cell) { add(cell, weight_[0]); });
                    } else {
                        for (std::size_t n = row.first; n < row.last; ++n) add(target[n], weight_[n]);
                    }
                });
            }
        }
    }
    since_ = now;
}

void StaticSynapses::set(const std::string& name, Values values, Rows rows, Step now) {
    check(values, rows, size());
    settle(now);
    Synapses::set(name, values, rows, now);
    if (!counts()) pre_.list_all();
    if (!weight_.shared() || !delay_.shared()) wires_.unpack();
    since_ = std::max(since_, now);
}

std::unique_ptr<Synapses> make_synapses(const std::string& kind, Wired& wired, Emitter& pre, Cells& post,
                                        std::size_t receptor, double timestep, Step now, Key key) {
    if (receptor >= post.receptors()) throw std::out_of_range("no such receptor");
    if (kind == "StaticSynapse") {
        return std::make_unique<StaticSynapses>(wired, pre, post, receptor, timestep, now);
    }
    if (kind == "TsodyksMarkramSynapse") {
        return std::make_unique<TsodyksMarkram>(wired, pre, post, receptor, timestep, now);
    }
    if (kind == "SimpleStochasticSynapse") {
        return std::make_unique<Stochastic>(false, wired, pre, post, receptor, timestep, now, key);
    }
    if (kind == "StochasticTsodyksMarkramSynapse" || kind == "MultiQuantalSynapse") {
        return std::make_unique<Stochastic>(true, wired, pre, post, receptor, timestep, now, key);
    }
    if (kind.rfind("STDPMechanism+", 0) == 0) {
        return std::make_unique<Plastic>(kind, wired, pre, post, receptor, timestep, now);
    }
    throw std::invalid_argument("no synapses of kind " + kind);
}

}  // namespace pynn_native
