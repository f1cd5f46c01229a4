COMMENT
A synapse that depresses and facilitates (Tsodyks, Uziel & Markram 2000, J. Neurosci. 20:RC50, eq. 3-4), moved on from
spike to spike by the exact solution of

    dy/dt = -y / tau_syn,  dz/dt = y / tau_syn - z / tau_rec,  x = 1 - y - z,  du/dt = -u / tau_facil

tau_syn is the target's, read at each spike (a target without one: 1e-9 ms).
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanTsodyks
    RANGE U, tau_rec, tau_facil, u, x, y, lastly, at_once
    POINTER tau_syn
    THREADSAFE
}

PARAMETER {
    U = 0.5
    tau_rec = 100
    tau_facil = 0
    at_once = 1e-9
}

ASSIGNED {
    tau_syn
    u
    x
    y
    lastly
}

INCLUDE "synapse.inc"

FUNCTION released() { LOCAL interval, decay_syn, decay_rec, passed, z, rate, moved, tau
    interval = nearest_step() * dt - lastly
    lastly = nearest_step() * dt
    tau = tau_syn
    if (tau < 1e-9) {
        tau = 1e-9
    }
    decay_syn = exp(-interval / tau)
    decay_rec = exp(-interval / tau_rec)
    z = 1 - x - y
    rate = 1 / tau - 1 / tau_rec
    if (fabs(rate * interval) < 1e-9) {
        passed = interval * decay_rec / tau
    } else {
        passed = (decay_rec - decay_syn) / rate / tau
    }
    z = z * decay_rec + y * passed
    y = y * decay_syn
    x = 1 - y - z
    if (tau_facil > 0) {
        u = u * exp(-interval / tau_facil)
    } else {
        u = 0
    }
    u = u + U * (1 - u)
    moved = u * x
    x = x - moved
    y = y + moved
    released = weight * moved
}
