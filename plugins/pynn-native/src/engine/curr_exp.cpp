#include "curr_exp.hpp"

#include <cmath>

#include "pack.hpp"
#include "propagators.hpp"

namespace pynn_native {

namespace {

template <class W, bool kShared, bool kPushed>
PYNN_NATIVE_INLINE void step_tiles(const CurrExp::Lanes<typename W::Number>& lanes) {
    using T = Tile<W>;
    using Pack = typename T::Pack;
    using Number = typename W::Number;
    using Factor = Operand<W, kShared>;
    for (std::size_t t = lanes.tiles.first; t < lanes.tiles.last; ++t) {
        const std::size_t here = t * kTile, inside = (t - lanes.tiles.first) * kTile;
        Number *v = lanes.v + here, *i_exc = lanes.i_exc + here, *i_inh = lanes.i_inh + here;
        Number *exc = kPushed ? lanes.tiles.exc + inside : nullptr, *inh = kPushed ? lanes.tiles.inh + inside : nullptr;
        const Whole<Number>* free = lanes.free + here;
        const Factor v_rest(lanes.v_rest, t), drive(lanes.drive, t), v_thresh(lanes.v_thresh, t);
        const Factor decay_v(lanes.decay_v, t), gain_exc(lanes.gain_exc, t), gain_inh(lanes.gain_inh, t);
        const Factor decay_exc(lanes.decay_exc, t), decay_inh(lanes.decay_inh, t);
        typename T::Mask below = ~typename T::Mask{};
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const Pack old = T::at(v + k), ie = T::at(i_exc + k), ii = T::at(i_inh + k);
            const auto& awake = T::at(free + k);
            Pack next = fused<W>(old - v_rest.at(k), decay_v.at(k), v_rest.at(k)) + drive.at(k);
            next = fused<W>(gain_inh.at(k), ii, fused<W>(gain_exc.at(k), ie, next));
            next = T::select(awake, next, old);
            T::at(v + k) = next;
            below &= T::bits(next - v_thresh.at(k)) | ~awake;
            if constexpr (kPushed) {
                T::at(i_exc + k) = fused<W>(ie, decay_exc.at(k), T::at(exc + k));
                T::at(i_inh + k) = fused<W>(ii, decay_inh.at(k), T::at(inh + k));
                T::at(exc + k) = T::at(inh + k) = Pack{};
            } else {
                T::at(i_exc + k) = ie * decay_exc.at(k);
                T::at(i_inh + k) = ii * decay_inh.at(k);
            }
        }
        lanes.tiles.reached[t] = !T::all_negative(below);
    }
}

template <class W>
PYNN_NATIVE_INLINE void step(const CurrExp::Lanes<typename W::Number>& lanes) {
    const bool pushed = lanes.tiles.exc != nullptr;
    if (all_shared(lanes.v_rest, lanes.drive, lanes.v_thresh, lanes.decay_v, lanes.gain_exc, lanes.gain_inh,
                   lanes.decay_exc, lanes.decay_inh)) {
        pushed ? step_tiles<W, true, true>(lanes) : step_tiles<W, true, false>(lanes);
    } else {
        pushed ? step_tiles<W, false, true>(lanes) : step_tiles<W, false, false>(lanes);
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

double CurrExp::drive_of(double current, std::size_t row) const { return from_current_[row] * current; }

template <class Number>
CurrExp::Lanes<Number> CurrExp::lanes(const Tiles<Number>& tiles) {
    const auto lane = [](const Column& column) { return column.lane<Number>(); };
    return {tiles, lane(v_rest_), lane(drive_), lane(v_thresh_), lane(decay_v_), lane(gain_exc_), lane(gain_inh_),
            lane(decay_exc_), lane(decay_inh_), v_.data<Number>(), i_exc_.data<Number>(), i_inh_.data<Number>(),
            free_.data<Number>()};
}

void CurrExp::integrate(const Tiles<double>& tiles) { step_curr_exp(lanes(tiles)); }

void CurrExp::integrate(const Tiles<float>& tiles) { step_curr_exp(lanes(tiles)); }

}  // namespace pynn_native
