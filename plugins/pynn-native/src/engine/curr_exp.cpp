#include "curr_exp.hpp"

#include <cmath>

#include "kernels.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

struct Lanes {
    Lane v_rest, drive, v_thresh, decay_v, gain_exc, gain_inh, decay_exc, decay_inh;
    double *v, *i_exc, *i_inh;
    const std::int64_t* free;
};

PYNN_NATIVE_KERNEL
void step_curr_exp(const Lanes& lanes, std::size_t first, std::size_t last, double* in_exc,
                   double* in_inh, std::uint8_t* reached) {
    for (std::size_t t = first; t < last; ++t) {
        double *v = lanes.v + t * kTile, *i_exc = lanes.i_exc + t * kTile, *i_inh = lanes.i_inh + t * kTile;
        double *exc = in_exc + (t - first) * kTile, *inh = in_inh + (t - first) * kTile;
        const std::int64_t* frees = lanes.free + t * kTile;
        const double *v_rest = lanes.v_rest.tile(t), *drive = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
        const double *decay_v = lanes.decay_v.tile(t), *gain_exc = lanes.gain_exc.tile(t);
        const double *gain_inh = lanes.gain_inh.tile(t), *decay_exc = lanes.decay_exc.tile(t);
        const double* decay_inh = lanes.decay_inh.tile(t);
        Mask below = ~Mask{};
        for (std::size_t k = 0; k < kTile; k += kLanes) {
            const Pack old = pack(v + k), rest = pack(v_rest + k), ie = pack(i_exc + k), ii = pack(i_inh + k);
            Pack next = rest + (old - rest) * pack(decay_v + k) + pack(drive + k);
            next = next + pack(gain_exc + k) * ie;
            next = next + pack(gain_inh + k) * ii;
            pack(i_exc + k) = ie * pack(decay_exc + k) + pack(exc + k);
            pack(i_inh + k) = ii * pack(decay_inh + k) + pack(inh + k);
            pack(exc + k) = Pack{};
            pack(inh + k) = Pack{};
            const Mask free = mask(frees + k);
            next = select(free, next, old);
            pack(v + k) = next;
            below &= bits(next - pack(v_thresh + k)) | ~free;
        }
        reached[t] = !all_negative(below);
    }
}

}  // namespace

double phi1(double x) { return x == 0.0 ? 1.0 : -std::expm1(-x) / x; }

double phi2(double x) {
    if (std::abs(x) >= 0.25) return (-std::expm1(-x) - x * std::exp(-x)) / (x * x);
    double sum = 0.0, term = 1.0;  // Σ (-x)^k / (k! (k + 2)), to the last digit for |x| < 1/4
    for (int k = 0; k < 12; ++k) {
        sum += term / (k + 2);
        term *= -x / (k + 1);
    }
    return sum;
}

CurrExp::CurrExp(std::size_t size, double timestep, std::size_t threads)
    : Cells(size, timestep, threads), i_exc_(state()), i_inh_(state()), decay_v_(parameter()),
      from_current_(parameter()), gain_exc_(parameter()), gain_inh_(parameter()), decay_exc_(parameter()),
      decay_inh_(parameter()) {
    name("isyn_exc", i_exc_);
    name("isyn_inh", i_inh_);
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

void CurrExp::integrate(const Tiles& tiles) {
    const Lanes lanes{v_rest_.lane(),   drive_.lane(),     v_thresh_.lane(),  decay_v_.lane(),
                      gain_exc_.lane(), gain_inh_.lane(),  decay_exc_.lane(), decay_inh_.lane(),
                      v_.data(),        i_exc_.data(),     i_inh_.data(),     free_.data()};
    step_curr_exp(lanes, tiles.first, tiles.last, tiles.input[0], tiles.input[1], tiles.reached);
}

}  // namespace pynn_native
