#include "plastic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace pynn_native {

namespace {
// As long as this a table is kept: 400 ms at a timestep of 0.1 ms.
constexpr std::size_t kTable = 4096;
}  // namespace

void Plastic::Decays::prepare(const RowValues& tau, double timestep) {
    table.clear();
    if (!tau.shared()) return;
    table.resize(kTable);
    for (std::size_t n = 0; n < kTable; ++n) table[n] = std::exp(-static_cast<double>(n) * timestep / tau[0]);
}

double Plastic::pre_past(std::size_t row, Step step) const {
    const RowValues& tau = timing_ == Timing::vogels ? tau_ : tau_plus_;
    return pre_trace_[row].earlier(step, [&](Step steps) { return plus_(steps, timestep_, tau[row]); });
}

double Plastic::post_past(std::size_t row, Step step) const {
    const RowValues& tau = timing_ == Timing::vogels ? tau_ : tau_minus_;
    return post_trace_[row].earlier(step, [&](Step steps) { return minus_(steps, timestep_, tau[row]); });
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
      pre_trace_(size()), post_trace_(size()), pre_due_(post.parts()), pre_ahead_(post.parts()),
      post_due_(post.parts()) {
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
    settle_delays(now);
}

void Plastic::index_targets() {
    onto_offset_.assign(post_.size() + 1, 0);
    onto_.resize(size());
    const std::vector<double> targets = wires_.targets_in_block();
    for (const double j : targets) ++onto_offset_[static_cast<std::size_t>(j) + 1];
    std::partial_sum(onto_offset_.begin(), onto_offset_.end(), onto_offset_.begin());
    std::vector<std::uint64_t> place(onto_offset_);
    for (std::size_t k = 0; k < size(); ++k) onto_[place[static_cast<std::size_t>(targets[k])]++] = static_cast<std::uint32_t>(k);
}

Step Plastic::behind(std::size_t row) const {
    return static_cast<Step>(std::nearbyint(static_cast<double>(delay_[row]) * fraction_[row]));
}

void Plastic::settle_delays(Step now) {
    plus_.prepare(timing_ == Timing::vogels ? tau_ : tau_plus_, timestep_);
    minus_.prepare(timing_ == Timing::vogels ? tau_ : tau_minus_, timestep_);
    alone_ = delay_.longest();
    for (std::size_t k = 0; k < size(); ++k) alone_ = std::min(alone_, std::max<Step>(1, behind(k)));
    alone_ = std::max<Step>(1, alone_);
    for (std::vector<Queue>* queues : {&pre_due_, &pre_ahead_, &post_due_}) {
        for (Queue& queue : *queues) queue.reserve(delay_.longest() + 1, std::max<Step>(0, now));
    }
}

Step Plastic::alone() const { return alone_; }

void Plastic::push(std::size_t part, Step step) {
    // What reaches the synapses at this step: first from the targets, then from the sources.
    std::vector<std::uint32_t>& heard = post_due_[part].at(step);
    for (const std::uint32_t row : heard) post_arrives(row, step);
    heard.clear();
    std::vector<std::uint32_t>& sent = pre_due_[part].at(step);
    for (const std::uint32_t row : sent) pre_arrives(part, row, step);
    sent.clear();
    // What sets out at this step.
    each_fired(part, step, [&](Range range) {
        for (std::size_t row = range.first; row < range.last; ++row) {
            const Step before = delay_[row] - behind(row);
            if (behind(row) == 0) {
                pre_ahead_[part].at(step + before - 1).push_back(static_cast<std::uint32_t>(row));
            } else if (before > 0) {
                pre_due_[part].at(step + before).push_back(static_cast<std::uint32_t>(row));
            } else {
                pre_arrives(part, row, step);
            }
        }
    });
    for (const Cell target : post_.histories[part].at(step)) {
        for (std::uint64_t n = onto_offset_[target]; n < onto_offset_[target + 1]; ++n) {
            const std::uint32_t row = onto_[n];
            const Step delay = behind(row);
            if (delay) {
                post_due_[part].at(step + delay).push_back(row);
            } else {
                post_arrives(row, step);
            }
        }
    }
    // Those without a dendritic delay, due one step ahead.
    std::vector<std::uint32_t>& next = pre_ahead_[part].at(step);
    for (const std::uint32_t row : next) pre_arrives(part, row, step + 1);
    next.clear();
}

void Plastic::pre_arrives(std::size_t part, std::size_t row, Step step) {
    const double past = post_past(row, step);
    if (timing_ == Timing::vogels) {
        keep_within(row, weight_[row] + eta_[row] * (past - 2 * rho_[row] * tau_[row] / 1000.0));
    } else {
        change(row, -A_minus_[row] * past);
    }
    pre_trace_[row].add(step, pre_past(row, step));
    // At the present step or before it nothing can arrive any more; a delay is one step at least.
    post_.inbox(part).add(step - (behind(row) ? 0 : 1), step + behind(row), receptor_, wires_.targets()[row],
                          weight_[row]);
}

void Plastic::post_arrives(std::size_t row, Step step) {
    const double past = pre_past(row, step);
    if (timing_ == Timing::vogels) {
        keep_within(row, weight_[row] + eta_[row] * past);
    } else {
        change(row, A_plus_[row] * past);
    }
    post_trace_[row].add(step, post_past(row, step));
}

void Plastic::change(std::size_t row, double by) {
    const double span = w_max_[row] - w_min_[row];
    if (by == 0.0 || span == 0.0) return;
    const double f = (weight_[row] - w_min_[row]) / span, inside = std::min(std::max(f, 0.0), 1.0);
    double share = 1.0;
    if (bounds_ == Bounds::multiplicative) {
        share = by > 0 ? 1 - inside : inside;
    } else if (bounds_ == Bounds::mixed) {
        share = by > 0 ? 1.0 : inside;
    } else if (bounds_ == Bounds::gutig) {
        share = by > 0 ? std::pow(1 - inside, mu_plus_[row]) : std::pow(inside, mu_minus_[row]);
    }
    weight_.spread()[row] = w_min_[row] + std::min(std::max(f + share * by, 0.0), 1.0) * span;
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
    settle_delays(now);
}

}  // namespace pynn_native
