#pragma once

#include "cells.hpp"

namespace pynn_native {

// IF_cond_exp: leaky integrate-and-fire with exponentially decaying synaptic conductances.
//
//   cm dv/dt = cm (v_rest - v) / tau_m + g_exc (e_rev_E - v) + g_inh (e_rev_I - v) + i_offset + i_injected,
//   tau_syn dg/dt = -g; a spike adds the weight (µS) to g.
//   Brette et al. (2007), Journal of Computational Neuroscience 23, 349, Appendix B, benchmark 1.
//
// Scheme: the conductances decay exactly; v follows the classical Runge-Kutta method of order 4 (Kutta 1901) on
// dv/dt = b(t) - a(t) v, whose coefficients are exact at the beginning, middle and end of the step. Where h a > 2,
// that is where the membrane is pulled to its reversal within half a step and Runge-Kutta would become unstable
// (at 2.785), the step is the exponential midpoint rule v∞ + (v - v∞) e^(-h a) with a and v∞ = b / a of the middle
// (order 2, stable for any a; Hochbruck & Ostermann 2010, Acta Numerica 19, 209, section 2).
class CondExp final : public Cells {
public:
    CondExp(std::size_t size, double timestep, std::size_t threads);

    struct Lanes {
        Tiles tiles;
        Lane drive, v_thresh, e_exc, e_inh, leak, per_cm, half_exc, half_inh, decay_exc, decay_inh, stiff;
        double *v, *g_exc, *g_inh;
        const std::int64_t* free;
    };

private:
    void integrate(const Tiles& tiles) override;
    void derive() override;
    double drive_of(double current, std::size_t row) const override;

    Column g_exc_, g_inh_, e_rev_E_, e_rev_I_;
    Column leak_, per_cm_, half_exc_, half_inh_, decay_exc_, decay_inh_;  // h / tau_m, h / cm, e^(-h / 2 tau_syn), its square
    Column stiff_;  // conductance from which on h a > 2, µS
};

}  // namespace pynn_native
