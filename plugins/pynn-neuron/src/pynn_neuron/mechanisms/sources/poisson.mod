COMMENT
A Poisson process of `rate` Hz from `start` on, for `duration` ms. Draw number `draws` of cell `row` is word 0 of the keyed
stream of the block for the counter (draws, row, 0, 0), so its spikes depend on nothing else. They go up to the next step.

restart(now): begin anew with the present parameters; the process has no memory.
ENDCOMMENT

NEURON {
    ARTIFICIAL_CELL CawanPoisson
    RANGE rate, start, duration, stream, row, generation, draws, due
    THREADSAFE
}

PARAMETER {
    rate = 1
    start = 0
    duration = 1e10
}

ASSIGNED {
    dt (ms)
    stream[4]
    row
    generation
    draws
    due  : the next spike, ms, before it goes up to a step
}

VERBATIM
#include <algorithm>
#include "philox.hpp"
ENDVERBATIM

NET_RECEIVE(weight) { LOCAL ahead
    if (flag == generation) {  : else of a process that began anew
        net_event(t)
        proceed()
        if (due < start + duration) {
            ahead = emission() - t
            if (ahead < 0) {  : another in the same step
                ahead = 0
            }
            net_send(ahead, generation)
        }
    }
}

PROCEDURE proceed() {
    due = due - log(1 - drawn()) * 1000 / rate
    draws = draws + 1
}

: Sources hand a spike over a quarter of a step before its time.
FUNCTION emission() {
    emission = (ceil(due / dt - 1e-9) - 0.25) * dt
}

PROCEDURE restart(now) {
    generation = generation + 1
    due = now
    if (due < start) {
        due = start
    }
    if (rate > 0) {
        proceed()
        if (due < start + duration) {
VERBATIM
            const double when = std::max((std::ceil(due / dt - 1e-9) - 0.25) * dt, _lnow);
            artcell_net_send(&_ppvar[2], nullptr, _ppvar[1].get<Point_process*>(), when, generation);
ENDVERBATIM
        }
    }
}

FUNCTION drawn() {
VERBATIM
    _ldrawn = cawan::uniform_at(
        cawan::Key(stream), 0, static_cast<std::uint64_t>(draws), static_cast<std::uint64_t>(row), 0, 0);
ENDVERBATIM
}
