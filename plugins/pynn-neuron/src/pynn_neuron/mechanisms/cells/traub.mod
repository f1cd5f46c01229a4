COMMENT
The Hodgkin-Huxley cell of Traub & Miles (1991), "Neuronal networks of the hippocampus", as given in Brette et al.
(2007), J. Comput. Neurosci. 23:349, appendix 2; with any receptors:

    cm dvm/dt = g_leak (e_rev_leak - vm) + gbar_Na m^3 h (e_rev_Na - vm) + gbar_K n^4 (e_rev_K - vm) + receptors
                + i_offset + injected
    dx/dt = alpha_x (1 - x) - beta_x x,  x = m, h, n

The cell fires at the first step after a maximum above v_offset + 30 mV. Conductances in uS. By the classical
Runge-Kutta method of order 4, in substeps of at most 0.034 ms and dt g / cm <= 1 for the receptors' g.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanTraub
    RANGE cm, gbar_Na, gbar_K, g_leak, v_offset, e_rev_Na, e_rev_K, e_rev_leak, m, h, n
    THREADSAFE
}

PARAMETER {
    cm = 0.2
    gbar_Na = 20
    gbar_K = 6
    g_leak = 0.01
    v_offset = -63
    e_rev_Na = 50
    e_rev_K = -90
    e_rev_leak = -65
}

ASSIGNED {
    m
    h
    n
    dv
    dm
    dh
    dn
    rising
}

BREAKPOINT {
    SOLVE move
}

INCLUDE "ports.inc"

PROCEDURE move() { LOCAL steps, was, peak
    act_ports()
    steps = substeps(dt * conductance / cm, 0.034)
    if (ready != steps) {
        prepare_ports(0.5 * dt / steps)
        ready = steps
    }
    was = vm
    FROM k = 1 TO steps {
        substep(dt / steps)
    }
    injected = 0
    receive_ports()
    peak = rising
    rising = 0
    if (vm > was) {
        rising = 1
    }
    if (peak > 0 && vm < was && vm >= v_offset + 30) {
        emit()
    }
}

: One substep; the receptors' conductance and current are those of its beginning, and at its end those of its end.
PROCEDURE substep(step_ms) { LOCAL v1, v2, v3, m1, m2, m3, h1, h2, h3, n1, n2, n3, half
    half = 0.5 * step_ms
    conductance_1 = conductance
    inward_1 = inward
    advance_ports()
    conductance_2 = conductance
    inward_2 = inward
    advance_ports()
    slope(vm, m, h, n, conductance_1, inward_1)
    v1 = dv  m1 = dm  h1 = dh  n1 = dn
    slope(vm + half * v1, m + half * m1, h + half * h1, n + half * n1, conductance_2, inward_2)
    v2 = dv  m2 = dm  h2 = dh  n2 = dn
    slope(vm + half * v2, m + half * m2, h + half * h2, n + half * n2, conductance_2, inward_2)
    v3 = dv  m3 = dm  h3 = dh  n3 = dn
    slope(vm + step_ms * v3, m + step_ms * m3, h + step_ms * h3, n + step_ms * n3, conductance, inward)
    vm = vm + step_ms / 6 * (v1 + 2 * v2 + 2 * v3 + dv)
    m = m + step_ms / 6 * (m1 + 2 * m2 + 2 * m3 + dm)
    h = h + step_ms / 6 * (h1 + 2 * h2 + 2 * h3 + dh)
    n = n + step_ms / 6 * (n1 + 2 * n2 + 2 * n3 + dn)
}

PROCEDURE slope(x, m_now, h_now, n_now, pulling, flowing) { LOCAL y, ionic
    y = x - v_offset
    ionic = g_leak * (e_rev_leak - x) + gbar_Na * m_now * m_now * m_now * h_now * (e_rev_Na - x)
    ionic = ionic + gbar_K * n_now * n_now * n_now * n_now * (e_rev_K - x)
    dv = (ionic + flowing - pulling * x + i_offset + injected) / cm
    dm = 1.28 * over_expm1((13 - y) / 4) * (1 - m_now) - 1.4 * over_expm1((y - 40) / 5) * m_now
    dh = 0.128 * exp((17 - y) / 18) * (1 - h_now) - 4 / (1 + exp((40 - y) / 5)) * h_now
    dn = 0.16 * over_expm1((15 - y) / 5) * (1 - n_now) - 0.5 * exp((10 - y) / 40) * n_now
}

FUNCTION over_expm1(x) {
VERBATIM
    _lover_expm1 = cawan::over_expm1(_lx);
ENDVERBATIM
}
