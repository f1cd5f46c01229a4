COMMENT
A current that is constant from step to step, into any shelf_number of cells, through their variable `injected`.

play(times, amplitudes): from times[k] (ms) on, amplitudes[k] (nA) flow; 0 before the first. attach(&injected): one more
target. The current of a step is added when the step is half done, before the cells move at its end.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanCurrent
    RANGE shelf_number
    THREADSAFE
}

ASSIGNED {
    dt (ms)
    shelf_number
}

VERBATIM
#include <algorithm>
#include <cmath>
#include "shelf.hpp"
namespace {
struct Current {
    std::vector<double> times, amplitudes;
    std::vector<neuron::container::data_handle<double>> targets;
    double at(double now) const {
        const auto place = std::upper_bound(times.begin(), times.end(), now) - times.begin();
        return place ? amplitudes[place - 1] : 0.0;
    }
};
cawan::Shelf<Current> currents;
}  // namespace
ENDVERBATIM

BEFORE BREAKPOINT {
    flow()
}

PROCEDURE flow() {
VERBATIM
    const double done = t / dt - std::floor(t / dt);
    if (done > 0.25 && done < 0.75) {  // not where NEURON computes currents between two steps
        Current& current = currents.at(shelf_number);
        const double amplitude = current.at(t - 0.25 * dt);
        for (auto& target: current.targets) {
            *target += amplitude;
        }
    }
ENDVERBATIM
}

PROCEDURE play() {
VERBATIM
    double *times, *amplitudes;
    const int size = vector_arg_px(1, &times);
    vector_arg_px(2, &amplitudes);
    Current& current = currents.at(shelf_number);
    current.times.assign(times, times + size);
    current.amplitudes.assign(amplitudes, amplitudes + size);
ENDVERBATIM
}

PROCEDURE attach() {
VERBATIM
    currents.at(shelf_number).targets.push_back(hoc_hgetarg<double>(1));
ENDVERBATIM
}

DESTRUCTOR {
VERBATIM
    currents.drop(shelf_number);
ENDVERBATIM
}
