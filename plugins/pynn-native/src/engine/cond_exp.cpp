#include "cond_exp.hpp"

#include <algorithm>
#include <cmath>

#include "kernels.hpp"

namespace pynn_native {

namespace {

constexpr double kStiff = 2.0;

struct Lanes {
    Lane drive, v_thresh, e_exc, e_inh, leak, per_cm, half_exc, half_inh;
    double *v, *g_exc, *g_inh;
    const double* held_until;
};

// The coefficients of dv/dt = b - a v, times h.
struct Linear {
    double a, b;
};

PYNN_NATIVE_INLINE Linear linear(double g_exc, double g_inh, double e_exc, double e_inh, double leak, double per_cm,
                                 double drive) {
    return {leak + per_cm * (g_exc + g_inh), drive + per_cm * (g_exc * e_exc + g_inh * e_inh)};
}

PYNN_NATIVE_INLINE double runge_kutta(double v, Linear begin, Linear middle, Linear end) {
    const double k1 = begin.b - begin.a * v;
    const double k2 = middle.b - middle.a * (v + 0.5 * k1);
    const double k3 = middle.b - middle.a * (v + 0.5 * k2);
    const double k4 = end.b - end.a * (v + k3);
    return v + (k1 + 2.0 * (k2 + k3) + k4) * (1.0 / 6.0);
}

inline double exponential_midpoint(double v, Linear middle) {
    const double goal = middle.b / middle.a;
    return goal + (v - goal) * std::exp(-middle.a);
}

// One tile; gives whether a free cell is at its threshold, and whether the next step will be stiff.
struct Outcome {
    bool reached, stiff;
};

template <bool kCareful>
PYNN_NATIVE_INLINE Outcome step_tile(const Lanes& lanes, std::size_t t, double step, double* PYNN_NATIVE_RESTRICT exc,
                                     double* PYNN_NATIVE_RESTRICT inh) {
    double* PYNN_NATIVE_RESTRICT v = lanes.v + t * kTile;
    double* PYNN_NATIVE_RESTRICT g_exc = lanes.g_exc + t * kTile;
    double* PYNN_NATIVE_RESTRICT g_inh = lanes.g_inh + t * kTile;
    const double* held_until = lanes.held_until + t * kTile;
    const double *drive = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
    const double *e_exc = lanes.e_exc.tile(t), *e_inh = lanes.e_inh.tile(t);
    const double *leak = lanes.leak.tile(t), *per_cm = lanes.per_cm.tile(t);
    const double *half_exc = lanes.half_exc.tile(t), *half_inh = lanes.half_inh.tile(t);
    std::int64_t reached = 0, stiff = 0;
    for (std::size_t k = 0; k < kTile; ++k) {
        const double mid_exc = g_exc[k] * half_exc[k], mid_inh = g_inh[k] * half_inh[k];
        const double end_exc = mid_exc * half_exc[k], end_inh = mid_inh * half_inh[k];
        const Linear begin = linear(g_exc[k], g_inh[k], e_exc[k], e_inh[k], leak[k], per_cm[k], drive[k]);
        const Linear middle = linear(mid_exc, mid_inh, e_exc[k], e_inh[k], leak[k], per_cm[k], drive[k]);
        const Linear end = linear(end_exc, end_inh, e_exc[k], e_inh[k], leak[k], per_cm[k], drive[k]);
        double next = runge_kutta(v[k], begin, middle, end);
        if (kCareful && begin.a > kStiff) next = exponential_midpoint(v[k], middle);
        g_exc[k] = end_exc + exc[k];
        g_inh[k] = end_inh + inh[k];
        exc[k] = 0.0;
        inh[k] = 0.0;
        stiff |= static_cast<std::int64_t>(leak[k] + per_cm[k] * (g_exc[k] + g_inh[k]) > kStiff);
        const bool free = step > held_until[k];
        next = free ? next : v[k];
        v[k] = next;
        reached |= static_cast<std::int64_t>(free & (next >= v_thresh[k]));
    }
    return {reached != 0, stiff != 0};
}

PYNN_NATIVE_KERNEL
void step_cond_exp(const Lanes& lanes, std::size_t first, std::size_t last, double step, double* in_exc,
                   double* in_inh, std::uint8_t* reached, std::uint8_t* stiff) {
    for (std::size_t t = first; t < last; ++t) {
        double *exc = in_exc + (t - first) * kTile, *inh = in_inh + (t - first) * kTile;
        const Outcome outcome =
            stiff[t] ? step_tile<true>(lanes, t, step, exc, inh) : step_tile<false>(lanes, t, step, exc, inh);
        reached[t] = outcome.reached;
        stiff[t] = outcome.stiff;
    }
}

}  // namespace

CondExp::CondExp(std::size_t size, double timestep, std::size_t threads)
    : Cells(size, timestep, threads), g_exc_(state()), g_inh_(state()), e_rev_E_(parameter(0.0)),
      e_rev_I_(parameter(-70.0)), leak_(parameter()), per_cm_(parameter()), half_exc_(parameter()),
      half_inh_(parameter()), stiff_(padded(size) / kTile) {
    name("gsyn_exc", g_exc_);
    name("gsyn_inh", g_inh_);
    name("e_rev_E", e_rev_E_);
    name("e_rev_I", e_rev_I_);
}

void CondExp::derive() {
    const double h = h_;
    leak_.derive(tau_m_.shared(), [&](std::size_t k) { return h / tau_m_[k]; });
    per_cm_.derive(cm_.shared(), [&](std::size_t k) { return h / cm_[k]; });
    half_exc_.derive(tau_syn_E_.shared(), [&](std::size_t k) { return std::exp(-0.5 * h / tau_syn_E_[k]); });
    half_inh_.derive(tau_syn_I_.shared(), [&](std::size_t k) { return std::exp(-0.5 * h / tau_syn_I_[k]); });
}

double CondExp::drive_of(double current, std::size_t row) const {
    return h_ * (v_rest_[row] / tau_m_[row] + current / cm_[row]);
}

void CondExp::touched() { std::fill(stiff_.begin(), stiff_.end(), std::uint8_t{1}); }

void CondExp::integrate(const Tiles& tiles) {
    const Lanes lanes{drive_.lane(), v_thresh_.lane(), e_rev_E_.lane(),  e_rev_I_.lane(),
                      leak_.lane(),  per_cm_.lane(),   half_exc_.lane(), half_inh_.lane(),
                      v_.data(),     g_exc_.data(),    g_inh_.data(),    held_until_.data()};
    step_cond_exp(lanes, tiles.first, tiles.last, tiles.step, tiles.input[0], tiles.input[1], tiles.reached,
                  stiff_.data());
}

}  // namespace pynn_native
