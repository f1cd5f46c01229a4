#include "curr_alpha.hpp"

#include <cmath>

#include "curr_exp.hpp"
#include "kernels.hpp"

namespace pynn_native {

namespace {

constexpr double kE = 2.718281828459045235;

struct SideLanes {
    Lane gain, rise_gain, rise_to_current, decay, jump;
    double *current, *rise;
};

// What one receptor's current does to v in a step is added to `next`; then the current and its slope move on.
PYNN_NATIVE_INLINE void step_side(const SideLanes& lanes, std::size_t t, double* PYNN_NATIVE_RESTRICT input,
                                  double* PYNN_NATIVE_RESTRICT next) {
    double* PYNN_NATIVE_RESTRICT current = lanes.current + t * kTile;
    double* PYNN_NATIVE_RESTRICT rise = lanes.rise + t * kTile;
    const double *gain = lanes.gain.tile(t), *rise_gain = lanes.rise_gain.tile(t);
    const double *rise_to_current = lanes.rise_to_current.tile(t), *decay = lanes.decay.tile(t);
    const double* jump = lanes.jump.tile(t);
    for (std::size_t k = 0; k < kTile; ++k) {
        next[k] = next[k] + gain[k] * current[k];
        next[k] = next[k] + rise_gain[k] * rise[k];
        current[k] = current[k] * decay[k] + rise_to_current[k] * rise[k];
        rise[k] = rise[k] * decay[k] + input[k] * jump[k];
        input[k] = 0.0;
    }
}

struct Membrane {
    Lane v_rest, drive, v_thresh, decay_v;
    double* v;
    const double* held_until;
};

PYNN_NATIVE_KERNEL
void step_curr_alpha(const Membrane& membrane, const SideLanes& exc, const SideLanes& inh, std::size_t first,
                     std::size_t last, double step, double* in_exc, double* in_inh, std::uint8_t* reached) {
    double next[kTile];
    for (std::size_t t = first; t < last; ++t) {
        double* PYNN_NATIVE_RESTRICT v = membrane.v + t * kTile;
        const double *v_rest = membrane.v_rest.tile(t), *drive = membrane.drive.tile(t);
        const double *v_thresh = membrane.v_thresh.tile(t), *decay_v = membrane.decay_v.tile(t);
        const double* held_until = membrane.held_until + t * kTile;
        for (std::size_t k = 0; k < kTile; ++k) next[k] = v_rest[k] + (v[k] - v_rest[k]) * decay_v[k] + drive[k];
        step_side(exc, t, in_exc + (t - first) * kTile, next);
        step_side(inh, t, in_inh + (t - first) * kTile, next);
        std::int64_t any = 0;
        for (std::size_t k = 0; k < kTile; ++k) {
            const bool free = step > held_until[k];
            v[k] = free ? next[k] : v[k];
            any |= static_cast<std::int64_t>(free & (v[k] >= v_thresh[k]));
        }
        reached[t] = any != 0;
    }
}

}  // namespace

CurrAlpha::Side::Side(const CurrAlpha& cells)
    : current(cells.state()), rise(cells.state()), gain(cells.parameter()), rise_gain(cells.parameter()),
      rise_to_current(cells.parameter()), decay(cells.parameter()), jump(cells.parameter()) {}

CurrAlpha::CurrAlpha(std::size_t size, double timestep, std::size_t threads)
    : Cells(size, timestep, threads), decay_v_(parameter()), from_current_(parameter()), exc_(*this), inh_(*this) {
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

void CurrAlpha::integrate(const Tiles& tiles) {
    const auto lanes = [](Side& side) {
        return SideLanes{side.gain.lane(),  side.rise_gain.lane(), side.rise_to_current.lane(), side.decay.lane(),
                         side.jump.lane(), side.current.data(),   side.rise.data()};
    };
    const Membrane membrane{v_rest_.lane(), drive_.lane(), v_thresh_.lane(),
                            decay_v_.lane(), v_.data(),    held_until_.data()};
    step_curr_alpha(membrane, lanes(exc_), lanes(inh_), tiles.first, tiles.last, tiles.step, tiles.input[0],
                    tiles.input[1], tiles.reached);
}

}  // namespace pynn_native
