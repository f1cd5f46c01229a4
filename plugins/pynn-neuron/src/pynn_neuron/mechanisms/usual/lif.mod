COMMENT
A leaky membrane with any receptors, and two more conductances that the cell's own spikes feed:

    cm dvm/dt = cm (v_rest - vm) / tau_m + receptors + g_s (e_rev_sfa - vm) + g_r (e_rev_rr - vm) + i_offset + injected
    dg_s/dt = -g_s / tau_sfa, dg_r/dt = -g_r / tau_rr; a spike adds q_sfa and q_rr

(Muller, Buesing, Schemmel & Meier 2007, Neural Computation 19:2958; g_s, g_r and their quanta in nS, 0 for a plain cell.)
By the classical Runge-Kutta method of order 4, in so many substeps that dt (1 / tau_m + g / cm) <= 1 in each.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanLIF
    RANGE v_rest, cm, tau_m, tau_refrac, v_thresh, v_reset
    RANGE tau_sfa, e_rev_sfa, q_sfa, tau_rr, e_rev_rr, q_rr, g_s, g_r
    THREADSAFE
}

PARAMETER {
    v_rest = -65
    cm = 1
    tau_m = 20
    tau_refrac = 0.1
    v_thresh = -50
    v_reset = -65
    tau_sfa = 100
    e_rev_sfa = -75
    q_sfa = 0
    tau_rr = 2
    e_rev_rr = -75
    q_rr = 0
}

ASSIGNED {
    g_s
    g_r
    kept_sfa
    kept_rr
    leak
    drive
}

BREAKPOINT {
    SOLVE move
}

INCLUDE "ports.inc"

PROCEDURE move() { LOCAL steps
    leak = cm / tau_m
    drive = leak * v_rest + i_offset + injected
    act()
    steps = whole(dt * (leak + conductance) / cm)
    if (ready != steps) {
        prepare_ports(0.5 * dt / steps)
        kept_sfa = exp(-0.5 * dt / steps / tau_sfa)
        kept_rr = exp(-0.5 * dt / steps / tau_rr)
        ready = steps
    }
    FROM n = 1 TO steps {
        substep(dt / steps)
    }
    injected = 0
    receive_ports()
    if (held > 0) {
        held = held - 1
    } else if (vm >= v_thresh) {
        vm = v_reset
        held = whole_steps(tau_refrac)
        g_s = g_s + q_sfa
        g_r = g_r + q_rr
        emit()
    }
}

: One substep; the receptors' conductance and current are those of its beginning, and at its end those of its end.
PROCEDURE substep(h) { LOCAL k1, k2, k3, k4
    conductance_1 = conductance
    inward_1 = inward
    advance()
    conductance_2 = conductance
    inward_2 = inward
    advance()
    if (held == 0) {
        k1 = slope(vm, conductance_1, inward_1)
        k2 = slope(vm + 0.5 * h * k1, conductance_2, inward_2)
        k3 = slope(vm + 0.5 * h * k2, conductance_2, inward_2)
        k4 = slope(vm + h * k3, conductance, inward)
        vm = vm + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    }
}

FUNCTION slope(x, pulling, flowing) {
    slope = (drive + flowing - (leak + pulling) * x) / cm
}

PROCEDURE act() {
    act_ports()
    act_own()
}

PROCEDURE advance() {
    advance_ports()
    g_s = g_s * kept_sfa
    g_r = g_r * kept_rr
    act_own()
}

PROCEDURE act_own() {
    conductance = conductance + 1e-3 * (g_s + g_r)
    inward = inward + 1e-3 * (g_s * e_rev_sfa + g_r * e_rev_rr)
}
