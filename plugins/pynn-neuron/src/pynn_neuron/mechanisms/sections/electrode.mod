COMMENT
An electrode in a cell of the user's own: what flows into it in a step is what current sources added to `injected`
before NEURON computes the currents of that step.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanElectrode
    ELECTRODE_CURRENT i
    RANGE injected
    THREADSAFE
}

ASSIGNED {
    i (nanoamp)
    injected (nanoamp)
}

BREAKPOINT {
    i = injected
}

AFTER SOLVE {
    injected = 0
}
