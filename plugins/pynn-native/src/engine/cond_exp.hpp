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
    explicit CondExp(const Layout& layout);

    // u = v - e_rev_I follows du/dt = b - a u with
    //   h a = h / tau_m + (h / cm) (g_exc + g_inh),   h b = drive + (h / cm) g_exc (e_rev_E - e_rev_I);
    // gains are what 1 µS at the beginning of the step contributes at its beginning, middle and end.
    template <class Number>
    struct GainLanes {
        LaneOf<Number> exc, inh, pull;  // of g_exc and g_inh to -h a, of g_exc to h b
    };
    template <class Number>
    struct Lanes {
        Tiles<Number> tiles;
        LaneOf<Number> drive, v_thresh, e_inh, leak, decay_exc, decay_inh, stiff;
        GainLanes<Number> gains[3];
        Number *v, *g_exc, *g_inh;
        const std::uint64_t* awake;
    };

private:
    void integrate(const Tiles<double>& tiles) override;
    void integrate(const Tiles<float>& tiles) override;
    template <class Number>
    Lanes<Number> lanes(const Tiles<Number>& tiles);
    void derive() override;
    double drive_of(double current, std::size_t row) const override;
    bool drives_alike() const override { return Cells::drives_alike() && e_rev_I_.shared(); }

    struct Gain {
        Column exc, inh, pull;
    };
    Gain gain() const { return {parameter(), parameter(), parameter()}; }

    Column g_exc_, g_inh_, e_rev_E_, e_rev_I_;
    Column leak_, decay_exc_, decay_inh_;  // -h / tau_m, e^(-h / tau_syn)
    Column stiff_;                         // conductance from which on h a > 2, µS
    std::array<Gain, 3> gains_;
};

}  // namespace pynn_native
