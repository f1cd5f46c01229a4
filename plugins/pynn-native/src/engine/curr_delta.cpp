#include "curr_delta.hpp"

#include <cmath>

#include "incoming.hpp"
#include "propagators.hpp"

namespace pynn_native {

namespace {

template <class W, bool kShared>
PYNN_NATIVE_INLINE void step_tiles(const CurrDelta::Lanes<typename W::Number>& lanes) {
    using T = Tile<W>;
    using Factor = Operand<W, kShared>;
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        if (lanes.tiles.fetching) lanes.tiles.fetching->some();
        const std::size_t inside = (t - lanes.tiles.first) * kTile;
        const Incoming<W> exc(lanes.tiles.exc, lanes.tiles.exc_counts, inside);
        const Incoming<W> inh(lanes.tiles.inh, lanes.tiles.inh_counts, inside);
        const Factor drive(lanes.drive, t), v_thresh(lanes.v_thresh, t), decay_v(lanes.decay_v, t);
        const Chosen<W> awake(lanes.awake[t]);
        typename W::Number* v = lanes.v + t * kTile;
        Reached<W, kShared> reached;
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const typename T::Pack old = T::at(v + k);
            typename T::Pack next = fused<W>(old, decay_v.at(k), drive.at(k));
            next = next + exc.at(k) + inh.at(k);
            next = awake.select(k, next, old);
            T::at(v + k) = next;
            reached.look(next, v_thresh.at(k));
        }
        lanes.tiles.reached[t] = reached.any();
    }
}

template <class W>
PYNN_NATIVE_INLINE void step(const CurrDelta::Lanes<typename W::Number>& lanes) {
    if (all_shared(lanes.drive, lanes.v_thresh, lanes.decay_v)) {
        step_tiles<W, true>(lanes);
    } else {
        step_tiles<W, false>(lanes);
    }
}

PYNN_NATIVE_KERNELS(step_curr_delta, step, CurrDelta::Lanes)

}  // namespace

CurrDelta::CurrDelta(const Layout& layout)
    : Cells(layout), decay_v_(parameter()), from_current_(parameter()) {
    add_counts();
    fetch();
}

void CurrDelta::derive() {
    decay_v_.derive(tau_m_.shared(), [&](std::size_t k) { return std::exp(-h_ / tau_m_[k]); });
    from_current_.derive(tau_m_.shared() && cm_.shared(),
                         [&](std::size_t k) { return tau_m_[k] / cm_[k] * -std::expm1(-h_ / tau_m_[k]); });
}

double CurrDelta::drive_of(double current, std::size_t row) const {
    return resting_drive(resting(row), decay_v_[row]) + from_current_[row] * current;
}

template <class Number>
CurrDelta::Lanes<Number> CurrDelta::lanes(const Tiles<Number>& tiles) {
    return {tiles, drive_.lane<Number>(), v_thresh_.lane<Number>(), decay_v_.lane<Number>(), v_.data<Number>(),
            awake_.data()};
}

void CurrDelta::integrate(const Tiles<double>& tiles) { step_curr_delta(lanes(tiles)); }

void CurrDelta::integrate(const Tiles<float>& tiles) { step_curr_delta(lanes(tiles)); }

}  // namespace pynn_native
