// The membranes. Exact ones by their propagators (Rotter & Diesmann 1999); the others by the classical Runge-Kutta
// method of order 4, with receptors known exactly at the beginning, the middle and the end of each substep. A cell takes
// so many substeps that none is longer than the membrane allows, and that h (1 / tau_m + g / cm) <= 1.
#pragma once

#include <algorithm>

#include "block.hpp"

namespace cawan {

constexpr double kE = 2.718281828459045235;

// A leaky membrane under nothing but currents.
struct Exact {
    static void prepare(Block& b) {
        b.decay_v.resize(b.size);
        b.from_current.resize(b.size);
        for (std::size_t k = 0; k < b.size; ++k) {
            const double tau = b.col[TAU_M][k];
            b.decay_v[k] = std::exp(-b.h / tau);
            b.from_current[k] = tau / b.col[CM][k] * -std::expm1(-b.h / tau);
        }
        for (Port& port : b.ports) {
            if (port.kind != Port::delta) prepare(b, port);
        }
    }
    static void prepare(const Block& b, Port& port) {
        for (auto* column : {&port.kept_g, &port.gain_g, &port.gain_s, &port.from_s, &port.to_s}) column->assign(b.size, 0.0);
        for (std::size_t k = 0; k < b.size; ++k) {
            const double tau = port.decay[k], x = b.h * (1 / tau - 1 / b.col[TAU_M][k]), cm = b.col[CM][k];
            port.kept_g[k] = std::exp(-b.h / tau);
            port.gain_g[k] = b.h / cm * b.decay_v[k] * phi1(x);
            if (!port.fed()) continue;
            port.gain_s[k] = b.h * b.h / cm * b.decay_v[k] * phi2(x);
            port.from_s[k] = b.h * port.kept_g[k];
            port.to_s[k] = kE / tau;
        }
    }
    static void integrate(Block& b, std::size_t k, double current, bool free) {
        const double rest = b.col[V_REST][k], old = b.col[V][k];
        double v = rest + (old - rest) * b.decay_v[k] + b.from_current[k] * (b.col[I_OFFSET][k] + current);
        for (Port& port : b.ports) {
            if (port.kind == Port::delta) continue;
            v += port.gain_g[k] * port.g[k];
            if (port.fed()) {
                v += port.gain_s[k] * port.s[k];
                port.g[k] = port.g[k] * port.kept_g[k] + port.from_s[k] * port.s[k];
                port.s[k] *= port.kept_g[k];
            } else {
                port.g[k] *= port.kept_g[k];
            }
        }
        if (free) b.col[V][k] = v;
    }
    static bool fires(Block& b, std::size_t k, double, Step) { return b.col[V][k] >= b.col[V_THRESH][k]; }
    static void reset(Block& b, std::size_t k) {
        b.col[V][k] = b.col[V_RESET][k];
        b.hold(k);
    }
};

struct Flow {
    double g = 0.0, i = 0.0;  // conductance, and current at v = 0
};

// A leaky membrane with any receptors, and two more conductances (nS) that its own spikes feed.
struct Lif {
    enum : std::size_t { G_S = OWN, TAU_SFA, E_SFA, Q_SFA, G_R, TAU_RR, E_RR, Q_RR };
    static constexpr std::size_t states[] = {V};
    static constexpr std::size_t order = 1;
    static constexpr double longest = 1e300;
    static double pull(const Block& b, std::size_t k, double g) { return 1 / b.col[TAU_M][k] + g / b.col[CM][k]; }
    static double clamp(const Block&, std::size_t, double v, bool) { return v; }
    static void act(const Block& b, std::size_t k, Flow& flow) {
        for (const std::size_t own : {G_S, G_R}) {
            const double g = 1e-3 * b.col[own][k];
            flow.g += g;
            flow.i += g * b.col[own + 2][k];
        }
    }
    static void decay(Block& b, std::size_t k, double h) {
        for (const std::size_t own : {G_S, G_R}) {
            if (b.col[own][k] != 0.0) b.col[own][k] *= std::exp(-h / b.col[own + 1][k]);
        }
    }
    static void slope(const Block& b, std::size_t k, const double* y, double current, double* dy) {
        dy[0] = (b.col[V_REST][k] - y[0]) / b.col[TAU_M][k] + current / b.col[CM][k];
    }
    static bool fires(Block& b, std::size_t k, double, Step) { return b.col[V][k] >= b.col[V_THRESH][k]; }
    static void reset(Block& b, std::size_t k) {
        Exact::reset(b, k);
        b.col[G_S][k] += b.col[Q_SFA][k];
        b.col[G_R][k] += b.col[Q_RR][k];
    }
};

// Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2; v counts as v_spike above it.
struct AdExp {
    enum : std::size_t { W = OWN, V_SPIKE, A, B, DELTA_T, TAU_W };
    static constexpr std::size_t states[] = {V, W};
    static constexpr std::size_t order = 2;
    static constexpr double longest = 0.05;
    static double pull(const Block& b, std::size_t k, double g) { return Lif::pull(b, k, g); }
    static double clamp(const Block& b, std::size_t k, double v, bool free) {
        return free ? std::min(v, b.col[V_SPIKE][k]) : b.col[V_RESET][k];
    }
    static void act(const Block&, std::size_t, Flow&) {}
    static void decay(Block&, std::size_t, double) {}
    static void slope(const Block& b, std::size_t k, const double* y, double current, double* dy) {
        const double v = std::min(y[0], b.col[V_SPIKE][k]), w = y[1], delta = b.col[DELTA_T][k];
        const double upstroke = delta * std::exp((v - b.col[V_THRESH][k]) / delta);
        dy[0] = (b.col[V_REST][k] - v + upstroke) / b.col[TAU_M][k] + (current - w) / b.col[CM][k];
        dy[1] = (1e-3 * b.col[A][k] * (v - b.col[V_REST][k]) - w) / b.col[TAU_W][k];
    }
    static bool fires(Block& b, std::size_t k, double, Step) { return b.col[V][k] >= b.col[V_SPIKE][k]; }
    static void reset(Block& b, std::size_t k) {
        Exact::reset(b, k);
        b.col[W][k] += b.col[B][k];
    }
};

// Izhikevich (2003), IEEE Transactions on Neural Networks 14, 1569, eq. 1-3.
struct Izhikevich {
    enum : std::size_t { U = OWN, A, B, C, D };
    static constexpr std::size_t states[] = {V, U};
    static constexpr std::size_t order = 2;
    static constexpr double longest = 0.05;
    static double pull(const Block&, std::size_t, double) { return 0.0; }
    static double clamp(const Block&, std::size_t, double v, bool) { return v; }
    static void act(const Block&, std::size_t, Flow&) {}
    static void decay(Block&, std::size_t, double) {}
    static void slope(const Block& b, std::size_t k, const double* y, double current, double* dy) {
        dy[0] = 0.04 * (y[0] * y[0]) + 5 * y[0] + 140 - y[1] + 1000.0 * current;
        dy[1] = b.col[A][k] * (b.col[B][k] * y[0] - y[1]);
    }
    static bool fires(Block& b, std::size_t k, double, Step) { return b.col[V][k] >= 30.0; }
    static void reset(Block& b, std::size_t k) {
        b.col[V][k] = b.col[C][k];
        b.col[U][k] += b.col[D][k];
    }
};

// Traub & Miles (1991), as given in Brette et al. (2007), Appendix B, benchmark 3.
struct HodgkinHuxley {
    enum : std::size_t { M = OWN, H, N, G_NA, G_K, G_LEAK, OFFSET, E_NA, E_K, E_LEAK };
    static constexpr std::size_t states[] = {V, M, H, N};
    static constexpr std::size_t order = 4;
    static constexpr double longest = 0.034;
    static double pull(const Block& b, std::size_t k, double g) { return g / b.col[CM][k]; }
    static double clamp(const Block&, std::size_t, double v, bool) { return v; }
    static void act(const Block&, std::size_t, Flow&) {}
    static void decay(Block&, std::size_t, double) {}
    static void slope(const Block& b, std::size_t k, const double* y, double current, double* dy) {
        const double v = y[0], m = y[1], h = y[2], n = y[3], x = v - b.col[OFFSET][k];
        double ionic = b.col[G_LEAK][k] * (b.col[E_LEAK][k] - v);
        ionic += b.col[G_NA][k] * (m * m * m) * h * (b.col[E_NA][k] - v);
        ionic += b.col[G_K][k] * (n * n * n * n) * (b.col[E_K][k] - v);
        const double a_m = 0.32 * 4 * exprel_inverse((13 - x) / 4), b_m = 0.28 * 5 * exprel_inverse((x - 40) / 5);
        const double a_h = 0.128 * std::exp((17 - x) / 18), b_h = 4 / (1 + std::exp((40 - x) / 5));
        const double a_n = 0.032 * 5 * exprel_inverse((15 - x) / 5), b_n = 0.5 * std::exp((10 - x) / 40);
        dy[0] = (ionic + current) / b.col[CM][k];
        dy[1] = a_m * (1 - m) - b_m * m;
        dy[2] = a_h * (1 - h) - b_h * h;
        dy[3] = a_n * (1 - n) - b_n * n;
    }
    // At the first step after a maximum above v_offset + 30 mV.
    static bool fires(Block& b, std::size_t k, double before, Step) {
        const double v = b.col[V][k];
        const bool peak = b.rising[k] && v < before && v >= b.col[OFFSET][k] + 30.0;
        b.rising[k] = v > before;
        return peak;
    }
    static void reset(Block&, std::size_t) {}
};

// Pozzorini et al. (2015), PLOS Computational Biology 11, e1004275, eq. 1-5.
struct Gif {
    enum : std::size_t { I_ETA = OWN, V_T, V_T_STAR, DELTA_V, LAMBDA0 };
    static constexpr std::size_t states[] = {V};
    static constexpr std::size_t order = 1;
    static constexpr double longest = 1e300;
    static double sum(const Kernel& kernel, std::size_t k) {
        double total = 0.0;
        for (std::size_t n = 0; n < kernel.n; ++n) total += kernel.value[k * kernel.n + n];
        return total;
    }
    static void sum_up(Block& b, std::size_t k) {
        b.col[I_ETA][k] = sum(b.eta, k);
        b.col[V_T][k] = b.col[V_T_STAR][k] + sum(b.gamma, k);
    }
    static double pull(const Block& b, std::size_t k, double g) { return Lif::pull(b, k, g); }
    static double clamp(const Block&, std::size_t, double v, bool) { return v; }
    static void act(const Block& b, std::size_t k, Flow& flow) { flow.i -= sum(b.eta, k); }
    static void decay(Block& b, std::size_t k, double h) {
        for (const Kernel* kernel : {&b.eta, &b.gamma}) {
            for (std::size_t n = k * kernel->n; n < (k + 1) * kernel->n; ++n) {
                kernel->value[n] *= std::exp(-h / kernel->tau[n]);
            }
        }
    }
    static void slope(const Block& b, std::size_t k, const double* y, double current, double* dy) {
        Lif::slope(b, k, y, current, dy);
    }
    static bool fires(Block& b, std::size_t k, double, Step step) {
        sum_up(b, k);
        const double above = std::min((b.col[V][k] - b.col[V_T][k]) / b.col[DELTA_V][k], 700.0);
        const double per_ms = 1e-3 * b.col[LAMBDA0][k] * std::exp(above);
        return uniform(philox(b.key, {static_cast<std::uint64_t>(step), k, 0, 0})[0]) < -std::expm1(-per_ms * b.h);
    }
    static void reset(Block& b, std::size_t k) {
        Exact::reset(b, k);
        for (const Kernel* kernel : {&b.eta, &b.gamma}) {
            for (std::size_t n = k * kernel->n; n < (k + 1) * kernel->n; ++n) kernel->value[n] += kernel->a[n];
        }
        sum_up(b, k);
    }
};

}  // namespace cawan
