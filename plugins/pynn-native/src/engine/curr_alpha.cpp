#include "curr_alpha.hpp"

#include <cmath>

#include "pack.hpp"
#include "propagators.hpp"

namespace pynn_native {

namespace {

constexpr double kE = 2.718281828459045235;

// What one receptor's current does to v in a step is added to `next`; then the current and its slope move on.
template <class W>
PYNN_NATIVE_INLINE void step_side(const CurrAlpha::SideLanes<typename W::Number>& lanes, std::size_t t, std::size_t k,
                                  typename W::Number* input, typename W::Pack& next) {
    using T = Tile<W>;
    typename W::Number *current = lanes.current + t * kTile + k, *rise = lanes.rise + t * kTile + k;
    const typename T::Pack i = T::at(current), r = T::at(rise), decay = T::at(lanes.decay.tile(t) + k);
    next = next + T::at(lanes.gain.tile(t) + k) * i;
    next = next + T::at(lanes.rise_gain.tile(t) + k) * r;
    T::at(current) = i * decay + T::at(lanes.rise_to_current.tile(t) + k) * r;
    T::at(rise) = r * decay + T::at(input) * T::at(lanes.jump.tile(t) + k);
    T::at(input) = typename T::Pack{};
}

template <class W>
PYNN_NATIVE_INLINE void step(const CurrAlpha::Lanes<typename W::Number>& lanes) {
    using T = Tile<W>;
    using Number = typename W::Number;
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        const std::size_t here = t * kTile, inside = (t - lanes.tiles.first) * kTile;
        Number *v = lanes.v + here, *exc = lanes.tiles.exc + inside, *inh = lanes.tiles.inh + inside;
        const Whole<Number>* free = lanes.free + here;
        const Number *v_rest = lanes.v_rest.tile(t), *drive = lanes.drive.tile(t);
        const Number *v_thresh = lanes.v_thresh.tile(t), *decay_v = lanes.decay_v.tile(t);
        typename T::Mask below = ~typename T::Mask{};
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const typename T::Pack old = T::at(v + k), rest = T::at(v_rest + k);
            typename T::Pack next = rest + (old - rest) * T::at(decay_v + k) + T::at(drive + k);
            step_side<W>(lanes.exc, t, k, exc + k, next);
            step_side<W>(lanes.inh, t, k, inh + k, next);
            next = T::select(T::at(free + k), next, old);
            T::at(v + k) = next;
            below &= T::bits(next - T::at(v_thresh + k)) | ~T::at(free + k);
        }
        lanes.tiles.reached[t] = !T::all_negative(below);
    }
}

PYNN_NATIVE_KERNELS(step_curr_alpha, step, CurrAlpha::Lanes)

}  // namespace

CurrAlpha::Side::Side(const CurrAlpha& cells)
    : current(cells.state()), rise(cells.state()), gain(cells.parameter()), rise_gain(cells.parameter()),
      rise_to_current(cells.parameter()), decay(cells.parameter()), jump(cells.parameter()) {}

CurrAlpha::CurrAlpha(const Layout& layout)
    : Cells(layout), decay_v_(parameter()), from_current_(parameter()), exc_(*this), inh_(*this) {
    name("isyn_exc", exc_.current);
    name("isyn_inh", inh_.current);
}

void CurrAlpha::Side::derive(const CurrAlpha& cells, const Column& tau) {
    const double h = cells.h_;
    const Column &cm = cells.cm_, &tau_m = cells.tau_m_, &decay_v = cells.decay_v_;
    const bool all = tau_m.shared() && cm.shared() && tau.shared();
    const auto relative = [&](std::size_t k) { return h * (1 / tau[k] - 1 / tau_m[k]); };
    gain.derive(all, [&](std::size_t k) { return h / cm[k] * decay_v[k] * phi1(relative(k)); });
    rise_gain.derive(all, [&](std::size_t k) { return h * h / cm[k] * decay_v[k] * phi2(relative(k)); });
    decay.derive(tau.shared(), [&](std::size_t k) { return std::exp(-h / tau[k]); });
    rise_to_current.derive(tau.shared(), [&](std::size_t k) { return h * std::exp(-h / tau[k]); });
    jump.derive(tau.shared(), [&](std::size_t k) { return kE / tau[k]; });
}

void CurrAlpha::derive() {
    const double h = h_;
    decay_v_.derive(tau_m_.shared(), [&](std::size_t k) { return std::exp(-h / tau_m_[k]); });
    from_current_.derive(tau_m_.shared() && cm_.shared(),
                         [&](std::size_t k) { return tau_m_[k] / cm_[k] * -std::expm1(-h / tau_m_[k]); });
    exc_.derive(*this, tau_syn_E_);
    inh_.derive(*this, tau_syn_I_);
}

double CurrAlpha::drive_of(double current, std::size_t row) const { return from_current_[row] * current; }

template <class Number>
CurrAlpha::SideLanes<Number> CurrAlpha::Side::lanes() {
    return {gain.lane<Number>(), rise_gain.lane<Number>(), rise_to_current.lane<Number>(), decay.lane<Number>(),
            jump.lane<Number>(), current.data<Number>(), rise.data<Number>()};
}

template <class Number>
CurrAlpha::Lanes<Number> CurrAlpha::lanes(const Tiles<Number>& tiles) {
    return {tiles, exc_.lanes<Number>(), inh_.lanes<Number>(), v_rest_.lane<Number>(), drive_.lane<Number>(),
            v_thresh_.lane<Number>(), decay_v_.lane<Number>(), v_.data<Number>(), free_.data<Number>()};
}

void CurrAlpha::integrate(const Tiles<double>& tiles) { step_curr_alpha(lanes(tiles)); }

void CurrAlpha::integrate(const Tiles<float>& tiles) { step_curr_alpha(lanes(tiles)); }

}  // namespace pynn_native
