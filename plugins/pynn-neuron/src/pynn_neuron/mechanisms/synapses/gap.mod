COMMENT
A gap junction of `weight` uS: in each step a current of weight (v_1 - v_2), from the potentials at its beginning, flows
into the second cell and out of the first. It is added when the step is half done, before the cells move at its end.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanGap
    RANGE weight
    POINTER v_1, v_2, injected_1, injected_2
    THREADSAFE
}

ASSIGNED {
    dt (ms)
    weight
    v_1
    v_2
    injected_1
    injected_2
    done
    current
}

BEFORE BREAKPOINT {
    done = t / dt - floor(t / dt)
    if (done > 0.25 && done < 0.75) {  : not where NEURON computes currents between two steps
        current = weight * (v_1 - v_2)
        injected_2 = injected_2 + current
        injected_1 = injected_1 - current
    }
}
