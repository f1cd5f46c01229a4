#include "cond_exp.hpp"

#include <algorithm>
#include <cmath>

#include "kernels.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kStiff = 2.0;

struct Lanes {
    Lane drive, v_thresh, e_exc, e_inh, leak, per_cm, half_exc, half_inh;
    double *v, *g_exc, *g_inh;
    const std::int64_t* free;
};

// The coefficients of dv/dt = b - a v, times h, for given conductances.
struct Linear {
    Pack a, b;
    PYNN_NATIVE_INLINE Linear(const Pack& g_exc, const Pack& g_inh, const Pack& e_exc, const Pack& e_inh,
                              const Pack& leak, const Pack& per_cm, const Pack& drive)
        : a(leak + per_cm * (g_exc + g_inh)), b(drive + per_cm * (g_exc * e_exc + g_inh * e_inh)) {}
};

PYNN_NATIVE_INLINE void runge_kutta(Pack& v, const Linear& begin, const Linear& middle, const Linear& end) {
    const Pack k1 = begin.b - begin.a * v;
    const Pack k2 = middle.b - middle.a * (v + 0.5 * k1);
    const Pack k3 = middle.b - middle.a * (v + 0.5 * k2);
    const Pack k4 = end.b - end.a * (v + k3);
    v = v + (k1 + 2.0 * (k2 + k3) + k4) * (1.0 / 6.0);
}

// Replace the lanes of `next` whose membrane is stiff by the exponential midpoint rule.
PYNN_NATIVE_INLINE void replace_stiff(Pack& next, const Pack& v, const Linear& begin, const Linear& middle) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (!(begin.a[lane] > kStiff)) continue;
        const double goal = middle.b[lane] / middle.a[lane];
        next[lane] = goal + (v[lane] - goal) * std::exp(-middle.a[lane]);
    }
}

// Whether a free cell is at its threshold, and whether the next step will be stiff.
struct Outcome {
    bool reached, stiff;
};

template <bool kCareful>
PYNN_NATIVE_INLINE Outcome step_tile(const Lanes& lanes, std::size_t t, double* exc, double* inh) {
    double *v = lanes.v + t * kTile, *g_exc = lanes.g_exc + t * kTile, *g_inh = lanes.g_inh + t * kTile;
    const std::int64_t* frees = lanes.free + t * kTile;
    const double *drives = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
    const double *e_excs = lanes.e_exc.tile(t), *e_inhs = lanes.e_inh.tile(t);
    const double *leaks = lanes.leak.tile(t), *per_cms = lanes.per_cm.tile(t);
    const double *half_exc = lanes.half_exc.tile(t), *half_inh = lanes.half_inh.tile(t);
    Mask below = ~Mask{}, stiff = {};
    for (std::size_t k = 0; k < kTile; k += kLanes) {
        const Pack e_exc = pack(e_excs + k), e_inh = pack(e_inhs + k), leak = pack(leaks + k);
        const Pack per_cm = pack(per_cms + k), drive = pack(drives + k);
        const Pack old = pack(v + k), ge = pack(g_exc + k), gi = pack(g_inh + k);
        const Pack mid_ge = ge * pack(half_exc + k), mid_gi = gi * pack(half_inh + k);
        const Pack end_ge = mid_ge * pack(half_exc + k), end_gi = mid_gi * pack(half_inh + k);
        const Linear begin(ge, gi, e_exc, e_inh, leak, per_cm, drive);
        const Linear middle(mid_ge, mid_gi, e_exc, e_inh, leak, per_cm, drive);
        const Linear end(end_ge, end_gi, e_exc, e_inh, leak, per_cm, drive);
        Pack next = old;
        runge_kutta(next, begin, middle, end);
        if (kCareful) replace_stiff(next, old, begin, middle);
        const Pack new_ge = end_ge + pack(exc + k), new_gi = end_gi + pack(inh + k);
        pack(g_exc + k) = new_ge;
        pack(g_inh + k) = new_gi;
        pack(exc + k) = Pack{};
        pack(inh + k) = Pack{};
        stiff |= bits(kStiff - (leak + per_cm * (new_ge + new_gi)));
        const Mask free = mask(frees + k);
        next = select(free, next, old);
        pack(v + k) = next;
        below &= bits(next - pack(v_thresh + k)) | ~free;
    }
    return {!all_negative(below), any_negative(stiff)};
}

PYNN_NATIVE_KERNEL
void step_cond_exp(const Lanes& lanes, std::size_t first, std::size_t last, double* in_exc,
                   double* in_inh, std::uint8_t* reached, std::uint8_t* stiff) {
    for (std::size_t t = first; t < last; ++t) {
        double *exc = in_exc + (t - first) * kTile, *inh = in_inh + (t - first) * kTile;
        const Outcome outcome =
            stiff[t] ? step_tile<true>(lanes, t, exc, inh) : step_tile<false>(lanes, t, exc, inh);
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
                      v_.data(),     g_exc_.data(),    g_inh_.data(),    free_.data()};
    step_cond_exp(lanes, tiles.first, tiles.last, tiles.input[0], tiles.input[1], tiles.reached,
                  stiff_.data());
}

}  // namespace pynn_native
