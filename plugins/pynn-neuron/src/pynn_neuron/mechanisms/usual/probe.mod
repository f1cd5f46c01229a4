COMMENT
Samples of any variables, every `every` steps from step `begins` on. add(&variable): one more channel. look(step): take
the sample of this step if it is due, again if it was taken and not fetched. fetch(vector): all samples since the last
fetch, one row after the other; gives the step of the first.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanProbe
    RANGE every, begins, shelf_number
    THREADSAFE
}

PARAMETER {
    every = 1
    begins = 0
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
struct Samples {
    std::vector<neuron::container::data_handle<double>> channels;
    std::vector<double> values;
    long long next = -1, begin = -1;  // steps: the one due next, that of the earliest row kept
};
cawan::Shelf<Samples> samples;
}  // namespace
ENDVERBATIM

BEFORE STEP {
    look(floor(t / dt + 0.5))
}

PROCEDURE look(now) {
VERBATIM
    Samples& kept = samples.at(shelf_number);
    const auto step = static_cast<long long>(_lnow), interval = static_cast<long long>(every);
    if (kept.next < 0) {
        kept.next = static_cast<long long>(begins);
    }
    const bool again = step == kept.next - interval && !kept.values.empty();
    if (step == kept.next || again) {
        if (again) {
            kept.values.resize(kept.values.size() - kept.channels.size());
        } else {
            kept.next += interval;
        }
        if (kept.values.empty()) {
            kept.begin = step;
        }
        for (auto& channel: kept.channels) {
            kept.values.push_back(*channel);
        }
    }
ENDVERBATIM
}

PROCEDURE add() {
VERBATIM
    samples.at(shelf_number).channels.push_back(hoc_hgetarg<double>(1));
ENDVERBATIM
}

FUNCTION due() {
VERBATIM
    const Samples& kept = samples.at(shelf_number);
    _ldue = kept.next < 0 ? begins : static_cast<double>(kept.next);
ENDVERBATIM
}

FUNCTION fetch() {
VERBATIM
    IvocVect* out = vector_arg(1);
    Samples& kept = samples.at(shelf_number);
    vector_resize(out, static_cast<int>(kept.values.size()));
    std::copy(kept.values.begin(), kept.values.end(), vector_vec(out));
    _lfetch = static_cast<double>(kept.begin);
    kept.values.clear();
ENDVERBATIM
}

DESTRUCTOR {
VERBATIM
    samples.drop(shelf_number);
ENDVERBATIM
}
