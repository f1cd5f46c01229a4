COMMENT
The simple model (Izhikevich 2003, IEEE Trans. Neural Networks 14:1569, eq. 1-3):

    dvm/dt = 0.04 vm^2 + 5 vm + 140 - u + 1000 (i_offset + injected)
    du/dt = a (b vm - u)

At vm >= 30 mV the cell fires: vm becomes c, u grows by d. A spike adds its weight (mV) to vm. By the classical
Runge-Kutta method of order 4, in substeps of at most 0.05 ms.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanIzhikevich
    RANGE a, b, c, d, u
    THREADSAFE
}

PARAMETER {
    a = 0.02
    b = 0.2
    c = -65
    d = 2
}

ASSIGNED {
    u
    dv
    du
}

BREAKPOINT {
    SOLVE move
}

INCLUDE "ports.inc"

PROCEDURE move() { LOCAL steps
    steps = substeps(0, 0.05)
    FROM n = 1 TO steps {
        substep(dt / steps)
    }
    injected = 0
    receive_ports()
    if (vm >= 30) {
        vm = c
        u = u + d
        emit()
    }
}

PROCEDURE substep(h) { LOCAL v1, v2, v3, u1, u2, u3
    slope(vm, u)
    v1 = dv
    u1 = du
    slope(vm + 0.5 * h * v1, u + 0.5 * h * u1)
    v2 = dv
    u2 = du
    slope(vm + 0.5 * h * v2, u + 0.5 * h * u2)
    v3 = dv
    u3 = du
    slope(vm + h * v3, u + h * u3)
    vm = vm + h / 6 * (v1 + 2 * v2 + 2 * v3 + dv)
    u = u + h / 6 * (u1 + 2 * u2 + 2 * u3 + du)
}

PROCEDURE slope(x, y) {
    dv = 0.04 * (x * x) + 5 * x + 140 - y + 1000 * (i_offset + injected)
    du = a * (b * x - y)
}
