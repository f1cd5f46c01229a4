#include "curr_delta.hpp"

#include <cmath>

#include "pack.hpp"

namespace pynn_native {

namespace {

template <class W>
PYNN_NATIVE_INLINE void step(const CurrDelta::Lanes& lanes) {
    using T = Tile<W>;
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        const std::size_t here = t * kTile, inside = (t - lanes.tiles.first) * kTile;
        double *v = lanes.v + here, *exc = lanes.tiles.exc + inside, *inh = lanes.tiles.inh + inside;
        const std::int64_t* free = lanes.free + here;
        const double *v_rest = lanes.v_rest.tile(t), *drive = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
        const double* decay_v = lanes.decay_v.tile(t);
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

PYNN_NATIVE_KERNEL(step_curr_delta, step, CurrDelta::Lanes)

}  // namespace

CurrDelta::CurrDelta(std::size_t size, double timestep, std::size_t threads)
    : Cells(size, timestep, threads), decay_v_(parameter()), from_current_(parameter()) {}

void CurrDelta::derive() {
    decay_v_.derive(tau_m_.shared(), [&](std::size_t k) { return std::exp(-h_ / tau_m_[k]); });
    from_current_.derive(tau_m_.shared() && cm_.shared(),
                         [&](std::size_t k) { return tau_m_[k] / cm_[k] * -std::expm1(-h_ / tau_m_[k]); });
}

double CurrDelta::drive_of(double current, std::size_t row) const { return from_current_[row] * current; }

void CurrDelta::integrate(const Tiles& tiles) {
    step_curr_delta(
        {tiles, v_rest_.lane(), drive_.lane(), v_thresh_.lane(), decay_v_.lane(), v_.data(), free_.data()});
}

}  // namespace pynn_native
