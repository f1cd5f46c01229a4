#pragma once

#include "cells.hpp"

namespace pynn_native {

// IF_curr_exp: leaky integrate-and-fire with exponentially decaying synaptic currents, by its exact propagator.
//
//   cm dv/dt = cm (v_rest - v) / tau_m + i_exc + i_inh + i_offset + i_injected,   tau_syn di/dt = -i
//
// Over a step h, with current that is constant over the step,
//
//   v ← v e^(-h/tau_m) + v_rest (1 - e^(-h/tau_m)) + (tau_m / cm) (1 - e^(-h/tau_m)) (i_offset + i_injected)
//       + Σ (h / cm) e^(-h/tau_m) φ1(h (1/tau_syn - 1/tau_m)) i,      φ1(x) = (1 - e^-x) / x,
//   i ← i e^(-h/tau_syn), then the weights that arrive are added.
//
// Rotter & Diesmann (1999), Biological Cybernetics 81, 381, eq. 2-11; φ1 keeps tau_syn = tau_m from cancelling.
class CurrExp final : public Cells {
public:
    explicit CurrExp(const Layout& layout);

    template <class Number>
    struct Lanes {
        Tiles<Number> tiles;
        LaneOf<Number> drive, v_thresh, decay_v, gain_exc, gain_inh, decay_exc, decay_inh;
        Number *v, *i_exc, *i_inh;
        const std::uint64_t* awake;
    };

private:
    void integrate(const Tiles<double>& tiles) override;
    void integrate(const Tiles<float>& tiles) override;
    template <class Number>
    Lanes<Number> lanes(const Tiles<Number>& tiles);
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column i_exc_, i_inh_;
    Column decay_v_, from_current_, gain_exc_, gain_inh_, decay_exc_, decay_inh_;
};

}  // namespace pynn_native
