COMMENT
A leaky membrane with two synaptic currents, by its exact propagator (Rotter & Diesmann 1999, Biol. Cybern. 81:381).

    cm dvm/dt = cm (v_rest - vm) / tau_m + i_offset + injected + g[0] + g[1]
    shape 0: dg/dt = -g / tau_decay, a spike adds its weight to g
    shape 2: dg/dt = s - g / tau_decay, ds/dt = -s / tau_decay, a spike adds e / tau_decay of its weight to s
    shape 4: a spike adds its weight (mV) to vm, unless the cell is refractory

The section's own voltage takes no part. From t to t + dt the cell integrates with the current that flows from t on,
then takes the input that arrives at t + dt, then fires at t + dt where vm >= v_thresh. Times in ms, vm in mV, currents
in nA, cm in nF.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanLeaky
    RANGE v_rest, cm, tau_m, tau_refrac, v_thresh, v_reset, i_offset, tau_decay, shape
    RANGE vm, g, s, held, arrived, injected, ready
    THREADSAFE
}

DEFINE TWO 2

PARAMETER {
    v_rest = -65
    cm = 1
    tau_m = 20
    tau_refrac = 0.1
    v_thresh = -50
    v_reset = -65
    i_offset = 0
    shape = 0
}

ASSIGNED {
    dt (ms)
    tau_decay[TWO]
    vm
    g[TWO]
    s[TWO]
    held
    arrived[TWO]
    injected
    ready
    kept_v
    from_current
    kept_g[TWO]
    from_g[TWO]
    from_s[TWO]
    feed[TWO]
}

VERBATIM
#include "emission.hpp"
#include "propagators.hpp"
ENDVERBATIM

BREAKPOINT {
    SOLVE move
}

PROCEDURE move() { LOCAL was
    if (ready == 0) {
        prepare()
    }
    was = vm
    vm = v_rest + (vm - v_rest) * kept_v + from_current * (i_offset + injected)
    FROM k = 0 TO 1 {
        if (shape < 4) {
            vm = vm + from_g[k] * g[k] + from_s[k] * s[k]
            g[k] = g[k] * kept_g[k] + feed[k] * s[k]
            s[k] = s[k] * kept_g[k]
        }
    }
    injected = 0
    if (held > 0) {
        vm = was
    }
    FROM k = 0 TO 1 {
        receive(k)
    }
    if (held > 0) {
        held = held - 1
    } else if (vm >= v_thresh) {
        vm = v_reset
        held = whole_steps(tau_refrac)
        emit()
    }
}

PROCEDURE receive(k) {
    if (arrived[k] != 0) {
        if (shape == 0) {
            g[k] = g[k] + arrived[k]
        } else if (shape == 2) {
            s[k] = s[k] + arrived[k] * 2.718281828459045 / tau_decay[k]
        } else if (held == 0) {
            vm = vm + arrived[k]
        }
        arrived[k] = 0
    }
}

PROCEDURE prepare() {
    kept_v = exp(-dt / tau_m)
    from_current = tau_m / cm * one_minus_exp(dt / tau_m)
    FROM k = 0 TO 1 {
        if (shape < 4) {
            kept_g[k] = exp(-dt / tau_decay[k])
            from_g[k] = dt / cm * kept_v * driven(dt * (1 / tau_decay[k] - 1 / tau_m))
            if (shape == 2) {
                from_s[k] = dt * dt / cm * kept_v * ramped(dt * (1 / tau_decay[k] - 1 / tau_m))
                feed[k] = dt * kept_g[k]
            }
        }
    }
    ready = 1
}

INCLUDE "shared.inc"

NET_RECEIVE(weight, port) {
    INITIAL {
        port = port  : else NEURON sets it to 0 where it begins its own cells
    }
    if (flag == 1) {  : never sent; NEURON looks here whether a mechanism fires
        net_event(t)
    } else {
        arrived[port] = arrived[port] + weight
    }
}
