#include "curr_exp.hpp"

#include <cmath>

#include "incoming.hpp"
#include "propagators.hpp"

namespace pynn_native {

namespace {

// The parameters of a tile; those that all cells share stay in registers.
template <class W, bool kShared>
struct Factors {
    PYNN_NATIVE_INLINE Factors(const CurrExp::Lanes<typename W::Number>& lanes, std::size_t t)
        : drive(lanes.drive, t), v_thresh(lanes.v_thresh, t), decay_v(lanes.decay_v, t), gain_exc(lanes.gain_exc, t),
          gain_inh(lanes.gain_inh, t), decay_exc(lanes.decay_exc, t), decay_inh(lanes.decay_inh, t) {}

    Operand<W, kShared> drive, v_thresh, decay_v, gain_exc, gain_inh, decay_exc, decay_inh;
};

template <class W>
PYNN_NATIVE_INLINE void put(typename W::Number* current, const Incoming<W>& incoming) {
    for (std::size_t k = 0; k < kTile; k += W::kLanes) Tile<W>::at(current + k) = incoming.at(k);
}

template <class W, bool kShared, bool kInput>
PYNN_NATIVE_INLINE void step_tiles(const CurrExp::Lanes<typename W::Number>& lanes) {
    using T = Tile<W>;
    using Pack = typename T::Pack;
    using Number = typename W::Number;
    Factors<W, kShared> by(lanes, lanes.tiles.first);
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        if (lanes.tiles.fetching) lanes.tiles.fetching->some();
        const std::size_t here = t * kTile;
        Number *v = lanes.v + here, *i_exc = lanes.i_exc + here, *i_inh = lanes.i_inh + here;
        const Chosen<W> awake(lanes.awake[t]);
        if constexpr (!kShared) by = Factors<W, kShared>(lanes, t);
        Reached<W, kShared> reached;
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const Pack old = T::at(v + k), ie = T::at(i_exc + k), ii = T::at(i_inh + k);
            const Term<W> from_exc{by.gain_exc.at(k), ie}, from_inh{by.gain_inh.at(k), ii};
            const Pack next = awake.stepped(k, old, by.decay_v.at(k), by.drive.at(k), from_exc, from_inh);
            T::at(v + k) = next;
            reached.look(next, by.v_thresh.at(k));
            if constexpr (!kInput) {
                T::at(i_exc + k) = ie * by.decay_exc.at(k);
                T::at(i_inh + k) = ii * by.decay_inh.at(k);
            }
        }
        if constexpr (kInput) {
            const std::size_t inside = (t - lanes.tiles.first) * kTile;
            put<W>(i_exc, {i_exc, by.decay_exc, lanes.tiles.exc, lanes.tiles.exc_counts, inside});
            put<W>(i_inh, {i_inh, by.decay_inh, lanes.tiles.inh, lanes.tiles.inh_counts, inside});
        }
        lanes.tiles.reached[t] = reached.any();
    }
}

template <class W>
PYNN_NATIVE_INLINE void step(const CurrExp::Lanes<typename W::Number>& lanes) {
    const auto& [first, last, exc, inh, reached, exc_counts, inh_counts, fetching] = lanes.tiles;
    const bool input = exc || inh || exc_counts.size || inh_counts.size;
    if (all_shared(lanes.drive, lanes.v_thresh, lanes.decay_v, lanes.gain_exc, lanes.gain_inh,
                   lanes.decay_exc, lanes.decay_inh)) {
        input ? step_tiles<W, true, true>(lanes) : step_tiles<W, true, false>(lanes);
    } else {
        input ? step_tiles<W, false, true>(lanes) : step_tiles<W, false, false>(lanes);
    }
}

PYNN_NATIVE_KERNELS(step_curr_exp, step, CurrExp::Lanes)

}  // namespace

CurrExp::CurrExp(const Layout& layout)
    : Cells(layout), i_exc_(state()), i_inh_(state()), decay_v_(parameter()),
      from_current_(parameter()), gain_exc_(parameter()), gain_inh_(parameter()), decay_exc_(parameter()),
      decay_inh_(parameter()) {
    name("isyn_exc", i_exc_);
    name("isyn_inh", i_inh_);
    take_at_once(i_exc_, i_inh_);
    add_counts();
    fetch();
}

void CurrExp::derive() {
    const double h = h_;
    const bool membrane = tau_m_.shared() && cm_.shared();
    decay_v_.derive(tau_m_.shared(), [&](std::size_t k) { return std::exp(-h / tau_m_[k]); });
    from_current_.derive(membrane, [&](std::size_t k) { return tau_m_[k] / cm_[k] * -std::expm1(-h / tau_m_[k]); });
    const auto synapse = [&](const Column& tau, Column& gain, Column& decay) {
        gain.derive(membrane && tau.shared(), [&](std::size_t k) {
            return h / cm_[k] * decay_v_[k] * phi1(h * (1 / tau[k] - 1 / tau_m_[k]));
        });
        decay.derive(tau.shared(), [&](std::size_t k) { return std::exp(-h / tau[k]); });
    };
    synapse(tau_syn_E_, gain_exc_, decay_exc_);
    synapse(tau_syn_I_, gain_inh_, decay_inh_);
}

double CurrExp::drive_of(double current, std::size_t row) const {
    return resting_drive(resting(row), decay_v_[row]) + from_current_[row] * current;
}

template <class Number>
CurrExp::Lanes<Number> CurrExp::lanes(const Tiles<Number>& tiles) {
    const auto lane = [](const Column& column) { return column.lane<Number>(); };
    return {tiles, lane(drive_), lane(v_thresh_), lane(decay_v_), lane(gain_exc_), lane(gain_inh_), lane(decay_exc_),
            lane(decay_inh_), v_.data<Number>(), i_exc_.data<Number>(), i_inh_.data<Number>(), awake_.data()};
}

void CurrExp::integrate(const Tiles<double>& tiles) { step_curr_exp(lanes(tiles)); }

void CurrExp::integrate(const Tiles<float>& tiles) { step_curr_exp(lanes(tiles)); }

}  // namespace pynn_native
