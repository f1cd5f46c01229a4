COMMENT
The static synapses of one projection. A NetCon from each source, over its shortest delay, with the number of the source
as its weight; where that arrives, the synapses of that delay add their weights to `arrived` of their targets, and an
event goes out to those of the next delay. What is under way when a weight changes arrives as it was sent.

meet(row, &arrived): one more target; share(shelf_number): those of another fan. take_rows(sources, targets, weights,
delays): synapses, all Vectors of as many values or of one; delays in steps. When all are there, group_rows() and
tell_firsts(sources, delays): of the NetCons to be made, in order. tell_rows(weights, delays, sources, targets): of
synapses, in the order in which they came. alter(rows, weights, now, timestep): from now (ms) on; now < 0: nothing
is under way.
ENDCOMMENT

NEURON {
    ARTIFICIAL_CELL CawanFan
    RANGE shelf_number
    THREADSAFE
}

ASSIGNED {
    dt (ms)
    shelf_number
    following
    wait
}

VERBATIM
#include "shelf.hpp"
#include "fan.hpp"
namespace {
cawan::Shelf<cawan::Fan> fans;

// Number `place` of a column that has a value for each row, or one for all.
template <class T>
void extend(std::vector<T>& column, int place, std::size_t rows) {
    double* values;
    const int size = vector_arg_px(place, &values);
    if (size == 1) {
        column.insert(column.end(), rows, static_cast<T>(values[0]));
    } else {
        column.insert(column.end(), values, values + size);
    }
}

double* resized(int place, std::size_t size) {
    IvocVect* out = vector_arg(place);
    vector_resize(out, static_cast<int>(size));
    return vector_vec(out);
}
}  // namespace
ENDVERBATIM

NET_RECEIVE(source) {
    arrive(source, flag)
    if (following > 0) {
        net_send(wait, following)
    }
}

PROCEDURE arrive(source, number) {
VERBATIM
    cawan::Fan& fan = fans.at(shelf_number);
    const std::size_t here = _lnumber > 0 ? static_cast<std::size_t>(_lnumber)
                                          : fan.firsts[static_cast<std::size_t>(_lsource)];
    const cawan::Group& group = fan.groups[here];
    fan.deliver(group, t, dt);
    following = 0;
    if (here + 1 < fan.groups.size() && fan.groups[here + 1].source == group.source) {
        following = static_cast<double>(here + 1);
        wait = (fan.groups[here + 1].steps - group.steps) * dt;
    }
ENDVERBATIM
}

PROCEDURE meet() {
VERBATIM
    cawan::Targets& targets = *fans.at(shelf_number).targets;
    const auto row = static_cast<std::size_t>(*getarg(1));
    targets.resize(std::max(targets.size(), row + 1));
    targets[row] = hoc_hgetarg<double>(2);
ENDVERBATIM
}

PROCEDURE share() {
VERBATIM
    double other = *getarg(1);
    const auto targets = fans.at(other).targets;
    fans.at(shelf_number).targets = targets;
ENDVERBATIM
}

PROCEDURE take_rows() {
VERBATIM
    cawan::Added& added = fans.at(shelf_number).added;
    double* unused;
    const auto rows = static_cast<std::size_t>(vector_arg_px(1, &unused));
    extend(added.source, 1, rows);
    extend(added.target, 2, rows);
    extend(added.weight, 3, rows);
    extend(added.steps, 4, rows);
ENDVERBATIM
}

PROCEDURE group_rows() {
VERBATIM
    fans.at(shelf_number).sort();
ENDVERBATIM
}

PROCEDURE tell_firsts() {
VERBATIM
    const cawan::Fan& fan = fans.at(shelf_number);
    double* sources = resized(1, fan.firsts.size());
    double* steps = resized(2, fan.firsts.size());
    for (const cawan::Number first: fan.firsts) {
        *sources++ = fan.groups[first].source;
        *steps++ = fan.groups[first].steps;
    }
ENDVERBATIM
}

PROCEDURE alter() {
VERBATIM
    double *rows, *weights;
    const int size = vector_arg_px(1, &rows);
    vector_arg_px(2, &weights);
    fans.at(shelf_number).change(rows, weights, static_cast<std::size_t>(size), *getarg(3), *getarg(4));
ENDVERBATIM
}

PROCEDURE tell_rows() {
VERBATIM
    const cawan::Fan& fan = fans.at(shelf_number);
    double* columns[4];
    for (int place = 1; place <= 4; ++place) {
        columns[place - 1] = resized(place, fan.size());
    }
    fan.list(columns[0], columns[1], columns[2], columns[3]);
ENDVERBATIM
}

DESTRUCTOR {
VERBATIM
    fans.drop(shelf_number);
ENDVERBATIM
}
