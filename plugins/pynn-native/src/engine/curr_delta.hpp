#pragma once

#include "cells.hpp"

namespace pynn_native {

// IF_curr_delta: leaky integrate-and-fire whose potential jumps by the weight (mV) at a spike, unless it is refractory.
//
//   v ← v e^(-h/tau_m) + v_rest (1 - e^(-h/tau_m)) + (tau_m / cm) (1 - e^(-h/tau_m)) i, then the input of the step.
//   Rotter & Diesmann (1999), Biological Cybernetics 81, 381 (exact integration).
class CurrDelta final : public Cells {
public:
    CurrDelta(std::size_t size, double timestep, std::size_t threads);

    double tau_syn(std::size_t, std::size_t) const override { return 0.0; }

    struct Lanes {
        Tiles tiles;
        Lane drive, v_thresh, decay_v;
        double* v;
        const std::uint64_t* awake;
    };

private:
    void integrate(const Tiles& tiles) override;
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column decay_v_, from_current_;
};

}  // namespace pynn_native
