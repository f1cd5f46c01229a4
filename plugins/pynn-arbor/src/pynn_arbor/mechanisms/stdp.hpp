// Spike-timing-dependent plasticity: every pair of spikes, in the order in which they reach the synapse. A presynaptic
// spike reaches it `behind` steps before its target, a postsynaptic one `behind` steps after the cell fired.
#pragma once

#include "synapses.hpp"

namespace cawan {

namespace stdp {
// `first` and `second` are A_plus and A_minus, or eta and rho.
enum : std::size_t {
    WEIGHT, W_MIN, W_MAX, FIRST, SECOND, TAU_PLUS, TAU_MINUS, MU_PLUS, MU_MINUS,
    PRE_BEFORE, PRE_COUNT, PRE_LAST, POST_BEFORE, POST_COUNT, POST_LAST, HEARD
};
}

// An exponential trace: its value before the last spikes, how many there were then, and at which step.
struct Trace {
    double &before, &count, &last;
    Trace(std::vector<double*>& col, std::size_t at, std::size_t row)
        : before(col[at][row]), count(col[at + 1][row]), last(col[at + 2][row]) {}
    // What all spikes before this step have left.
    double earlier(Step step, double h, double tau) const {
        const double now = static_cast<double>(step);
        return last == now ? before : (before + count) * std::exp(-(now - last) * h / tau);
    }
    void add(Step step, double h, double tau) {
        const double value = earlier(step, h, tau), now = static_cast<double>(step);
        count = last == now ? count + 1.0 : 1.0;
        before = value;
        last = now;
    }
};

// Depress by all earlier postsynaptic spikes; gives the weight that goes on to the target.
inline double Synapses::learnt(std::size_t row, Step sent) {
    const Step step = sent + delay[row] - behind[row];
    hear(row, behind[row] > 0 ? step : step - 1);
    Trace pre_trace(col, stdp::PRE_BEFORE, row), post_trace(col, stdp::POST_BEFORE, row);
    const double past = post_trace.earlier(step, post->h, col[stdp::TAU_MINUS][row]);
    if (kind == vogels) {
        const double tau = col[stdp::TAU_PLUS][row];
        clip(row, col[WEIGHT][row] + col[stdp::FIRST][row] * (past - 2.0 * col[stdp::SECOND][row] * tau / 1000.0));
    } else {
        change(row, -col[stdp::SECOND][row] * past);
    }
    pre_trace.add(step, post->h, col[stdp::TAU_PLUS][row]);
    return col[WEIGHT][row];
}

// Take the postsynaptic spikes that reached the synapse up to this step.
inline void Synapses::hear(std::size_t row, Step until) {
    double& heard = col[stdp::HEARD][row];
    const auto& fired = post->history[static_cast<std::size_t>(target[row])];
    auto at = std::upper_bound(fired.begin(), fired.end(), static_cast<Step>(heard));
    for (; at != fired.end() && *at + behind[row] <= until; ++at) {
        post_arrives(row, *at + behind[row]);
        heard = static_cast<double>(*at);
    }
}

// Potentiate by all earlier presynaptic spikes.
inline void Synapses::post_arrives(std::size_t row, Step step) {
    Trace pre_trace(col, stdp::PRE_BEFORE, row), post_trace(col, stdp::POST_BEFORE, row);
    const double past = pre_trace.earlier(step, post->h, col[stdp::TAU_PLUS][row]);
    if (kind == vogels) {
        clip(row, col[WEIGHT][row] + col[stdp::FIRST][row] * past);
    } else {
        change(row, col[stdp::FIRST][row] * past);
    }
    post_trace.add(step, post->h, col[stdp::TAU_MINUS][row]);
}

// Change f = (w - w_min) / (w_max - w_min) by `by`, weighed as the weight rule says; 0 changes nothing.
inline void Synapses::change(std::size_t row, double by) {
    const double low = col[stdp::W_MIN][row], span = col[stdp::W_MAX][row] - low;
    if (by == 0.0 || span == 0.0) return;
    double& weight = col[WEIGHT][row];
    const double f = (weight - low) / span, inside = std::min(std::max(f, 0.0), 1.0);
    const double share =
        by > 0.0 ? std::pow(1.0 - inside, col[stdp::MU_PLUS][row]) : std::pow(inside, col[stdp::MU_MINUS][row]);
    weight = low + std::min(std::max(f + share * by, 0.0), 1.0) * span;
}

inline void Synapses::clip(std::size_t row, double weight) {
    const double low = col[stdp::W_MIN][row], high = col[stdp::W_MAX][row];
    col[WEIGHT][row] = std::min(std::max(weight, std::min(low, high)), std::max(low, high));
}

}  // namespace cawan
