// The static synapses of one projection as arrays, in place of a NetCon for each.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace cawan {
using Number = std::uint32_t;
using Targets = std::vector<neuron::container::data_handle<double>>;

// Columns of synapses in the order in which they were added, its rows; sort() takes them up by source and delay.
struct Added {
    std::vector<Number> source, target, steps;
    std::vector<double> weight;
};

// Synapses of one source whose input arrives in the same step, `steps` after its spike; one after the other.
struct Group {
    Number source, steps, begin, end;
};

// What weights were before they changed at `time`, by place.
struct Change {
    double time;
    std::vector<std::pair<Number, double>> before;
};

class Fan {
  public:
    std::shared_ptr<Targets> targets = std::make_shared<Targets>();
    Added added;
    std::vector<Group> groups;
    std::vector<Number> firsts;  // the group of the shortest delay of each source that has synapses

    void sort() {
        const std::size_t size = added.source.size();
        std::vector<Number> order(size);
        std::iota(order.begin(), order.end(), Number{0});
        const auto source_and_delay = [this](Number row) {
            return std::uint64_t{added.source[row]} << 32 | added.steps[row];
        };
        const auto earlier = [&](Number a, Number b) { return source_and_delay(a) < source_and_delay(b); };
        if (!std::is_sorted(order.begin(), order.end(), earlier)) {
            sort_by(added.steps, order);
            sort_by(added.source, order);
        }
        place.resize(size);
        target.resize(size);
        weight.resize(size);
        for (Number at = 0; at < size; ++at) {
            const Number row = order[at];
            place[row] = at;
            target[at] = added.target[row];
            weight[at] = added.weight[row];
            take_up(added.source[row], added.steps[row], at);
        }
        added = {};
    }

    // Input of one group, at `now` (ms).
    void deliver(const Group& group, double now, double step_ms) {
        Targets& cells = *targets;
        if (!changes.empty() && now > changes.back().time + longest * step_ms) {
            changes.clear();
        }
        if (changes.empty()) {
            for (Number at = group.begin; at < group.end; ++at) {
                *cells[target[at]] += weight[at];
            }
            return;
        }
        const double sent = now - (group.steps - 0.6) * step_ms;
        for (Number at = group.begin; at < group.end; ++at) {
            *cells[target[at]] += weight_when(at, sent - 1e-3 * step_ms);
        }
    }

    // Weights of these rows from now on; what was sent before keeps its own.
    void change(const double* rows, const double* values, std::size_t size, double now, double step_ms) {
        const auto over = [&](const Change& change) { return now > change.time + longest * step_ms; };
        changes.erase(changes.begin(), std::find_if_not(changes.begin(), changes.end(), over));
        Change made{now, {}};
        for (std::size_t k = 0; k < size; ++k) {
            const Number at = place[static_cast<std::size_t>(rows[k])];
            if (weight[at] != values[k]) {
                made.before.emplace_back(at, weight[at]);
                weight[at] = values[k];
            }
        }
        if (now >= 0 && !made.before.empty()) {
            std::sort(made.before.begin(), made.before.end());
            changes.push_back(std::move(made));
        }
    }

    // Each row's weight, delay in steps, source and target, in the order in which they were added.
    void list(double* weights, double* steps, double* sources, double* ends) const {
        std::vector<Number> of(place.size());
        for (Number number = 0; number < groups.size(); ++number) {
            std::fill(of.begin() + groups[number].begin, of.begin() + groups[number].end, number);
        }
        for (std::size_t row = 0; row < place.size(); ++row) {
            const Number at = place[row];
            weights[row] = weight[at];
            steps[row] = groups[of[at]].steps;
            sources[row] = groups[of[at]].source;
            ends[row] = target[at];
        }
    }

    std::size_t size() const {
        return place.size();
    }

  private:
    std::vector<Number> place;  // of each row
    std::vector<Number> target;  // at each place, as the next
    std::vector<double> weight;
    std::vector<Change> changes;  // earliest first
    Number longest = 0;  // delay, steps

    // Stable, in time linear in rows and largest key.
    static void sort_by(const std::vector<Number>& key, std::vector<Number>& order) {
        const Number most = key.empty() ? 0 : *std::max_element(key.begin(), key.end());
        std::vector<Number> next(std::size_t{most} + 2), sorted(order.size());
        for (const Number value: key) {
            ++next[value + 1];
        }
        std::partial_sum(next.begin(), next.end(), next.begin());
        for (const Number row: order) {
            sorted[next[key[row]]++] = row;
        }
        order.swap(sorted);
    }

    void take_up(Number source, Number steps, Number at) {
        const bool is_new = groups.empty() || groups.back().source != source;
        if (is_new) {
            firsts.push_back(static_cast<Number>(groups.size()));
        }
        if (is_new || groups.back().steps != steps) {
            groups.push_back({source, steps, at, at});
        }
        groups.back().end = at + 1;
        longest = std::max(longest, steps);
    }

    double weight_when(Number at, double sent) const {
        double found = weight[at];
        for (auto change = changes.rbegin(); change != changes.rend() && change->time > sent; ++change) {
            const auto& before = change->before;
            const auto old = std::lower_bound(before.begin(), before.end(), std::make_pair(at, -HUGE_VAL));
            if (old != before.end() && old->first == at) {
                found = old->second;
            }
        }
        return found;
    }
};
}  // namespace cawan
