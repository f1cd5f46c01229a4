#include "curr_exp.hpp"

#include <cmath>

#include "kernels.hpp"

namespace pynn_native {

namespace {

struct Lanes {
    Lane v_rest, drive, v_thresh, decay_v, gain_exc, gain_inh, decay_exc, decay_inh;
    double *v, *i_exc, *i_inh;
    const double* held_until;
};

PYNN_NATIVE_KERNEL
void step_curr_exp(const Lanes& lanes, std::size_t first, std::size_t last, double step, double* in_exc,
                   double* in_inh, std::uint8_t* reached) {
    for (std::size_t t = first; t < last; ++t) {
        double* PYNN_NATIVE_RESTRICT v = lanes.v + t * kTile;
        double* PYNN_NATIVE_RESTRICT i_exc = lanes.i_exc + t * kTile;
        double* PYNN_NATIVE_RESTRICT i_inh = lanes.i_inh + t * kTile;
        double* PYNN_NATIVE_RESTRICT exc = in_exc + (t - first) * kTile;
        double* PYNN_NATIVE_RESTRICT inh = in_inh + (t - first) * kTile;
        const double* held_until = lanes.held_until + t * kTile;
        const double *v_rest = lanes.v_rest.tile(t), *drive = lanes.drive.tile(t), *v_thresh = lanes.v_thresh.tile(t);
        const double *decay_v = lanes.decay_v.tile(t), *gain_exc = lanes.gain_exc.tile(t);
        const double *gain_inh = lanes.gain_inh.tile(t), *decay_exc = lanes.decay_exc.tile(t);
        const double* decay_inh = lanes.decay_inh.tile(t);
        std::int64_t any = 0;
        for (std::size_t k = 0; k < kTile; ++k) {
            double next = v_rest[k] + (v[k] - v_rest[k]) * decay_v[k] + drive[k];
            next = next + gain_exc[k] * i_exc[k];
            next = next + gain_inh[k] * i_inh[k];
            i_exc[k] = i_exc[k] * decay_exc[k] + exc[k];
            i_inh[k] = i_inh[k] * decay_inh[k] + inh[k];
            exc[k] = 0.0;
            inh[k] = 0.0;
            const bool free = step > held_until[k];
            next = free ? next : v[k];
            v[k] = next;
            any |= static_cast<std::int64_t>(free & (next >= v_thresh[k]));
        }
        reached[t] = any != 0;
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
                      v_.data(),        i_exc_.data(),     i_inh_.data(),     held_until_.data()};
    step_curr_exp(lanes, tiles.first, tiles.last, tiles.step, tiles.input[0], tiles.input[1], tiles.reached);
}

}  // namespace pynn_native
