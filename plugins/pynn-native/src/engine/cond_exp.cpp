#include "cond_exp.hpp"

#include <cmath>

#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kStiff = 2.0;

// The coefficients of du/dt = b + a u, times h, at one point of the step.
template <class W>
struct Linear {
    using Pack = typename W::Pack;
    Pack a, b;
};

template <class W>
PYNN_NATIVE_INLINE typename W::Pack runge_kutta(const typename W::Pack& v, const typename W::Pack& u,
                                                const Linear<W>& begin, const Linear<W>& middle,
                                                const Linear<W>& end) {
    using Pack = typename W::Pack;
    using Number = typename W::Number;
    const Pack half = Pack{} + Number{0.5};
    const Pack k1 = fused<W>(begin.a, u, begin.b);
    const Pack k2 = fused<W>(middle.a, fused<W>(half, k1, u), middle.b);
    const Pack k3 = fused<W>(middle.a, fused<W>(half, k2, u), middle.b);
    const Pack k4 = fused<W>(end.a, u + k3, end.b);
    return fused<W>(fused<W>(Pack{} + Number{2}, k2 + k3, k1 + k4), Pack{} + Number{1} / 6, v);
}

// Replace the lanes of `next` whose membrane is stiff, where `room` is negative, by the exponential midpoint rule.
template <class W>
PYNN_NATIVE_INLINE void replace_stiff(typename W::Pack& next, const typename W::Pack& v, const typename W::Pack& u,
                                      const typename W::Pack& room, const Linear<W>& middle) {
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
        if (!(room[lane] < 0)) continue;
        const typename W::Number goal = -middle.b[lane] / middle.a[lane];
        next[lane] = (v[lane] - u[lane]) + (goal + (u[lane] - goal) * std::exp(middle.a[lane]));
    }
}

// What a conductance of 1 µS at the beginning of the step adds to a and b at one point of the step.
template <class W, bool kShared>
class Gains {
    using Pack = typename W::Pack;
    using Factor = Operand<W, kShared>;

public:
    PYNN_NATIVE_INLINE Gains(const CondExp::GainLanes<typename W::Number>& lanes, std::size_t t)
        : exc_(lanes.exc, t), inh_(lanes.inh, t), pull_(lanes.pull, t) {}
    PYNN_NATIVE_INLINE Linear<W> of(std::size_t k, const Pack& exc, const Pack& inh, const Pack& leak,
                                    const Pack& drive) const {
        return {fused<W>(exc, exc_.at(k), fused<W>(inh, inh_.at(k), leak)), fused<W>(exc, pull_.at(k), drive)};
    }

private:
    Factor exc_, inh_, pull_;
};

// The parameters of one tile.
template <class W, bool kShared>
struct Parameters {
    using Factor = Operand<W, kShared>;
    PYNN_NATIVE_INLINE Parameters(const CondExp::Lanes<typename W::Number>& lanes, std::size_t t)
        : drive(lanes.drive, t), v_thresh(lanes.v_thresh, t), e_inh(lanes.e_inh, t), leak(lanes.leak, t),
          decay_exc(lanes.decay_exc, t), decay_inh(lanes.decay_inh, t), stiff(lanes.stiff, t),
          begin(lanes.gains[0], t), middle(lanes.gains[1], t), end(lanes.gains[2], t) {}
    Factor drive, v_thresh, e_inh, leak, decay_exc, decay_inh, stiff;
    Gains<W, kShared> begin, middle, end;
};

// The state of one tile.
template <class W, bool kShared>
class TileOfCells {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Number = typename W::Number;

public:
    PYNN_NATIVE_INLINE TileOfCells(const Parameters<W, kShared>& own, const CondExp::Lanes<Number>& lanes, std::size_t t)
        : own_(own), v_(lanes.v + t * kTile), g_exc_(lanes.g_exc + t * kTile), g_inh_(lanes.g_inh + t * kTile),
          awake_(lanes.awake[t]) {}

    // Whether Runge-Kutta might become unstable for some cell.
    PYNN_NATIVE_INLINE bool stiff() const {
        typename T::Mask found = {};
        for (std::size_t k = 0; k < kTile; k += W::kLanes) found |= T::bits(room(k));
        return T::any_negative(found);
    }

    // Whether some cell is at its threshold after this step; exc and inh: what was sent ahead, or null.
    template <bool kCareful>
    PYNN_NATIVE_INLINE bool step(Number* exc, Number* inh) const {
        typename T::Mask below = ~typename T::Mask{};
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const Pack old = T::at(v_ + k), ge = T::at(g_exc_ + k), gi = T::at(g_inh_ + k);
            const Pack leak = own_.leak.at(k), drive = own_.drive.at(k), u = old - own_.e_inh.at(k);
            const Linear<W> begin = own_.begin.of(k, ge, gi, leak, drive);
            const Linear<W> middle = own_.middle.of(k, ge, gi, leak, drive);
            const Linear<W> end = own_.end.of(k, ge, gi, leak, drive);
            Pack next = runge_kutta<W>(old, u, begin, middle, end);
            if constexpr (kCareful) replace_stiff<W>(next, old, u, room(k), middle);
            decay(exc, T::at(g_exc_ + k), own_.decay_exc.at(k), k);
            decay(inh, T::at(g_inh_ + k), own_.decay_inh.at(k), k);
            next = awake_.select(k, next, old);
            T::at(v_ + k) = next;
            below &= T::bits(next - own_.v_thresh.at(k));
        }
        return !T::all_negative(below);
    }

private:
    // The conductance that is left before a cell is stiff, µS.
    PYNN_NATIVE_INLINE Pack room(std::size_t k) const {
        return own_.stiff.at(k) - (T::at(g_exc_ + k) + T::at(g_inh_ + k));
    }
    static PYNN_NATIVE_INLINE void decay(Number* arriving, Pack& g, const Pack& kept, std::size_t k) {
        if (arriving) {
            g = fused<W>(g, kept, T::at(arriving + k));
            T::at(arriving + k) = Pack{};
        } else {
            g = g * kept;
        }
    }

    const Parameters<W, kShared>& own_;
    Number *v_, *g_exc_, *g_inh_;
    Chosen<W> awake_;
};

template <class W, bool kShared>
PYNN_NATIVE_INLINE void step_tiles(const CondExp::Lanes<typename W::Number>& lanes) {
    using Number = typename W::Number;
    const Parameters<W, kShared> first(lanes, lanes.tiles.first);
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        const Parameters<W, kShared> own = kShared ? first : Parameters<W, kShared>(lanes, t);
        const TileOfCells<W, kShared> cells(own, lanes, t);
        const std::size_t inside = (t - lanes.tiles.first) * kTile;
        const bool pushed = lanes.tiles.exc != nullptr;
        Number *exc = pushed ? lanes.tiles.exc + inside : nullptr, *inh = pushed ? lanes.tiles.inh + inside : nullptr;
        if (cells.stiff()) {
            lanes.tiles.reached[t] = cells.template step<true>(exc, inh);
        } else if (pushed) {
            lanes.tiles.reached[t] = cells.template step<false>(exc, inh);
        } else {
            lanes.tiles.reached[t] = cells.template step<false>(nullptr, nullptr);
        }
    }
}

template <class W>
PYNN_NATIVE_INLINE void step(const CondExp::Lanes<typename W::Number>& lanes) {
    bool shared = all_shared(lanes.drive, lanes.v_thresh, lanes.e_inh, lanes.leak, lanes.decay_exc, lanes.decay_inh,
                             lanes.stiff);
    for (const auto& gains : lanes.gains) shared &= all_shared(gains.exc, gains.inh, gains.pull);
    if (shared) {
        step_tiles<W, true>(lanes);
    } else {
        step_tiles<W, false>(lanes);
    }
}

PYNN_NATIVE_KERNELS(step_cond_exp, step, CondExp::Lanes)

}  // namespace

CondExp::CondExp(const Layout& layout)
    : Cells(layout), g_exc_(state()), g_inh_(state()), e_rev_E_(parameter(0.0)),
      e_rev_I_(parameter(-70.0)), leak_(parameter()), decay_exc_(parameter()), decay_inh_(parameter()),
      stiff_(parameter()), gains_{gain(), gain(), gain()} {
    name("gsyn_exc", g_exc_);
    name("gsyn_inh", g_inh_);
    name("e_rev_E", e_rev_E_);
    name("e_rev_I", e_rev_I_);
    take_at_once(g_exc_, g_inh_);
    count_from_origin(e_rev_I_);
}

void CondExp::derive() {
    const double h = h_;
    const bool membrane = tau_m_.shared() && cm_.shared(), potentials = e_rev_E_.shared() && e_rev_I_.shared();
    leak_.derive(tau_m_.shared(), [&](std::size_t k) { return -h / tau_m_[k]; });
    stiff_.derive(membrane, [&](std::size_t k) { return (kStiff - h / tau_m_[k]) / (h / cm_[k]); });
    decay_exc_.derive(tau_syn_E_.shared(), [&](std::size_t k) { return std::exp(-h / tau_syn_E_[k]); });
    decay_inh_.derive(tau_syn_I_.shared(), [&](std::size_t k) { return std::exp(-h / tau_syn_I_[k]); });
    for (std::size_t point = 0; point < gains_.size(); ++point) {
        const double elapsed = 0.5 * h * static_cast<double>(point);
        const auto of = [&](const Column& tau, std::size_t k) { return -h / cm_[k] * std::exp(-elapsed / tau[k]); };
        Gain& gain = gains_[point];
        gain.exc.derive(cm_.shared() && tau_syn_E_.shared(), [&](std::size_t k) { return of(tau_syn_E_, k); });
        gain.inh.derive(cm_.shared() && tau_syn_I_.shared(), [&](std::size_t k) { return of(tau_syn_I_, k); });
        gain.pull.derive(gain.exc.shared() && potentials,
                         [&](std::size_t k) { return gain.exc[k] * (e_rev_I_[k] - e_rev_E_[k]); });
    }
}

double CondExp::drive_of(double current, std::size_t row) const {
    return h_ * ((v_rest_[row] - e_rev_I_[row]) / tau_m_[row] + current / cm_[row]);
}

template <class Number>
CondExp::Lanes<Number> CondExp::lanes(const Tiles<Number>& tiles) {
    const auto lane = [](const Column& column) { return column.lane<Number>(); };
    const auto of = [&](const Gain& gain) {
        return GainLanes<Number>{lane(gain.exc), lane(gain.inh), lane(gain.pull)};
    };
    return {tiles, lane(drive_), lane(v_thresh_), lane(e_rev_I_), lane(leak_), lane(decay_exc_), lane(decay_inh_),
            lane(stiff_), {of(gains_[0]), of(gains_[1]), of(gains_[2])}, v_.data<Number>(), g_exc_.data<Number>(),
            g_inh_.data<Number>(), awake_.data()};
}

void CondExp::integrate(const Tiles<double>& tiles) { step_cond_exp(lanes(tiles)); }

void CondExp::integrate(const Tiles<float>& tiles) { step_cond_exp(lanes(tiles)); }

}  // namespace pynn_native
