COMMENT
The adaptive exponential membrane with any receptors (Brette & Gerstner 2005, J. Neurophysiol. 94:3637, eq. 1-2):

    cm dvm/dt = cm / tau_m (v_rest - vm + delta_T exp((vm - v_thresh) / delta_T)) - w + receptors + i_offset + injected
    tau_w dw/dt = a (vm - v_rest) - w

At vm >= v_spike the cell fires: vm becomes v_reset, w grows by b. vm counts as v_spike above it. a in nS, b and w in nA.
By the classical Runge-Kutta method of order 4, in substeps of at most 0.05 ms and dt (1 / tau_m + g / cm) <= 1.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanAdExp
    RANGE v_rest, cm, tau_m, tau_refrac, v_thresh, v_reset, v_spike, delta_T, a, b, tau_w, w
    THREADSAFE
}

PARAMETER {
    v_rest = -70.6
    cm = 0.281
    tau_m = 9.3667
    tau_refrac = 0.1
    v_thresh = -50.4
    v_reset = -70.6
    v_spike = -40
    delta_T = 2
    a = 4
    b = 0.0805
    tau_w = 144
}

ASSIGNED {
    w
    dv
    dw
}

BREAKPOINT {
    SOLVE move
}

INCLUDE "ports.inc"

PROCEDURE move() { LOCAL steps
    act_ports()
    steps = substeps(dt * (1 / tau_m + conductance / cm), 0.05)
    if (ready != steps) {
        prepare_ports(0.5 * dt / steps)
        ready = steps
    }
    FROM n = 1 TO steps {
        substep(dt / steps)
    }
    injected = 0
    receive_ports()
    if (held > 0) {
        held = held - 1
    } else if (vm >= v_spike) {
        vm = v_reset
        held = whole_steps(tau_refrac)
        w = w + b
        emit()
    }
}

: One substep; the receptors' conductance and current are those of its beginning, and at its end those of its end.
PROCEDURE substep(h) { LOCAL v1, v2, v3, w1, w2, w3
    conductance_1 = conductance
    inward_1 = inward
    advance_ports()
    conductance_2 = conductance
    inward_2 = inward
    advance_ports()
    slope(vm, w, conductance_1, inward_1)
    v1 = dv
    w1 = dw
    slope(vm + 0.5 * h * v1, w + 0.5 * h * w1, conductance_2, inward_2)
    v2 = dv
    w2 = dw
    slope(vm + 0.5 * h * v2, w + 0.5 * h * w2, conductance_2, inward_2)
    v3 = dv
    w3 = dw
    slope(vm + h * v3, w + h * w3, conductance, inward)
    vm = vm + h / 6 * (v1 + 2 * v2 + 2 * v3 + dv)
    w = w + h / 6 * (w1 + 2 * w2 + 2 * w3 + dw)
}

PROCEDURE slope(x, y, pulling, flowing) { LOCAL capped
    capped = x
    if (held > 0) {
        capped = v_reset
    } else if (capped > v_spike) {
        capped = v_spike
    }
    dv = 0
    if (held == 0) {
        dv = (v_rest - capped + delta_T * exp((capped - v_thresh) / delta_T)) / tau_m
        dv = dv + (flowing - pulling * capped + i_offset + injected - y) / cm
    }
    dw = (1e-3 * a * (capped - v_rest) - y) / tau_w
}
