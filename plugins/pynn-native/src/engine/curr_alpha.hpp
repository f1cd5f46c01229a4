#pragma once

#include "cells.hpp"

namespace pynn_native {

// IF_curr_alpha: as IF_curr_exp, but a spike adds the current w (t / tau_syn) e^(1 - t/tau_syn), which peaks at the
// weight w. The state is the current i and the slope r that feeds it, tau_syn di/dt = tau_syn r - i and
// tau_syn dr/dt = -r; a spike adds w e / tau_syn to r. Beside what IF_curr_exp does with i, over a step h
//
//   v ← v + (h² / cm) e^(-h/tau_m) φ2(h (1/tau_syn - 1/tau_m)) r,   i ← i + h e^(-h/tau_syn) r,   r ← r e^(-h/tau_syn)
//
// with φ2(x) = (1 - (1 + x) e^-x) / x². Rotter & Diesmann (1999), Biological Cybernetics 81, 381, section 3.1.
class CurrAlpha final : public Cells {
public:
    explicit CurrAlpha(const Layout& layout);

    template <class Number>
    struct SideLanes {
        LaneOf<Number> gain, rise_gain, rise_to_current, decay, jump;
        Number *current, *rise;
    };
    template <class Number>
    struct Lanes {
        Tiles<Number> tiles;
        SideLanes<Number> exc, inh;
        LaneOf<Number> v_rest, drive, v_thresh, decay_v;
        Number* v;
        const Whole<Number>* free;
    };

private:
    struct Side {
        explicit Side(const CurrAlpha& cells);
        void derive(const CurrAlpha& cells, const Column& tau);
        template <class Number>
        SideLanes<Number> lanes();
        Column current, rise, gain, rise_gain, rise_to_current, decay, jump;
    };

    void integrate(const Tiles<double>& tiles) override;
    void integrate(const Tiles<float>& tiles) override;
    template <class Number>
    Lanes<Number> lanes(const Tiles<Number>& tiles);
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column decay_v_, from_current_;
    Side exc_, inh_;
};

}  // namespace pynn_native
