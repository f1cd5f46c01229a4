COMMENT
Spike-timing-dependent plasticity of every pair of spikes, in the order in which they reach the synapse (Morrison,
Diesmann & Gerstner 2008, Biol. Cybern. 98:459, section 4.1.2). `behind` ms of the delay lie behind the synapse.

Pair rule: with f = (weight - w_min) / (w_max - w_min), a presynaptic spike changes f by -A_minus f^mu_minus times the
trace of earlier postsynaptic spikes, a postsynaptic one by A_plus (1 - f)^mu_plus times the trace of earlier
presynaptic ones. vogels 1 (Vogels et al. 2011, Science 334:1569, supplement eq. 4-6): every spike adds eta times the
trace of the other side, a presynaptic one takes off 2 eta rho tau; both traces decay with tau_plus = tau_minus = tau.

Traces hold what all earlier spikes have left just before the latest ones, how many there were then, and their step.
NetCons: flag 0 with side 0 tells a presynaptic spike, side 1 a postsynaptic one; another flag is a weight that arrives.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanSTDP
    RANGE weight, behind, tau_plus, tau_minus, A_plus, A_minus, mu_plus, mu_minus, w_min, w_max, vogels, eta, rho
    RANGE pre_before, pre_count, pre_step, post_before, post_count, post_step
    POINTER arrived
    THREADSAFE
}

PARAMETER {
    weight = 0
    behind = 1
    tau_plus = 20
    tau_minus = 20
    A_plus = 0.01
    A_minus = 0.01
    mu_plus = 0
    mu_minus = 0
    w_min = 0
    w_max = 1
    vogels = 0
    eta = 0
    rho = 0
}

ASSIGNED {
    dt (ms)
    arrived
    pre_before
    pre_count
    pre_step
    post_before
    post_count
    post_step
}

NET_RECEIVE(unused, side) { LOCAL now
    INITIAL {
        side = side  : else NEURON sets it to 0 where it begins its own cells
    }
    if (flag != 0) {
        arrived = arrived + flag
    } else {
        now = ceil(t / dt - 0.05)  : all that reaches the synapse in a step does so in [step - 0.9, step]
        if (side == 0) {
            presynaptic(now)
            if (behind == 0) {
                arrived = arrived + weight
            } else if (weight != 0) {
                net_send((now - 0.6) * dt + behind - t, weight)
            }
        } else {
            postsynaptic(now)
        }
    }
}

PROCEDURE presynaptic(now) { LOCAL past
    past = left(now, post_before, post_count, post_step, tau_minus)
    if (vogels == 1) {
        weight = between(weight + eta * (past - 2 * rho * tau_minus / 1000))
    } else {
        change(-A_minus * past)
    }
    past = left(now, pre_before, pre_count, pre_step, tau_plus)
    pre_count = counted(now, pre_step, pre_count)
    pre_before = past
    pre_step = now
}

PROCEDURE postsynaptic(now) { LOCAL past
    past = left(now, pre_before, pre_count, pre_step, tau_plus)
    if (vogels == 1) {
        weight = between(weight + eta * past)
    } else {
        change(A_plus * past)
    }
    past = left(now, post_before, post_count, post_step, tau_minus)
    post_count = counted(now, post_step, post_count)
    post_before = past
    post_step = now
}

: What all spikes before this step have left.
FUNCTION left(now, before, count, when, tau) {
    if (when == now) {
        left = before
    } else {
        left = (before + count) * exp(-(now - when) * dt / tau)
    }
}

FUNCTION counted(now, when, count) {
    if (when == now) {
        counted = count + 1
    } else {
        counted = 1
    }
}

PROCEDURE change(by) { LOCAL span, f, inside
    span = w_max - w_min
    if (by != 0 && span != 0) {
        f = (weight - w_min) / span
        inside = clipped(f)
        if (by > 0) {
            f = f + pow(1 - inside, mu_plus) * by
        } else {
            f = f + pow(inside, mu_minus) * by
        }
        weight = w_min + clipped(f) * span
    }
}

FUNCTION clipped(f) {
    clipped = f
    if (f < 0) {
        clipped = 0
    }
    if (f > 1) {
        clipped = 1
    }
}

FUNCTION between(w) { LOCAL low, high
    low = w_min
    high = w_max
    if (low > high) {
        low = w_max
        high = w_min
    }
    between = w
    if (w < low) {
        between = low
    }
    if (w > high) {
        between = high
    }
}
