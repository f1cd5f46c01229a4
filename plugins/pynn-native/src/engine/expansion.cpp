#include "expansion.hpp"

#include <algorithm>
#include <numeric>

namespace pynn_native {

namespace {

// Where a synapse goes: part and number of the target within it, source, and its number among those of its group.
struct Place {
    std::size_t part, source;
    std::uint16_t target;
    std::size_t k;
};

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

class Expansion {
public:
    Expansion(const Rule& rule, const Cells& post, unsigned shares);

    std::size_t shares() const { return groups_.size(); }
    // Follow the rule through one share: begin(group, synapses of it), then each(Place) for those of this wiring.
    // In order: those of one group increasing, as values are drawn for them.
    template <class Begin, class Each>
    void follow(std::size_t share, bool in_order, Begin begin, Each each) const;

private:
    void share_targets();
    void share_sources(unsigned shares);
    template <class Each>
    void of_target(std::size_t j, const std::vector<Cell>& chosen, Each each) const;
    template <class Each>
    void of_source(std::size_t i, const std::vector<Cell>& chosen, std::vector<std::size_t>& order, Each each) const;

    const Rule& rule_;
    const Cells& post_;
    RuleTables tables_;
    bool increasing_;
    // Targets in the order of their rows, a share for each part; or sources, in as many shares as threads.
    std::vector<std::vector<Cell>> groups_;
};

Expansion::Expansion(const Rule& rule, const Cells& post, unsigned shares)
    : rule_(rule), post_(post), tables_(rule), increasing_(increasing(rule.post)) {
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
void Expansion::of_target(std::size_t j, const std::vector<Cell>& chosen, Each each) const {
    const auto row = static_cast<std::size_t>(rule_.post[j]);
    const std::size_t part = post_.part_of(row);
    const auto target = static_cast<std::uint16_t>(row - post_.part(part).first);
    for (std::size_t k = 0; k < chosen.size(); ++k) {
        const std::int64_t source = rule_.pre[chosen[k]];
        if (source >= 0) each(Place{part, static_cast<std::size_t>(source), target, k});
    }
}

template <class Each>
void Expansion::of_source(std::size_t i, const std::vector<Cell>& chosen, std::vector<std::size_t>& order,
                          Each each) const {
    order.resize(chosen.size());
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
void Expansion::follow(std::size_t share, bool in_order, Begin begin, Each each) const {
    Chooser chooser(rule_, tables_);
    std::vector<std::size_t> order;
    for (const Cell group : groups_[share]) {
        const std::vector<Cell>& chosen = chooser.choose(group, in_order);
        begin(group, chosen.size());
        if (rule_.by_source()) {
            of_source(group, chosen, order, each);
        } else {
            of_target(group, chosen, each);
        }
    }
}

}  // namespace

Wired expand(const Rule& rule, const std::vector<Draw>& draws, std::size_t sources, const Cells& post,
             Workers& workers) {
    check(rule, sources, post.size());
    const Expansion expansion(rule, post, workers.shares());
    Wired wired{Connectivity(sources, post), {}};
    const auto in_shares = [&](const auto& task) {
        workers.run(
            [&](unsigned first) {
                for (std::size_t share = first; share < expansion.shares(); share += workers.shares()) task(share);
            },
            true);
    };
    in_shares([&](std::size_t share) {
        expansion.follow(
            share, false, [](std::size_t, std::size_t) {},
            [&](const Place& place) { wired.wires.count(place.part, place.source); });
    });
    wired.wires.lay_out();
    std::vector<double*> columns;
    for (const Draw& draw : draws) {
        columns.push_back(wired.values.emplace(draw.name, Table<double>(wired.wires.size())).first->second.data());
    }
    in_shares([&](std::size_t share) {
        std::vector<std::vector<double>> drawn(draws.size());
        expansion.follow(
            share, rule.by_source() || !draws.empty(),
            [&](std::size_t group, std::size_t count) {
                for (std::size_t d = 0; d < draws.size(); ++d) {
                    drawn[d].resize(count);
                    fill(draws[d], group, drawn[d]);
                }
            },
            [&](const Place& place) {
                const std::size_t row = wired.wires.place(place.part, place.source, place.target);
                for (std::size_t d = 0; d < drawn.size(); ++d) columns[d][row] = drawn[d][place.k];
            });
    });
    return wired;
}

}  // namespace pynn_native
