#include "procedural.hpp"

#include <algorithm>
#include <stdexcept>

#include "bits.hpp"
#include "expansion.hpp"
#include "interruption.hpp"
#include "kernels.hpp"
#include "row_maker.hpp"

namespace pynn_native {

namespace {

// A stretch of steps is one word: one bit each.
constexpr Step kLongestStretch = 64;

template <class T, class View>
std::vector<T> copied(const View& view) {
    return view.data ? std::vector<T>(view.data, view.data + view.size) : std::vector<T>();
}

// Whether the sources of a target are a set.
bool never_twice(const Rule& rule) {
    if (rule.kind == Rule::Kind::fixed_probability || rule.kind == Rule::Kind::all_to_all) return true;
    if (rule.kind != Rule::Kind::fixed_number_pre || rule.with_replacement) return false;
    const double most = *std::max_element(rule.number.data, rule.number.data + rule.number.size);
    return most < static_cast<double>(rule.pre.size);  // without its twin there is one source less
}

// Which sources of a rule, by its own numbers, have arrivals.
std::vector<std::uint64_t> firing_of(Rows pre, const std::vector<std::uint64_t>& arrivals) {
    std::vector<std::uint64_t> firing((pre.size + 63) / 64, 0);
    for (std::size_t i = 0; i < pre.size; ++i) {
        const bool fires = pre[i] >= 0 && arrivals[static_cast<std::size_t>(pre[i])];
        firing[i / 64] |= std::uint64_t{fires} << i % 64;
    }
    return firing;
}

// deliver(source, its place among the chosen, how many are chosen) for those that are chosen and firing; the last two are
// known only where they are `counted`.
template <class Deliver>
void among_bits(const std::vector<std::uint64_t>& chosen, const std::vector<std::uint64_t>& firing, bool counted,
                Deliver deliver) {
    std::size_t before = 0, all = 0;
    if (counted) {
        for (const std::uint64_t word : chosen) all += count_bits(word);
    }
    for (std::size_t a = 0; a < chosen.size(); ++a) {
        for (std::uint64_t both = chosen[a] & firing[a]; both; both &= both - 1) {
            const unsigned bit = lowest_bit(both);
            const std::uint64_t lower = (std::uint64_t{1} << bit) - 1;
            deliver(a * 64 + bit, before + count_bits(chosen[a] & lower), all);
        }
        if (counted) before += count_bits(chosen[a]);
    }
}

// As stored synapses multiply for cells that are `single`.
double multiplied(double times, double weight, bool single) {
    return single ? static_cast<double>(static_cast<float>(times) * static_cast<float>(weight)) : times * weight;
}

Interruption& never() {
    static Interruption interruption;
    return interruption;
}

}  // namespace

OwnRule::OwnRule(const Rule& rule)
    : pre_(copied<std::int64_t>(rule.pre)), post_(copied<std::int64_t>(rule.post)),
      twins_(copied<std::int64_t>(rule.twins)), number_(copied<double>(rule.number)), rule_(rule) {
    rule_.pre = {pre_.data(), pre_.size()};
    rule_.post = {post_.data(), post_.size()};
    rule_.twins = {rule.twins.data ? twins_.data() : nullptr, twins_.size()};
    rule_.number = {number_.data(), number_.size()};
}

ProceduralSynapses::ProceduralSynapses(const Rule& rule, const std::vector<Draw>& draws, Wired& common, Emitter& pre,
                                       Cells& post, std::size_t receptor, double timestep, Step now)
    : Synapses(common, pre, post, receptor, timestep, now), own_(rule), draws_(draws), tables_(own_.rule(), never()),
      any_(rule.pre.size > 0 && rule.post.size > 0), counted_(fit_bits(rule, draws)), targets_(post.parts()),
      ahead_(post.parts()) {
    check(rule, pre.size(), post.size());
    const auto weight = [](const Draw& draw) { return draw.name == "weight"; };
    if (rule.by_source() || rule.kind == Rule::Kind::fixed_total_number || !std::all_of(draws.begin(), draws.end(), weight)) {
        throw std::invalid_argument("rows that cannot be made target by target");
    }
    for (std::size_t j = 0; j < rule.post.size; ++j) {
        if (rule.post[j] >= 0) targets_[post.part_of(static_cast<std::size_t>(rule.post[j]))].push_back(static_cast<Cell>(j));
    }
    for (std::vector<Cell>& numbers : targets_) {
        std::stable_sort(numbers.begin(), numbers.end(), [&](Cell a, Cell b) { return rule.post[a] < rule.post[b]; });
    }
    for (Ahead& ahead : ahead_) ahead.end = now + 1;
}

ProceduralSynapses::Arrivals ProceduralSynapses::look(Step first, Step steps) const {
    Arrivals arrivals;
    for (Step step = first; step < first + steps; ++step) {
        const Step sent = step - delay_[0];
        if (sent <= since_) continue;
        const std::uint64_t bit = std::uint64_t{1} << (step - first);
        for (const History& history : pre_.histories) {
            for (const Cell source : history.at(sent)) {
                std::size_t nth = 0;
                while (nth < arrivals.size() && (arrivals[nth][source] & bit)) ++nth;
                if (nth == arrivals.size()) arrivals.emplace_back(pre_.size(), 0);
                arrivals[nth][source] |= bit;
            }
        }
    }
    return arrivals;
}

// each(target within its part, arrivals of a source of it, how many in each step, weight) for one target after the other,
// sources increasing where weights differ.
template <class Each>
void ProceduralSynapses::each_arriving(std::size_t part, const Arrivals& arrivals, Each each) const {
    const Rule& rule = own_.rule();
    Chooser chooser(rule, tables_);
    const std::vector<std::uint64_t> firing = firing_of(rule.pre, arrivals[0]);
    const bool as_bits = never_twice(rule), drawn = !draws_.empty();
    const bool trials = rule.kind == Rule::Kind::fixed_probability && !drawn;
    std::vector<double> values;
    for (const Cell j : targets_[part]) {
        const auto target = static_cast<std::uint16_t>(static_cast<std::size_t>(rule.post[j]) - post_.part(part).first);
        // The k-th source of this target, of so many.
        const auto deliver = [&](std::size_t i, std::size_t k, std::size_t count) {
            const auto source = static_cast<std::size_t>(rule.pre[i]);
            if (drawn && values.empty()) {
                values.resize(count);
                pynn_native::fill(draws_[0], j, values);
            }
            for (std::size_t n = 0; n < arrivals.size() && arrivals[n][source]; ++n) {
                const std::uint64_t more = n + 1 < arrivals.size() ? arrivals[n + 1][source] : 0;
                each(target, arrivals[n][source] & ~more, static_cast<double>(n + 1), drawn ? values[k] : weight_[0]);
            }
        };
        values.clear();
        if (trials) {
            among_bits(chooser.choose_among(j, firing), firing, false, deliver);
        } else if (as_bits) {
            among_bits(chooser.choose_bits(j), firing, drawn, deliver);
        } else {
            const std::vector<Cell>& chosen = chooser.choose(j, drawn);
            for (std::size_t k = 0; k < chosen.size(); ++k) {
                if (firing[chosen[k] / 64] >> chosen[k] % 64 & 1) deliver(chosen[k], k, chosen.size());
            }
        }
    }
}

void ProceduralSynapses::make(std::size_t part, Step first, Step steps) {
    for (Step step = first; step < first + steps; ++step) {
        slot(part, step).targets.clear();
        slot(part, step).weights.clear();
    }
    const Arrivals arrivals = look(first, steps);
    if (arrivals.empty()) return;
    const bool drawn = !draws_.empty(), weighed = drawn || arrivals.size() > 1;
    each_arriving(part, arrivals, [&](std::uint16_t target, std::uint64_t bits, double times, double weight) {
        for (; bits; bits &= bits - 1) {
            Arriving& arriving = slot(part, first + static_cast<Step>(lowest_bit(bits)));
            arriving.targets.push_back(target);
            if (weighed) arriving.weights.push_back(drawn ? multiplied(times, weight, post_.single()) : times);
        }
    });
}

void ProceduralSynapses::foresee(std::size_t part, Step first, Step steps, bool) {
    Ahead& ahead = ahead_[part];
    if (first + steps <= ahead.end) return;
    // What was sent up to the step before `first` is known, and no more.
    const Step stretch = std::min(delay_[0], kLongestStretch);
    if (ahead.slots.size() != static_cast<std::size_t>(stretch)) {
        ahead.slots.assign(static_cast<std::size_t>(stretch), Arriving());
        ahead.end = first;
    }
    const Step from = std::max(first, ahead.end);
    make(part, from, first + stretch - from);
    ahead.end = first + stretch;
}

void ProceduralSynapses::pull(const Strip& strip, Step step) {
    with_number(post_.single(), [&](auto zero) { deliver<decltype(zero)>(strip, step); });
}

template <class Number>
void ProceduralSynapses::deliver(const Strip& strip, Step step) {
    const Arriving& arriving = slot(strip.part, step);
    Number* PYNN_NATIVE_RESTRICT input = post_.arriving<Number>(strip, step, receptor_);
    const std::vector<std::uint16_t>& targets = arriving.targets;
    const std::vector<double>& weights = arriving.weights;  // or how often each source fired, or nothing
    const auto common = static_cast<Number>(draws_.empty() ? weight_[0] : 1.0);
    const auto begin = std::lower_bound(targets.begin(), targets.end(), strip.first);
    auto k = static_cast<std::size_t>(begin - targets.begin());
    for (std::size_t next = k; k < targets.size() && targets[k] < strip.last; k = next) {
        double sum = weights.empty() ? 1.0 : weights[k];
        for (next = k + 1; counted_ && next < targets.size() && targets[next] == targets[k]; ++next) {
            sum += weights.empty() ? 1.0 : weights[next];
        }
        input[targets[k]] += static_cast<Number>(sum) * common;
    }
}

std::vector<double> ProceduralSynapses::get(const std::string& name, Rows rows) const {
    const bool weight = name == "weight";
    if (!weight && name != "i" && name != "j" && name != "delay") throw std::out_of_range("synapses have no " + name);
    RowMaker maker(own_.rule(), draws_, never());
    std::vector<double> all;
    while (true) {
        const MadeRows made = maker.next(std::size_t{1} << 20, never());
        const std::size_t count = made.pre.size();
        if (count == 0) break;
        if (name == "i") all.insert(all.end(), made.pre.begin(), made.pre.end());
        if (name == "j") all.insert(all.end(), made.post.begin(), made.post.end());
        if (name == "delay") all.resize(all.size() + count, delay_.in_ms(0));
        if (weight && draws_.empty()) all.resize(all.size() + count, weight_[0]);
        if (weight && !draws_.empty()) all.insert(all.end(), made.values[0].begin(), made.values[0].end());
    }
    return select(all.size(), rows, std::move(all));
}

void ProceduralSynapses::settle(Step now) {
    // What was sent and has not arrived moves into the inboxes with the values it was sent with.
    if (now < 0) return;
    const Step delay = delay_[0];
    for (std::size_t part = 0; part < post_.parts(); ++part) {
        Inbox& inbox = post_.inbox(part);
        inbox.reserve(delay, now);
        for (Step first = now + 1; first <= now + delay; first += kLongestStretch) {
            const Arrivals arrivals = look(first, std::min(kLongestStretch, now + delay + 1 - first));
            if (arrivals.empty()) continue;
            each_arriving(part, arrivals, [&](std::uint16_t target, std::uint64_t bits, double times, double weight) {
                for (; bits; bits &= bits - 1) {
                    inbox.add(now, first + static_cast<Step>(lowest_bit(bits)), receptor_, target, times * weight);
                }
            });
        }
        ahead_[part] = {now + 1, {}};
    }
    since_ = now;
}

void ProceduralSynapses::set(const std::string& name, Values values, Rows rows, Step now) {
    if (rows.data || values.size != 1) {
        throw std::invalid_argument("synapses that are made anew each time cannot have values of their own");
    }
    settle(now);
    if (name == "weight") draws_.clear();
    Synapses::set(name, values, rows, now);
    since_ = std::max(since_, now);
}

}  // namespace pynn_native
