COMMENT
Spikes at given times. play(times, first, end): fire at times[first] ... times[end - 1] of that Vector (ms, increasing,
none before now), instead of all that was told before.
ENDCOMMENT

NEURON {
    ARTIFICIAL_CELL CawanSource
    RANGE generation, shelf_number
    THREADSAFE
}

ASSIGNED {
    generation
    shelf_number
}

VERBATIM
#include "shelf.hpp"
namespace {
struct Train {
    std::vector<double> times;
    std::size_t next = 0;
};
cawan::Shelf<Train> trains;
}  // namespace
ENDVERBATIM

NET_RECEIVE(weight) {
    if (flag == generation) {  : else of a train that was replaced
        net_event(t)
        proceed()
        if (ahead() >= 0) {
            net_send(ahead(), generation)
        }
    }
}

PROCEDURE proceed() {
VERBATIM
    ++trains.at(shelf_number).next;
ENDVERBATIM
}

FUNCTION ahead() {
VERBATIM
    Train& train = trains.at(shelf_number);
    _lahead = train.next < train.times.size() ? std::max(0.0, train.times[train.next] - t) : -1.0;
ENDVERBATIM
}

PROCEDURE play() {
VERBATIM
    double* times;
    vector_arg_px(1, &times);
    const auto first = static_cast<std::size_t>(*getarg(2)), end = static_cast<std::size_t>(*getarg(3));
    Train& train = trains.at(shelf_number);
    train.times.assign(times + first, times + end);
    train.next = 0;
    generation += 1;
    if (first < end) {
        artcell_net_send(&_ppvar[2], nullptr, _ppvar[1].get<Point_process*>(), train.times[0], generation);
    }
ENDVERBATIM
}

DESTRUCTOR {
VERBATIM
    trains.drop(shelf_number);
ENDVERBATIM
}
