// Input that was counted: a number of spikes for each cell, times the weight.
#pragma once

#include "values.hpp"

namespace pynn_native {

// As many spikes arrive at each of some neighbouring cells, all of this weight. Whole tiles can be read.
struct Counts {
    const std::uint8_t* counts;
    double weight;
};

// input[k] += counts[k] × weight[k], or × weight[0] where all share it.
template <class Number>
struct Counted {
    Number* input;
    const std::uint8_t* counts;
    const double* weight;
    bool shared;
    std::size_t size;
};

void add_counted(const Counted<double>& work);
void add_counted(const Counted<float>& work);

}  // namespace pynn_native
