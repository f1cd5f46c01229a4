#pragma once

#include "cells.hpp"

namespace pynn_native {

// IF_curr_delta: leaky integrate-and-fire whose potential jumps by the weight (mV) at a spike, unless it is refractory.
//
//   v ← v e^(-h/tau_m) + v_rest (1 - e^(-h/tau_m)) + (tau_m / cm) (1 - e^(-h/tau_m)) i, then the input of the step.
//   Rotter & Diesmann (1999), Biological Cybernetics 81, 381 (exact integration).
class CurrDelta final : public Cells {
public:
    explicit CurrDelta(const Layout& layout);

    double tau_syn(std::size_t, std::size_t) const override { return 0.0; }

    template <class Number>
    struct Lanes {
        Tiles<Number> tiles;
        LaneOf<Number> drive, v_thresh, decay_v;
        Number* v;
        const std::uint64_t* awake;
    };

private:
    void integrate(const Tiles<double>& tiles) override;
    void integrate(const Tiles<float>& tiles) override;
    template <class Number>
    Lanes<Number> lanes(const Tiles<Number>& tiles);
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column decay_v_, from_current_;
};

}  // namespace pynn_native
