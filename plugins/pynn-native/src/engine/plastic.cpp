#include "plastic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "kernels.hpp"

namespace pynn_native {

namespace {
// As long as this a table is kept: 400 ms at a timestep of 0.1 ms.
constexpr std::size_t kTable = 4096;
// Weights of a target's rows, which lie anywhere, are fetched from memory so many rows ahead.
constexpr std::size_t kAhead = 12;
}  // namespace

void Plastic::Decays::prepare(const RowValues& tau, double timestep) {
    table.clear();
    if (!tau.shared()) return;
    table.resize(kTable);
    for (std::size_t n = 0; n < kTable; ++n) table[n] = std::exp(-static_cast<double>(n) * timestep / tau[0]);
}

double Plastic::pre_past(std::size_t trace, std::size_t row, Step step) const {
    const RowValues& tau = timing_ == Timing::vogels ? tau_ : tau_plus_;
    return pre_trace_[trace].earlier(step, [&](Step steps) { return plus_(steps, timestep_, tau[row]); });
}

double Plastic::post_past(std::size_t trace, std::size_t row, Step step) const {
    const RowValues& tau = timing_ == Timing::vogels ? tau_ : tau_minus_;
    return post_trace_[trace].earlier(step, [&](Step steps) { return minus_(steps, timestep_, tau[row]); });
}

void Plastic::Queue::reserve(Step delay, Step now) {
    std::size_t length = slots_.size();
    while (length <= static_cast<std::size_t>(delay) + 1) length *= 2;
    if (length == slots_.size()) return;
    std::vector<std::vector<std::uint32_t>> larger(length);
    for (Step step = now; step < now + static_cast<Step>(slots_.size()); ++step) {
        larger[static_cast<std::size_t>(step) & (length - 1)] = std::move(at(step));
    }
    slots_ = std::move(larger);
}

Plastic::Plastic(const std::string& kind, Wired& wired, Emitter& pre, Cells& post, std::size_t receptor,
                 double timestep, Step now)
    : Synapses(wired, pre, post, receptor, timestep, now),
      timing_(kind.find("Vogels2011Rule") != std::string::npos ? Timing::vogels : Timing::pairs),
      fraction_(size(), 1.0), w_min_(size()), w_max_(size()), tau_plus_(size()), tau_minus_(size()), A_plus_(size()),
      A_minus_(size()), mu_plus_(size()), mu_minus_(size()), tau_(size()), eta_(size()), rho_(size()),
      pre_due_(post.parts()), pre_ahead_(post.parts()), post_due_(post.parts()) {
    const auto ends = [&](const std::string& end) {
        return kind.size() >= end.size() && kind.compare(kind.size() - end.size(), end.size(), end) == 0;
    };
    bounds_ = ends("+MultiplicativeWeightDependence")                 ? Bounds::multiplicative
              : ends("+AdditivePotentiationMultiplicativeDepression") ? Bounds::mixed
              : ends("+GutigWeightDependence")                        ? Bounds::gutig
                                                                      : Bounds::additive;
    for (auto value = wired.values.begin(); value != wired.values.end();) {
        const std::string name = (value++)->first;  // filling takes it out
        if (RowValues* column = named(name)) fill(name, *column, wired);
    }
    weight_.spread();
    index_targets();
    shared_ = timing_is_shared();
    pre_trace_.resize(shared_ ? post.parts() * pre.size() : size());
    post_trace_.resize(shared_ ? post.size() : size());
    settle_delays(now);
}

bool Plastic::timing_is_shared() const {
    const bool decays = tau_.shared() && tau_plus_.shared() && tau_minus_.shared();
    return decays && delay_.shared() && fraction_.shared();
}

void Plastic::part_traces() {
    std::vector<Trace> pre(size()), post(size());
    for (std::size_t p = 0; p < post_.parts(); ++p) {
        for (std::size_t i = 0; i < pre_.size(); ++i) {
            const Range range = wires_.row(p, i);
            std::fill(pre.begin() + static_cast<std::ptrdiff_t>(range.first),
                      pre.begin() + static_cast<std::ptrdiff_t>(range.last), pre_trace_[p * pre_.size() + i]);
        }
        const auto of_source = [&](const std::vector<std::uint32_t>& senders) {
            std::vector<std::uint32_t> rows;
            for (const std::uint32_t source : senders) {
                const Range range = wires_.row(p, source);
                for (std::size_t row = range.first; row < range.last; ++row) rows.push_back(static_cast<std::uint32_t>(row));
            }
            return rows;
        };
        const auto of_target = [&](const std::vector<std::uint32_t>& senders) {
            std::vector<std::uint32_t> rows;
            for (const std::uint32_t target : senders) {
                rows.insert(rows.end(), onto_.begin() + static_cast<std::ptrdiff_t>(onto_offset_[target]),
                            onto_.begin() + static_cast<std::ptrdiff_t>(onto_offset_[target + 1]));
            }
            return rows;
        };
        pre_due_[p].change_all(of_source);
        pre_ahead_[p].change_all(of_source);
        post_due_[p].change_all(of_target);
    }
    for (std::size_t j = 0; j < post_.size(); ++j) {
        for (std::uint64_t n = onto_offset_[j]; n < onto_offset_[j + 1]; ++n) post[onto_[n]] = post_trace_[j];
    }
    pre_trace_ = std::move(pre);
    post_trace_ = std::move(post);
    shared_ = false;
}

void Plastic::index_targets() {
    onto_offset_.assign(post_.size() + 1, 0);
    onto_.resize(size());
    source_.resize(size());
    const std::vector<double> sources = wires_.sources(), targets = wires_.targets_in_block();
    for (const double j : targets) ++onto_offset_[static_cast<std::size_t>(j) + 1];
    std::partial_sum(onto_offset_.begin(), onto_offset_.end(), onto_offset_.begin());
    std::vector<std::uint64_t> place(onto_offset_);
    for (std::size_t k = 0; k < size(); ++k) {
        const std::uint64_t n = place[static_cast<std::size_t>(targets[k])]++;
        onto_[n] = static_cast<std::uint32_t>(k);
        source_[n] = static_cast<Cell>(sources[k]);
    }
}

Step Plastic::behind(std::size_t row) const {
    return static_cast<Step>(std::nearbyint(static_cast<double>(delay_[row]) * fraction_[row]));
}

void Plastic::settle_delays(Step now) {
    plus_.prepare(timing_ == Timing::vogels ? tau_ : tau_plus_, timestep_);
    minus_.prepare(timing_ == Timing::vogels ? tau_ : tau_minus_, timestep_);
    common_bounds_ = w_min_.shared() && w_max_.shared();
    w_least_ = size() ? w_min_[0] : 0.0;
    w_span_ = size() ? w_max_[0] - w_min_[0] : 0.0;
    alone_ = delay_.longest();
    for (std::size_t k = 0; k < (shared_ ? std::min<std::size_t>(1, size()) : size()); ++k) alone_ = std::min(alone_, std::max<Step>(1, behind(k)));
    alone_ = std::max<Step>(1, alone_);
    for (std::vector<Queue>* queues : {&pre_due_, &pre_ahead_, &post_due_}) {
        for (Queue& queue : *queues) queue.reserve(delay_.longest() + 1, std::max<Step>(0, now));
    }
}

// Spikes under way to a synapse are looked at before or after a step as its new dendritic delay wants it.
void Plastic::sort_queues(Step now) {
    for (std::size_t p = 0; p < post_.parts(); ++p) {
        const auto waits = [&](std::uint32_t sender) { return behind(shared_ ? wires_.row(p, sender).first : sender) > 0; };
        const auto hurries = [&](std::uint32_t sender) { return !waits(sender); };
        for (Step step = now + 1; step <= now + pre_due_[p].length(); ++step) {
            std::vector<std::uint32_t>&ahead = pre_ahead_[p].at(step - 1), &due = pre_due_[p].at(step);
            const auto late = std::stable_partition(ahead.begin(), ahead.end(), hurries);
            const auto early = std::stable_partition(due.begin(), due.end(), waits);
            const std::vector<std::uint32_t> moved(late, ahead.end());
            ahead.erase(late, ahead.end());
            ahead.insert(ahead.end(), early, due.end());
            due.erase(early, due.end());
            due.insert(due.end(), moved.begin(), moved.end());
        }
    }
}

Step Plastic::alone() const { return alone_; }

void Plastic::push(std::size_t part, Step step) {
    // What reaches the synapses at this step: first from the targets, then from the sources.
    std::vector<std::uint32_t>& heard = post_due_[part].at(step);
    for (const std::uint32_t sender : heard) post_arrives(part, sender, step);
    heard.clear();
    std::vector<std::uint32_t>& sent = pre_due_[part].at(step);
    for (const std::uint32_t sender : sent) pre_arrives(part, sender, step);
    sent.clear();
    // What sets out at this step.
    for (const History& history : pre_.histories) {
        for (const Cell source : history.at(step)) sets_out(part, source, step);
    }
    for (const Cell target : post_.histories[part].at(step)) sets_out_back(part, target, step);
}

void Plastic::foresee(std::size_t part, Step first, Step, bool) {
    std::vector<std::uint32_t>& next = pre_ahead_[part].at(first - 1);
    for (const std::uint32_t sender : next) pre_arrives(part, sender, first);
    next.clear();
}

void Plastic::sets_out(std::size_t part, Cell source, Step step) {
    const auto send = [&](std::size_t row, std::uint32_t sender) {
        const Step before = delay_[row] - behind(row);
        if (behind(row) == 0) {
            pre_ahead_[part].at(step + before - 1).push_back(sender);
        } else if (before > 0) {
            pre_due_[part].at(step + before).push_back(sender);
        } else {
            pre_arrives(part, sender, step);
        }
    };
    const Range range = wires_.row(part, source);
    if (shared_) {
        if (range.size()) send(range.first, source);
        return;
    }
    for (std::size_t row = range.first; row < range.last; ++row) send(row, static_cast<std::uint32_t>(row));
}

void Plastic::sets_out_back(std::size_t part, Cell target, Step step) {
    const auto send = [&](std::size_t row, std::uint32_t sender) {
        const Step delay = behind(row);
        if (delay) {
            post_due_[part].at(step + delay).push_back(sender);
        } else {
            post_arrives(part, sender, step);
        }
    };
    const std::uint64_t first = onto_offset_[target], last = onto_offset_[target + 1];
    if (shared_) {
        if (first < last) send(onto_[first], target);
        return;
    }
    for (std::uint64_t n = first; n < last; ++n) send(onto_[n], onto_[n]);
}

void Plastic::pre_arrives(std::size_t part, std::uint32_t sender, Step step) {
    const Range range = shared_ ? wires_.row(part, sender) : Range{sender, std::size_t{sender} + 1};
    const std::size_t first_target = post_.part(part).first;
    for (std::size_t row = range.first; row < range.last; ++row) {
        const std::size_t trace = shared_ ? first_target + wires_.targets()[row] : row;
        depress(part, row, post_past(trace, row, step), step);
    }
    const std::size_t trace = shared_ ? part * pre_.size() + sender : sender;
    pre_trace_[trace].add(step, pre_past(trace, range.first, step));
}

void Plastic::post_arrives(std::size_t part, std::uint32_t sender, Step step) {
    if (!shared_) {
        potentiate(sender, pre_past(sender, sender, step));
        post_trace_[sender].add(step, post_past(sender, sender, step));
        return;
    }
    const std::uint64_t first = onto_offset_[sender], last = onto_offset_[sender + 1];
    const double* weights = weight_.data();
    for (std::uint64_t n = first; n < last; ++n) {
        if (n + kAhead < last) PYNN_NATIVE_PREFETCH(weights + onto_[n + kAhead]);
        const std::uint32_t row = onto_[n];
        potentiate(row, pre_past(part * pre_.size() + source_[n], row, step));
    }
    post_trace_[sender].add(step, post_past(sender, onto_[first], step));
}

void Plastic::depress(std::size_t part, std::size_t row, double past, Step step) {
    if (timing_ == Timing::vogels) {
        keep_within(row, weight_[row] + eta_[row] * (past - 2 * rho_[row] * tau_[row] / 1000.0));
    } else {
        change(row, -A_minus_[row] * past);
    }
    // At the present step or before it nothing can arrive any more; a delay is one step at least.
    const Step back = behind(row);
    post_.inbox(part).add(step - (back ? 0 : 1), step + back, receptor_, wires_.targets()[row], weight_[row]);
}

void Plastic::potentiate(std::size_t row, double past) {
    if (timing_ == Timing::vogels) {
        keep_within(row, weight_[row] + eta_[row] * past);
    } else {
        change(row, A_plus_[row] * past);
    }
}

void Plastic::change(std::size_t row, double by) {
    const double least = common_bounds_ ? w_least_ : w_min_[row];
    const double span = common_bounds_ ? w_span_ : w_max_[row] - w_min_[row];
    if (by == 0.0 || span == 0.0) return;
    double& weight = weight_.spread()[row];
    const double f = (weight - least) / span, inside = std::min(std::max(f, 0.0), 1.0);
    double share = 1.0;
    if (bounds_ == Bounds::multiplicative) {
        share = by > 0 ? 1 - inside : inside;
    } else if (bounds_ == Bounds::mixed) {
        share = by > 0 ? 1.0 : inside;
    } else if (bounds_ == Bounds::gutig) {
        share = by > 0 ? std::pow(1 - inside, mu_plus_[row]) : std::pow(inside, mu_minus_[row]);
    }
    weight = least + std::min(std::max(f + share * by, 0.0), 1.0) * span;
}

void Plastic::keep_within(std::size_t row, double weight) {
    const double low = std::min(w_min_[row], w_max_[row]), high = std::max(w_min_[row], w_max_[row]);
    weight_.spread()[row] = std::min(std::max(weight, low), high);
}

RowValues* Plastic::named(const std::string& name) {
    const std::pair<const char*, RowValues*> columns[] = {
        {"dendritic_delay_fraction", &fraction_}, {"w_min", &w_min_}, {"w_max", &w_max_}, {"tau_plus", &tau_plus_},
        {"tau_minus", &tau_minus_}, {"A_plus", &A_plus_}, {"A_minus", &A_minus_}, {"mu_plus", &mu_plus_},
        {"mu_minus", &mu_minus_}, {"tau", &tau_}, {"eta", &eta_}, {"rho", &rho_}};
    for (const auto& [key, column] : columns) {
        if (name == key) return column;
    }
    return nullptr;
}

std::vector<double> Plastic::get(const std::string& name, Rows rows) const {
    const RowValues* column = named(name);
    if (!column) return Synapses::get(name, rows);
    std::vector<double> all(size());
    for (std::size_t k = 0; k < size(); ++k) all[k] = (*column)[k];
    return select(size(), rows, all);
}

void Plastic::set(const std::string& name, Values values, Rows rows, Step now) {
    if (RowValues* column = named(name)) {
        column->assign(values, rows);
    } else {
        Synapses::set(name, values, rows, now);
        weight_.spread();
    }
    if (shared_ && !timing_is_shared()) part_traces();
    settle_delays(now);
    sort_queues(std::max<Step>(0, now));
}

}  // namespace pynn_native
