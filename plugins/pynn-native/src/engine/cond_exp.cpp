#include "cond_exp.hpp"

#include <algorithm>
#include <cmath>

#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kStiff = 2.0;

// The coefficients of dv/dt = b - a v, times h, for given conductances.
template <class W>
struct Linear {
    using Pack = typename W::Pack;
    Pack a, b;
    PYNN_NATIVE_INLINE Linear(const Pack& g_exc, const Pack& g_inh, const Pack& e_exc, const Pack& e_inh,
                              const Pack& leak, const Pack& per_cm, const Pack& drive)
        : a(leak + per_cm * (g_exc + g_inh)), b(drive + per_cm * (g_exc * e_exc + g_inh * e_inh)) {}
};

template <class W>
PYNN_NATIVE_INLINE void runge_kutta(typename W::Pack& v, const Linear<W>& begin, const Linear<W>& middle,
                                    const Linear<W>& end) {
    using Pack = typename W::Pack;
    const Pack k1 = begin.b - begin.a * v;
    const Pack k2 = middle.b - middle.a * (v + 0.5 * k1);
    const Pack k3 = middle.b - middle.a * (v + 0.5 * k2);
    const Pack k4 = end.b - end.a * (v + k3);
    v = v + (k1 + 2.0 * (k2 + k3) + k4) * (1.0 / 6.0);
}

// Replace the lanes of `next` whose membrane is stiff by the exponential midpoint rule.
template <class W>
PYNN_NATIVE_INLINE void replace_stiff(typename W::Pack& next, const typename W::Pack& v, const Linear<W>& begin,
                                      const Linear<W>& middle) {
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
        if (!(begin.a[lane] > kStiff)) continue;
        const double goal = middle.b[lane] / middle.a[lane];
        next[lane] = goal + (v[lane] - goal) * std::exp(-middle.a[lane]);
    }
}

template <class W, bool kCareful>
PYNN_NATIVE_INLINE void step_tile(const CondExp::Lanes& lanes, std::size_t t) {
    using T = Tile<W>;
    using Pack = typename T::Pack;
    const std::size_t here = t * kTile, inside = (t - lanes.tiles.first) * kTile;
    double *v = lanes.v + here, *g_exc = lanes.g_exc + here, *g_inh = lanes.g_inh + here;
    double *exc = lanes.tiles.exc + inside, *inh = lanes.tiles.inh + inside;
    const std::int64_t* free = lanes.free + here;
    const double *drives = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
    const double *e_excs = lanes.e_exc.tile(t), *e_inhs = lanes.e_inh.tile(t);
    const double *leaks = lanes.leak.tile(t), *per_cms = lanes.per_cm.tile(t);
    const double *half_exc = lanes.half_exc.tile(t), *half_inh = lanes.half_inh.tile(t);
    typename T::Mask below = ~typename T::Mask{}, stiff = {};
    for (std::size_t k = 0; k < kTile; k += W::kLanes) {
        const Pack e_exc = T::at(e_excs + k), e_inh = T::at(e_inhs + k), leak = T::at(leaks + k);
        const Pack per_cm = T::at(per_cms + k), drive = T::at(drives + k);
        const Pack old = T::at(v + k), ge = T::at(g_exc + k), gi = T::at(g_inh + k);
        const Pack mid_ge = ge * T::at(half_exc + k), mid_gi = gi * T::at(half_inh + k);
        const Pack end_ge = mid_ge * T::at(half_exc + k), end_gi = mid_gi * T::at(half_inh + k);
        const Linear<W> begin(ge, gi, e_exc, e_inh, leak, per_cm, drive);
        const Linear<W> middle(mid_ge, mid_gi, e_exc, e_inh, leak, per_cm, drive);
        const Linear<W> end(end_ge, end_gi, e_exc, e_inh, leak, per_cm, drive);
        Pack next = old;
        runge_kutta<W>(next, begin, middle, end);
        if (kCareful) replace_stiff<W>(next, old, begin, middle);
        const Pack new_ge = end_ge + T::at(exc + k), new_gi = end_gi + T::at(inh + k);
        T::at(g_exc + k) = new_ge;
        T::at(g_inh + k) = new_gi;
        T::at(exc + k) = Pack{};
        T::at(inh + k) = Pack{};
        stiff |= T::bits(kStiff - (leak + per_cm * (new_ge + new_gi)));
        next = T::select(T::at(free + k), next, old);
        T::at(v + k) = next;
        below &= T::bits(next - T::at(v_thresh + k)) | ~T::at(free + k);
    }
    lanes.tiles.reached[t] = !T::all_negative(below);
    lanes.stiff[t] = T::any_negative(stiff);  // for the next step
}

template <class W>
PYNN_NATIVE_INLINE void step(const CondExp::Lanes& lanes) {
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        if (lanes.stiff[t]) {
            step_tile<W, true>(lanes, t);
        } else {
            step_tile<W, false>(lanes, t);
        }
    }
}

PYNN_NATIVE_KERNEL(step_cond_exp, step, CondExp::Lanes)

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
    step_cond_exp({tiles, drive_.lane(), v_thresh_.lane(), e_rev_E_.lane(), e_rev_I_.lane(), leak_.lane(),
                   per_cm_.lane(), half_exc_.lane(), half_inh_.lane(), v_.data(), g_exc_.data(), g_inh_.data(),
                   free_.data(), stiff_.data()});
}

}  // namespace pynn_native
