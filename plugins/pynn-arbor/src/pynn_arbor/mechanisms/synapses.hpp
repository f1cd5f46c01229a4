// Synapses of one projection: what a spike brings to its target. Columns belong to Python.
//
// What a spike brings is computed when Arbor delivers it; or before, when Python wants to see or change what the synapses
// are at that time: then it waits in `ready`.
#pragma once

#include <unordered_map>

#include "block.hpp"

namespace cawan {

struct Synapses {
    enum Kind : int { fixed, tsodyks, bernoulli, quantal, pairs, vogels };
    // Columns: weight, then those of the kind.
    enum : std::size_t { WEIGHT, U_REST, TAU_REC, TAU_FACIL, U, LAST, X, Y };
    static constexpr std::size_t P = 1, SITES = 6;

    // What was sent, and how much of it was delivered.
    struct Waiting {
        std::vector<double> weights;
        std::size_t next = 0;
    };

    int kind;
    Block *pre_block, *post;
    std::size_t port;
    Key key;
    std::size_t size;
    const std::int64_t *pre, *target, *delay, *behind, *nth;
    std::int64_t* spikes;  // how many spikes a row had
    char* full;            // of quantal synapses: which sites are full, shape (rows, width)
    std::size_t width;
    std::vector<double*> col;
    std::unordered_map<std::size_t, Waiting> ready;
    Step settled = -1;

    // What the spike of `sent` brings, which arrives now.
    double arriving(std::size_t row, Step sent) {
        if (!ready.empty()) {
            const auto found = ready.find(row);
            if (found != ready.end() && found->second.next < found->second.weights.size()) {
                return found->second.weights[found->second.next++];
            }
        }
        return all_released(row, sent);
    }

    // Compute everything up to the end of step `now`; what is under way waits for its delivery.
    void settle(Step now) {
        for (auto at = ready.begin(); at != ready.end();) {
            at = at->second.next == at->second.weights.size() ? ready.erase(at) : std::next(at);
        }
        for (std::size_t row = 0; row < size; ++row) {
            const Step before = delay[row] - behind[row];  // under way to where the synapse learns
            const Step first = std::max(now - delay[row], settled < 0 ? Step{-1} : settled - before);
            const auto& sent = pre_block->history[static_cast<std::size_t>(pre[row])];
            for (auto at = std::upper_bound(sent.begin(), sent.end(), first); at != sent.end() && *at + before <= now; ++at) {
                ready[row].weights.push_back(all_released(row, *at));
            }
            if (kind >= pairs) hear(row, now);
        }
        settled = now;
    }

private:
    double all_released(std::size_t row, Step sent) {
        const std::int64_t times = pre_block->splits ? pre_block->count(static_cast<std::size_t>(pre[row]), sent) : 1;
        double sum = 0.0;
        for (std::int64_t n = 0; n < times; ++n) sum += released(row, sent);
        return sum;
    }

    double released(std::size_t row, Step step) {
        switch (kind) {
            case tsodyks: return depressed(row, static_cast<double>(step) * post->h);
            case bernoulli: {
                const bool passes = draw(row, 0) < col[P][row];
                ++spikes[row];
                return passes ? col[WEIGHT][row] : 0.0;
            }
            case quantal: return quanta(row, static_cast<double>(step) * post->h);
            case pairs:
            case vogels: return learnt(row, step);
            default: return col[WEIGHT][row];
        }
    }

    double draw(std::size_t row, std::uint64_t word) const {
        const std::uint64_t high = static_cast<std::uint64_t>(nth[row]) + (word / 4 << 32);
        const auto found = philox(key, {static_cast<std::uint64_t>(spikes[row]), static_cast<std::uint64_t>(pre[row]),
                                        static_cast<std::uint64_t>(target[row]), high});
        return uniform(found[word % 4]);
    }

    // Tsodyks, Uziel & Markram (2000), Journal of Neuroscience 20, RC50, by the closed form from spike to spike.
    double depressed(std::size_t row, double now) {
        double &u = col[U][row], &x = col[X][row], &y = col[Y][row];
        const double interval = now - col[LAST][row], tau_rec = col[TAU_REC][row], tau_facil = col[TAU_FACIL][row];
        const Port& receptor = post->ports[port];
        const double tau_syn = std::max(1e-9, receptor.decay ? receptor.decay[target[row]] : 0.0);
        const double decay_facil = tau_facil > 0.0 ? std::exp(-interval / tau_facil) : 0.0;
        const double decay_syn = std::exp(-interval / tau_syn), decay_rec = std::exp(-interval / tau_rec);
        const double rate = 1.0 / tau_syn - 1.0 / tau_rec;
        const bool near = std::abs(rate * interval) < 1e-9;
        const double passed = (near ? interval * decay_rec : (decay_rec - decay_syn) / rate) / tau_syn;
        const double z = (1.0 - x - y) * decay_rec + y * passed;
        const double active = y * decay_syn, rest = u * decay_facil;
        u = rest + col[U_REST][row] * (1.0 - rest);
        const double there = 1.0 - active - z, moved = u * there;
        x = there - moved;
        y = active + moved;
        col[LAST][row] = now;
        return col[WEIGHT][row] * moved;
    }

    // Site k recovers by word k and releases by word n + k.
    double quanta(std::size_t row, double now) {
        const double interval = now - col[LAST][row], tau = col[TAU_FACIL][row];
        const double kept = tau > 0.0 ? std::exp(-interval / tau) : 0.0;
        double& u = col[U][row];
        u = col[U_REST][row] + u * (1.0 - col[U_REST][row]) * kept;
        const double recovers = -std::expm1(-interval / col[TAU_REC][row]);
        const auto sites = static_cast<std::size_t>(std::lround(col[SITES][row]));
        double count = 0.0;
        for (std::size_t site = 0; site < sites; ++site) {
            char& there = full[row * width + site];
            if (!there) there = draw(row, site) < recovers;
            if (!there || !(draw(row, sites + site) < u)) continue;
            there = 0;
            count += 1.0;
        }
        col[LAST][row] = now;
        ++spikes[row];
        return count * col[WEIGHT][row];
    }

    // Spike-timing-dependent plasticity (stdp.hpp).
    double learnt(std::size_t row, Step sent);
    void hear(std::size_t row, Step until);
    void post_arrives(std::size_t row, Step step);
    void change(std::size_t row, double by);
    void clip(std::size_t row, double weight);
};

}  // namespace cawan
