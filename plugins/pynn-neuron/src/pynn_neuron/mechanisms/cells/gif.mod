COMMENT
The generalised integrate-and-fire cell of Pozzorini et al. (2015), PLoS Comput. Biol. 11:e1004275, eq. 1-5, with any
receptors:

    cm dvm/dt = cm (v_rest - vm) / tau_m - i_eta + receptors + i_offset + injected
    i_eta = sum of eta[k],  deta[k]/dt = -eta[k] / tau_eta[k];  a spike adds a_eta[k]
    v_t = v_t_star + sum of gamma[k],  dgamma[k]/dt = -gamma[k] / tau_gamma[k];  a spike adds a_gamma[k]
    fires with the hazard lambda0 exp((vm - v_t) / delta_v)

Each step of each cell has one random number, from the keyed stream of its block. Currents in nA, lambda0 in Hz. By the
classical Runge-Kutta method of order 4, in so many substeps that dt (1 / tau_m + g / cm) <= 1 in each.
ENDCOMMENT

DEFINE KERNELS 16

NEURON {
    POINT_PROCESS CawanGIF
    RANGE v_rest, cm, tau_m, tau_refrac, v_reset, delta_v, v_t_star, lambda0
    RANGE kernels, tau_eta, a_eta, tau_gamma, a_gamma, eta, gamma, i_eta, v_t, stream, row
    THREADSAFE
}

PARAMETER {
    v_rest = -65
    cm = 1
    tau_m = 20
    tau_refrac = 4
    v_reset = -55
    delta_v = 0.5
    v_t_star = -48
    lambda0 = 1
    kernels = 0
}

ASSIGNED {
    tau_eta[KERNELS]
    a_eta[KERNELS]
    tau_gamma[KERNELS]
    a_gamma[KERNELS]
    eta[KERNELS]
    gamma[KERNELS]
    i_eta
    v_t
    stream[4]
    row
}

BREAKPOINT {
    SOLVE move
}

INCLUDE "ports.inc"

VERBATIM
#include "philox.hpp"
ENDVERBATIM

PROCEDURE move() { LOCAL steps, hazard
    act()
    steps = whole(dt * (1 / tau_m + conductance / cm))
    if (ready != steps) {
        prepare_ports(0.5 * dt / steps)
        ready = steps
    }
    FROM n = 1 TO steps {
        substep(dt / steps)
    }
    injected = 0
    receive_ports()
    sum_up()
    hazard = 1e-3 * lambda0 * bounded_exp((vm - v_t) / delta_v)
    if (held > 0) {
        held = held - 1
    } else if (drawn(floor(t / dt + 0.5)) < one_minus_exp(hazard * dt)) {
        vm = v_reset
        held = whole_steps(tau_refrac)
        FROM k = 0 TO kernels - 1 {
            eta[k] = eta[k] + a_eta[k]
            gamma[k] = gamma[k] + a_gamma[k]
        }
        sum_up()
        emit()
    }
}

: One substep; the receptors' conductance and current are those of its beginning, and at its end those of its end.
PROCEDURE substep(h) { LOCAL k1, k2, k3, k4
    conductance_1 = conductance
    inward_1 = inward
    advance(0.5 * h)
    conductance_2 = conductance
    inward_2 = inward
    advance(0.5 * h)
    if (held == 0) {
        k1 = slope(vm, conductance_1, inward_1)
        k2 = slope(vm + 0.5 * h * k1, conductance_2, inward_2)
        k3 = slope(vm + 0.5 * h * k2, conductance_2, inward_2)
        k4 = slope(vm + h * k3, conductance, inward)
        vm = vm + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    }
}

FUNCTION slope(x, pulling, flowing) {
    slope = (v_rest - x) / tau_m + (flowing - pulling * x + i_offset + injected) / cm
}

PROCEDURE act() {
    act_ports()
    FROM k = 0 TO kernels - 1 {
        inward = inward - eta[k]
    }
}

PROCEDURE advance(half) {
    advance_ports()
    FROM k = 0 TO kernels - 1 {
        eta[k] = eta[k] * exp(-half / tau_eta[k])
        gamma[k] = gamma[k] * exp(-half / tau_gamma[k])
        inward = inward - eta[k]
    }
}

PROCEDURE sum_up() {
    i_eta = 0
    v_t = v_t_star
    FROM k = 0 TO kernels - 1 {
        i_eta = i_eta + eta[k]
        v_t = v_t + gamma[k]
    }
}

FUNCTION bounded_exp(x) {
    if (x > 700) {
        bounded_exp = exp(700)
    } else {
        bounded_exp = exp(x)
    }
}

FUNCTION drawn(step_number) {
VERBATIM
    _ldrawn = cawan::uniform_at(
        cawan::Key(stream), 0, static_cast<std::uint64_t>(_lstep_number), static_cast<std::uint64_t>(row), 0, 0);
ENDVERBATIM
}
