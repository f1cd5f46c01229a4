COMMENT
A receptor in a section, linear and without a voltage of its own to solve, so that each step is exact. kind 0: a current
that decays with tau (nA); kind 2: a conductance w (t / tau) exp(1 - t / tau) (uS) towards e.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanReceptor
    NONSPECIFIC_CURRENT i
    RANGE kind, tau, e, g
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}

PARAMETER {
    kind = 0
    tau = 5 (ms)
    e = 0 (mV)
}

ASSIGNED {
    dt (ms)
    v (mV)
    i (nA)
    g
    rise
}

INITIAL {
    g = 0
    rise = 0
}

BREAKPOINT {
    SOLVE move
    if (kind == 0) {
        i = -g
    } else {
        i = g * (v - e)
    }
}

PROCEDURE move() {
    LOCAL kept
    kept = exp(-dt / tau)
    g = kept * (g + dt * rise)
    rise = kept * rise
}

NET_RECEIVE(weight) {
    if (kind == 0) {
        g = g + weight
    } else {
        rise = rise + weight * exp(1) / tau
    }
}
