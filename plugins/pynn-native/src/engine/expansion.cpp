#include "expansion.hpp"

#include <algorithm>
#include <numeric>

#include "chooser.hpp"
#include "dense.hpp"
#include "scatter.hpp"

namespace pynn_native {

namespace {

// Where a synapse goes: part and number of the target within it, source, and its number among those of its group.
struct Place {
    std::size_t part, source;
    std::uint16_t target;
    std::size_t k;
};

// Choices are remembered where they take less than 16 MiB.
constexpr double kRemembered = 4.0 * 1024.0 * 1024.0;

// Squares of bits for fewer targets, shared by several threads, would be empty for the most part.
constexpr std::size_t kLeastTargets = 2048;

// About how many synapses a rule makes.
double synapses_of(const Rule& rule) {
    const auto pairs = static_cast<double>(rule.pre.size) * static_cast<double>(rule.post.size);
    switch (rule.kind) {
        case Rule::Kind::fixed_probability:
            return rule.probability * pairs;
        case Rule::Kind::fixed_number_pre:
        case Rule::Kind::fixed_number_post: {
            const double all = std::accumulate(rule.number.data, rule.number.data + rule.number.size, 0.0);
            return all / static_cast<double>(rule.number.size) * static_cast<double>(rule.groups());
        }
        default:
            return pairs;  // chosen already, or nothing to choose
    }
}

// Whether cells are counted in the order of their rows, those of other blocks left out.
bool increasing(Rows rows) {
    std::int64_t before = -1;
    for (std::size_t k = 0; k < rows.size; ++k) {
        if (rows[k] < 0) continue;
        if (rows[k] < before) return false;
        before = rows[k];
    }
    return true;
}

bool counted_by_row(Rows rows) {
    for (std::size_t k = 0; k < rows.size; ++k) {
        if (rows[k] != static_cast<std::int64_t>(k)) return false;
    }
    return true;
}

// What was chosen for the groups of one share, one after the other, so that it need not be chosen again.
struct Remembered {
    std::vector<Cell> chosen;
    std::vector<std::size_t> ends;  // of each group's; empty: nothing is remembered
};

class Expansion {
public:
    Expansion(const Rule& rule, const Cells& post, unsigned shares, Interruption& interruption);

    std::size_t shares() const { return groups_.size(); }
    DenseChoices dense_choices(std::size_t share) const {
        return DenseChoices(rule_, tables_, groups_[share], interruption_);
    }
    Interruption& interruption() const { return interruption_; }
    // The row of a source, -1 for none, and the numbers of all targets of a share within its part.
    std::int64_t source_row(std::size_t i) const { return rule_.pre[i]; }
    std::vector<std::uint16_t> targets(std::size_t share) const {
        std::vector<std::uint16_t> numbers;
        for (const Cell j : groups_[share]) {
            const auto row = static_cast<std::size_t>(rule_.post[j]);
            numbers.push_back(static_cast<std::uint16_t>(row - post_.part(share).first));
        }
        return numbers;
    }
    // Follow the rule through one share: begin(group, synapses of it), then each(Place) for those of this wiring.
    // In order: those of one group increasing, as values are drawn for them. What is remembered is not chosen again, and
    // small networks remember it.
    template <class Begin, class Each>
    void follow(std::size_t share, bool in_order, Remembered& memory, Begin begin, Each each) const;

private:
    void share_targets();
    void share_sources(unsigned shares);
    template <class Each>
    void of_target(std::size_t j, View<Cell> chosen, Each each) const;
    template <class Each>
    void of_source(std::size_t i, View<Cell> chosen, std::vector<std::size_t>& order, Each each) const;

    Interruption& interruption_;
    const Rule& rule_;
    const Cells& post_;
    RuleTables tables_;
    bool increasing_;  // targets
    bool plain_;       // sources are counted by their rows
    bool remember_;
    // Targets in the order of their rows, a share for each part; or sources, in as many shares as threads.
    std::vector<std::vector<Cell>> groups_;
};

Expansion::Expansion(const Rule& rule, const Cells& post, unsigned shares, Interruption& interruption)
    : interruption_(interruption), rule_(rule), post_(post), tables_(rule, interruption),
      increasing_(increasing(rule.post)), plain_(counted_by_row(rule.pre)), remember_(synapses_of(rule) < kRemembered) {
    if (rule.by_source()) {
        share_sources(shares);
    } else {
        share_targets();
    }
}

void Expansion::share_targets() {
    groups_.resize(post_.parts());
    for (std::size_t j = 0; j < rule_.post.size; ++j) {
        if (rule_.post[j] < 0) continue;
        groups_[post_.part_of(static_cast<std::size_t>(rule_.post[j]))].push_back(static_cast<Cell>(j));
    }
    if (increasing_) return;
    for (std::vector<Cell>& numbers : groups_) {
        std::stable_sort(numbers.begin(), numbers.end(), [&](Cell a, Cell b) { return rule_.post[a] < rule_.post[b]; });
    }
}

void Expansion::share_sources(unsigned shares) {
    groups_.resize(shares);
    for (std::size_t i = 0; i < rule_.pre.size; ++i) {
        if (rule_.pre[i] >= 0) groups_[i * shares / rule_.pre.size].push_back(static_cast<Cell>(i));
    }
}

template <class Each>
void Expansion::of_target(std::size_t j, View<Cell> chosen, Each each) const {
    const auto row = static_cast<std::size_t>(rule_.post[j]);
    const std::size_t part = post_.part_of(row);
    const auto target = static_cast<std::uint16_t>(row - post_.part(part).first);
    for (std::size_t k = 0; k < chosen.size; ++k) {
        const std::int64_t source = plain_ ? static_cast<std::int64_t>(chosen[k]) : rule_.pre[chosen[k]];
        if (source >= 0) each(Place{part, static_cast<std::size_t>(source), target, k});
    }
}

template <class Each>
void Expansion::of_source(std::size_t i, View<Cell> chosen, std::vector<std::size_t>& order, Each each) const {
    order.resize(chosen.size);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto row_of = [&](std::size_t k) { return rule_.post[chosen[k]]; };
    if (!increasing_) {
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row_of(a) < row_of(b); });
    }
    for (const std::size_t k : order) {
        if (row_of(k) < 0) continue;
        const auto row = static_cast<std::size_t>(row_of(k));
        const std::size_t part = post_.part_of(row);
        const auto target = static_cast<std::uint16_t>(row - post_.part(part).first);
        each(Place{part, static_cast<std::size_t>(rule_.pre[i]), target, k});
    }
}

template <class Begin, class Each>
void Expansion::follow(std::size_t share, bool in_order, Remembered& memory, Begin begin, Each each) const {
    const bool replay = !memory.ends.empty();
    Chooser chooser(rule_, tables_);
    std::vector<std::size_t> order;
    std::size_t first = 0, nth = 0;
    for (const Cell group : groups_[share]) {
        interruption_.check();
        View<Cell> chosen;
        if (replay) {
            chosen = {memory.chosen.data() + first, memory.ends[nth] - first};
            first = memory.ends[nth++];
        } else {
            const std::vector<Cell>& found = chooser.choose(group, in_order);
            chosen = {found.data(), found.size()};
            if (remember_) {
                memory.chosen.insert(memory.chosen.end(), found.begin(), found.end());
                memory.ends.push_back(memory.chosen.size());
            }
        }
        begin(group, chosen.size);
        if (rule_.by_source()) {
            of_source(group, chosen, order, each);
        } else {
            of_target(group, chosen, each);
        }
    }
}

void count(const Expansion& expansion, std::size_t share, bool in_order, Remembered& memory, Connectivity& wires) {
    expansion.follow(
        share, in_order, memory, [](std::size_t, std::size_t) {},
        [&](const Place& place) { wires.count(place.part, place.source); });
}

void count(const Expansion& expansion, std::size_t share, const DenseChoices& choices, Connectivity& wires) {
    const std::vector<std::uint32_t> counts = choices.count();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::int64_t source = expansion.source_row(i);
        if (source >= 0) wires.count(share, static_cast<std::size_t>(source), counts[i]);
    }
}

void write(const Expansion& expansion, std::size_t share, const DenseChoices& choices, Connectivity& wires) {
    const std::vector<std::uint16_t> numbers = expansion.targets(share);
    const auto place = [&](std::size_t i, std::size_t k, std::uint64_t targets) {
        const std::int64_t source = expansion.source_row(i);
        if (source < 0) return;
        wires.place_several(share, static_cast<std::size_t>(source), numbers.data() + k, targets);
    };
    choices.read(place, expansion.interruption());
}

// Put the synapses of one share, with their values, into their rows.
void write(const Expansion& expansion, std::size_t share, const Rule& rule, const std::vector<Draw>& draws,
           std::size_t sources, Remembered& memory, Connectivity& wires, const std::vector<Destination>& columns) {
    std::vector<std::vector<double>> drawn(draws.size());
    const auto draw_all = [&](std::size_t group, std::size_t count) {
        for (std::size_t d = 0; d < draws.size(); ++d) {
            drawn[d].resize(count);
            fill(draws[d], group, drawn[d]);
        }
    };
    if (rule.by_source()) {
        expansion.follow(share, true, memory, draw_all, [&](const Place& place) {
            const std::size_t row = wires.place(place.part, place.source, place.target);
            for (std::size_t d = 0; d < drawn.size(); ++d) columns[d].put(row, drawn[d][place.k]);
        });
        return;
    }
    Scatter scatter(wires, share, sources, columns);  // a share is a part
    expansion.follow(share, !draws.empty(), memory, draw_all, [&](const Place& place) {
        scatter.add(place.source, place.target, [&](std::size_t d) { return drawn[d][place.k]; });
    });
}

std::vector<Destination> columns_of(const std::vector<Draw>& draws, Wired& wired) {
    std::vector<Destination> columns;
    for (const Draw& draw : draws) {
        if (wired.single && draw.name == "weight") {
            wired.weights.resize(wired.wires.size());
            columns.push_back({nullptr, wired.weights.data()});
        } else {
            Table<double>& values = wired.values[draw.name];
            values.resize(wired.wires.size());
            columns.push_back({values.data(), nullptr});
        }
    }
    return columns;
}

}  // namespace

bool fit_bits(const Rule& rule, const std::vector<Draw>& draws) {
    return draws.empty() && DenseChoices::suit(rule) && rule.post.size >= kLeastTargets;
}

Wired expand(const Rule& rule, const std::vector<Draw>& draws, std::size_t sources, const Cells& post,
             bool single, bool as_bits, Workers& workers, Interruption& interruption) {
    check(rule, sources, post.size());
    const Expansion expansion(rule, post, workers.shares(), interruption);
    Wired wired{Connectivity(sources, post), {}, single, {}};
    const bool dense = draws.empty() && DenseChoices::suit(rule);
    const bool in_order = rule.by_source() || !draws.empty();
    std::vector<std::unique_ptr<DenseChoices>> choices(dense ? expansion.shares() : 0);
    std::vector<Remembered> memory(expansion.shares());
    const auto in_shares = [&](const auto& task) {
        workers.run(
            [&](unsigned first) {
                for (std::size_t share = first; share < expansion.shares(); share += workers.shares()) task(share);
            },
            true);
    };
    in_shares([&](std::size_t share) {
        if (!dense) return count(expansion, share, in_order, memory[share], wired.wires);
        choices[share] = std::make_unique<DenseChoices>(expansion.dense_choices(share));
        count(expansion, share, *choices[share], wired.wires);
    });
    wired.wires.lay_out(as_bits && fit_bits(rule, draws));
    const std::vector<Destination> columns = columns_of(draws, wired);
    in_shares([&](std::size_t share) {
        if (!dense) return write(expansion, share, rule, draws, sources, memory[share], wired.wires, columns);
        write(expansion, share, *choices[share], wired.wires);
        choices[share].reset();
    });
    return wired;
}

}  // namespace pynn_native
