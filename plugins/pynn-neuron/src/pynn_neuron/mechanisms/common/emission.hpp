// How a cell that is no artificial one fires outside of NET_RECEIVE: NEURON sends to all its NetCons.
#pragma once

struct Point_process;
void net_event(Point_process*, double);

namespace cawan {
inline void fire(Point_process* cell, double now) {
    net_event(cell, now);
}
}  // namespace cawan
