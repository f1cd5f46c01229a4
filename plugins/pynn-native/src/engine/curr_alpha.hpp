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
    CurrAlpha(std::size_t size, double timestep, std::size_t threads);

    struct SideLanes {
        Lane gain, rise_gain, rise_to_current, decay, jump;
        double *current, *rise;
    };
    struct Lanes {
        Tiles tiles;
        SideLanes exc, inh;
        Lane v_rest, drive, v_thresh, decay_v;
        double* v;
        const std::int64_t* free;
    };

private:
    struct Side {
        explicit Side(const CurrAlpha& cells);
        void derive(const CurrAlpha& cells, const Column& tau);
        SideLanes lanes();
        Column current, rise, gain, rise_gain, rise_to_current, decay, jump;
    };

    void integrate(const Tiles& tiles) override;
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column decay_v_, from_current_;
    Side exc_, inh_;
};

}  // namespace pynn_native
