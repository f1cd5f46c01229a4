// Synapses of one projection: what arrives at a target when Arbor delivers an event. Columns belong to Python.
#pragma once

#include "block.hpp"

namespace cawan {

struct Synapses {
    enum Kind : int { fixed, tsodyks, bernoulli, quantal };
    // Columns: weight, then those of the kind.
    enum : std::size_t { WEIGHT, U_REST, TAU_REC, TAU_FACIL, U, LAST, X, Y };
    static constexpr std::size_t P = 1, SITES = 6;

    int kind;
    Block* post;
    std::size_t port;
    const Block* source;  // a block that may fire more than once in a step, or null
    Key key;
    const std::int64_t *pre, *target, *delay, *nth;
    std::int64_t* spikes;  // how many spikes a row had
    char* full;            // of quantal synapses: which sites are full, shape (rows, width)
    std::size_t width;
    std::vector<double*> col;

    double draw(std::size_t row, std::uint64_t word) const {
        const std::uint64_t high = static_cast<std::uint64_t>(nth[row]) + (word / 4 << 32);
        const auto found = philox(key, {static_cast<std::uint64_t>(spikes[row]), static_cast<std::uint64_t>(pre[row]),
                                        static_cast<std::uint64_t>(target[row]), high});
        return uniform(found[word % 4]);
    }

    // What a spike sent at `step` brings.
    double released(std::size_t row, Step step) {
        switch (kind) {
            case tsodyks: return depressed(row, static_cast<double>(step) * post->h);
            case bernoulli: {
                const bool passes = draw(row, 0) < col[P][row];
                ++spikes[row];
                return passes ? col[WEIGHT][row] : 0.0;
            }
            case quantal: return quanta(row, step);
            default: return col[WEIGHT][row];
        }
    }

private:
    // Tsodyks, Uziel & Markram (2000), by the closed form from spike to spike.
    double depressed(std::size_t row, double now) {
        double &u = col[U][row], &x = col[X][row], &y = col[Y][row];
        const double interval = now - col[LAST][row], tau_rec = col[TAU_REC][row], tau_facil = col[TAU_FACIL][row];
        const Port& port = post->ports[this->port];
        const double tau_syn = std::max(1e-9, port.decay ? port.decay[target[row]] : 0.0);
        const double decay_facil = tau_facil > 0.0 ? std::exp(-interval / tau_facil) : 0.0;
        const double decay_syn = std::exp(-interval / tau_syn), decay_rec = std::exp(-interval / tau_rec);
        const double rate = 1.0 / tau_syn - 1.0 / tau_rec;
        const bool near = std::abs(rate * interval) < 1e-9;
        const double passed = (near ? interval * decay_rec : (decay_rec - decay_syn) / rate) / tau_syn;
        const double z = (1.0 - x - y) * decay_rec + y * passed;
        const double active = y * decay_syn, rest = u * decay_facil;
        u = rest + col[U_REST][row] * (1.0 - rest);
        const double ready = 1.0 - active - z, moved = u * ready;
        x = ready - moved;
        y = active + moved;
        col[LAST][row] = now;
        return col[WEIGHT][row] * moved;
    }

    // Site k recovers by word k and releases by word n + k.
    double quanta(std::size_t row, Step step) {
        const double now = static_cast<double>(step) * post->h, interval = now - col[LAST][row];
        const double tau = col[TAU_FACIL][row], kept = tau > 0.0 ? std::exp(-interval / tau) : 0.0;
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
};

}  // namespace cawan
