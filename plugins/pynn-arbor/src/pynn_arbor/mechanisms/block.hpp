// A block of cells or of spike sources. Parameters and state are columns that Python owns, one number for each cell.
//
// In the step from t to t + h a cell integrates with the current that flows from t on, then takes the synaptic input
// that arrives at t + h, then fires at t + h. A cell that fires is held for the number of steps nearest to tau_refrac.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

#include "numbers.hpp"

namespace cawan {

using Step = std::int64_t;

enum class Membrane : int { exact, lif, adexp, izhikevich, hh, gif, source };

// Columns that all membranes have; a membrane's own come behind.
enum : std::size_t { V, V_REST, CM, TAU_M, TAU_REFRAC, V_THRESH, V_RESET, I_OFFSET, OWN };

// A receptor. g: conductance (uS) or current (nA); s feeds it.
struct Port {
    enum Kind : int { curr_exp, cond_exp, cond_alpha, cond_beta, delta, curr_alpha };
    int kind = delta;
    double *g = nullptr, *s = nullptr, *e_rev = nullptr, *rise = nullptr, *decay = nullptr;
    std::vector<double> kept_g, kept_s, from_s, to_s;  // what a step, or half a substep, makes of them
    std::vector<double> gain_g, gain_s;                // into v, of exact membranes
    bool fed() const { return kind == cond_alpha || kind == cond_beta || kind == curr_alpha; }
    bool current() const { return kind == curr_exp || kind == curr_alpha; }
};

// Exponentials of a spike-triggered kernel: columns of shape (size, n).
struct Kernel {
    std::size_t n = 0;
    double *a = nullptr, *tau = nullptr, *value = nullptr;
};

// Samples of one column for some cells: place[k] is the channel of cell k, or -1.
struct Tap {
    const double* column;
    const std::int64_t* place;
    std::size_t channels;
    Step first, every, last;  // steps first, first + every, ... < last
    double* values;
};

struct Block {
    Membrane membrane;
    std::size_t size;
    double h;
    Key key;
    std::vector<double*> col;
    std::vector<Port> ports;
    Kernel eta, gamma;
    std::vector<double> arrived;  // by port and cell
    std::vector<Step> held;
    std::vector<char> rising;
    std::vector<double> decay_v, from_current;

    // Injected currents: cell k gets current[(step - first) * channels + channel[k]] in the step that begins at `step`.
    const std::int32_t* channel = nullptr;
    const double* current = nullptr;
    std::size_t channels = 0;
    Step current_first = 0;

    // A source's spikes: cell k fires at steps[splits[k]] ... steps[splits[k + 1] - 1], in order.
    const std::int64_t *splits = nullptr, *steps = nullptr;
    std::vector<std::int64_t> cursor;

    // Steps at which a cell fired, as far back as a spike may be under way.
    std::vector<std::vector<Step>> history;

    // Potentials at the end of the last step, for gap junctions.
    std::vector<double> seen;

    std::vector<Tap> taps;
    bool logging = false;
    std::mutex lock;
    std::vector<std::int64_t> fired_step, fired_row;

    Block(int kind, std::size_t n, double timestep, Key stream)
        : membrane(static_cast<Membrane>(kind)), size(n), h(timestep), key(stream), held(n, 0), rising(n, 0), history(n) {}

    double injected(std::size_t k, Step step) const {
        if (!channel || channel[k] < 0) return 0.0;
        return current[static_cast<std::size_t>(step - current_first) * channels + static_cast<std::size_t>(channel[k])];
    }

    void receive(std::size_t k, bool free) {
        for (std::size_t p = 0; p < ports.size(); ++p) {
            double& weight = arrived[p * size + k];
            if (weight == 0.0) continue;
            Port& port = ports[p];
            if (port.kind == Port::delta) {
                if (free) col[V][k] += weight;
            } else if (port.fed()) {
                port.s[k] += weight * port.to_s[k];
            } else {
                port.g[k] += weight;
            }
            weight = 0.0;
        }
    }

    void hold(std::size_t k) { held[k] = static_cast<Step>(std::min(9e15, std::nearbyint(col[TAU_REFRAC][k] / h))); }

    // How often a source fires at a step.
    std::int64_t count(std::size_t k, Step step) const {
        std::int64_t low = splits[k], high = splits[k + 1], n = 0;
        while (low < high) {
            const std::int64_t middle = (low + high) / 2;
            if (steps[middle] < step) low = middle + 1; else high = middle;
        }
        for (; low < splits[k + 1] && steps[low] == step; ++low) ++n;
        return n;
    }

    void note(std::size_t k, Step step, std::int64_t times) {
        if (!times) return;
        history[k].push_back(step);
        if (!logging) return;
        const std::lock_guard<std::mutex> guard(lock);
        for (std::int64_t n = 0; n < times; ++n) {
            fired_step.push_back(step);
            fired_row.push_back(static_cast<std::int64_t>(k));
        }
    }

    // Forget the spikes up to this step.
    void forget(Step last) {
        for (auto& fired : history) fired.erase(fired.begin(), std::upper_bound(fired.begin(), fired.end(), last));
    }

    void sample(std::size_t from, std::size_t to, Step step) {
        for (const Tap& tap : taps) {
            if (step < tap.first || step >= tap.last || (step - tap.first) % tap.every) continue;
            double* row = tap.values + static_cast<std::size_t>((step - tap.first) / tap.every) * tap.channels;
            for (std::size_t k = from; k < to; ++k) {
                if (tap.place[k] >= 0) row[tap.place[k]] = tap.column[k];
            }
        }
    }
};

}  // namespace cawan
