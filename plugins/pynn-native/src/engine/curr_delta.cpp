#include "curr_delta.hpp"

#include <cmath>

#include "pack.hpp"

namespace pynn_native {

namespace {

template <class W>
PYNN_NATIVE_INLINE void step(const CurrDelta::Lanes<typename W::Number>& lanes) {
    using T = Tile<W>;
    using Number = typename W::Number;
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        const std::size_t here = t * kTile, inside = (t - lanes.tiles.first) * kTile;
        Number *v = lanes.v + here, *exc = lanes.tiles.exc + inside, *inh = lanes.tiles.inh + inside;
        const Whole<Number>* free = lanes.free + here;
        const Number *v_rest = lanes.v_rest.tile(t), *drive = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
        const Number* decay_v = lanes.decay_v.tile(t);
        typename T::Mask below = ~typename T::Mask{};
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const typename T::Pack old = T::at(v + k), rest = T::at(v_rest + k);
            typename T::Pack next = rest + (old - rest) * T::at(decay_v + k) + T::at(drive + k);
            next = next + T::at(exc + k) + T::at(inh + k);
            T::at(exc + k) = typename T::Pack{};
            T::at(inh + k) = typename T::Pack{};
            next = T::select(T::at(free + k), next, old);
            T::at(v + k) = next;
            below &= T::bits(next - T::at(v_thresh + k)) | ~T::at(free + k);
        }
        lanes.tiles.reached[t] = !T::all_negative(below);
    }
}

PYNN_NATIVE_KERNELS(step_curr_delta, step, CurrDelta::Lanes)

}  // namespace

CurrDelta::CurrDelta(const Layout& layout)
    : Cells(layout), decay_v_(parameter()), from_current_(parameter()) {}

void CurrDelta::derive() {
    decay_v_.derive(tau_m_.shared(), [&](std::size_t k) { return std::exp(-h_ / tau_m_[k]); });
    from_current_.derive(tau_m_.shared() && cm_.shared(),
                         [&](std::size_t k) { return tau_m_[k] / cm_[k] * -std::expm1(-h_ / tau_m_[k]); });
}

double CurrDelta::drive_of(double current, std::size_t row) const { return from_current_[row] * current; }

template <class Number>
CurrDelta::Lanes<Number> CurrDelta::lanes(const Tiles<Number>& tiles) {
    return {tiles, v_rest_.lane<Number>(), drive_.lane<Number>(), v_thresh_.lane<Number>(), decay_v_.lane<Number>(),
            v_.data<Number>(), free_.data<Number>()};
}

void CurrDelta::integrate(const Tiles<double>& tiles) { step_curr_delta(lanes(tiles)); }

void CurrDelta::integrate(const Tiles<float>& tiles) { step_curr_delta(lanes(tiles)); }

}  // namespace pynn_native
