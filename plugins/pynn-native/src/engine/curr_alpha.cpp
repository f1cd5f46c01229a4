#include "curr_alpha.hpp"

#include <cmath>

#include "curr_exp.hpp"
#include "kernels.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kE = 2.718281828459045235;

struct SideLanes {
    Lane gain, rise_gain, rise_to_current, decay, jump;
    double *current, *rise;
};

// What one receptor's current does to v in a step is added to `next`; then the current and its slope move on.
PYNN_NATIVE_INLINE void step_side(const SideLanes& lanes, std::size_t t, std::size_t k, double* input, Pack& next) {
    double *current = lanes.current + t * kTile + k, *rise = lanes.rise + t * kTile + k;
    const Pack i = pack(current), r = pack(rise), decay = pack(lanes.decay.tile(t) + k);
    next = next + pack(lanes.gain.tile(t) + k) * i;
    next = next + pack(lanes.rise_gain.tile(t) + k) * r;
    pack(current) = i * decay + pack(lanes.rise_to_current.tile(t) + k) * r;
    pack(rise) = r * decay + pack(input) * pack(lanes.jump.tile(t) + k);
    pack(input) = Pack{};
}

struct Membrane {
    Lane v_rest, drive, v_thresh, decay_v;
    double* v;
    const std::int64_t* free;
};

PYNN_NATIVE_KERNEL
void step_curr_alpha(const Membrane& membrane, const SideLanes& lanes_exc, const SideLanes& lanes_inh,
                     std::size_t first, std::size_t last, double* in_exc, double* in_inh, std::uint8_t* reached) {
    for (std::size_t t = first; t < last; ++t) {
        double *v = membrane.v + t * kTile, *exc = in_exc + (t - first) * kTile, *inh = in_inh + (t - first) * kTile;
        const double *v_rest = membrane.v_rest.tile(t), *drive = membrane.drive.tile(t);
        const double *v_thresh = membrane.v_thresh.tile(t), *decay_v = membrane.decay_v.tile(t);
        const std::int64_t* frees = membrane.free + t * kTile;
        Mask below = ~Mask{};
        for (std::size_t k = 0; k < kTile; k += kLanes) {
            const Pack old = pack(v + k), rest = pack(v_rest + k);
            Pack next = rest + (old - rest) * pack(decay_v + k) + pack(drive + k);
            step_side(lanes_exc, t, k, exc + k, next);
            step_side(lanes_inh, t, k, inh + k, next);
            const Mask free = mask(frees + k);
            next = select(free, next, old);
            pack(v + k) = next;
            below &= bits(next - pack(v_thresh + k)) | ~free;
        }
        reached[t] = !all_negative(below);
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
                            decay_v_.lane(), v_.data(),    free_.data()};
    step_curr_alpha(membrane, lanes(exc_), lanes(inh_), tiles.first, tiles.last, tiles.input[0],
                    tiles.input[1], tiles.reached);
}

}  // namespace pynn_native
