// Values drawn from keyed streams, by the routines of NumPy's Generator ("Random streams", section Words).
#pragma once

#include <string>
#include <vector>

#include "philox.hpp"

namespace pynn_native {

// scale × a draw of a distribution; with a step, the draw first becomes the nearest multiple of it, and of those the
// nearest from `lowest` to `highest` steps.
struct Draw {
    enum class Distribution {
        binomial, gamma, exponential, lognormal, normal, normal_clipped, normal_clipped_to_boundary, poisson, uniform,
        uniform_int, vonmises
    };

    std::string name;  // of the synapse's parameter
    Distribution distribution;
    std::vector<double> parameters;  // in the order of PyNN's documentation
    Key key;
    double scale = 1.0;
    double step = 0.0, lowest = 0.0, highest = 0.0;
};

// By its name in PyNN; throws std::invalid_argument for another, or for another number of parameters.
Draw::Distribution distribution_of(const std::string& name, std::size_t parameters);

// As many values as `values` has room for, from one substream.
void fill(const Draw& draw, std::uint64_t substream, std::vector<double>& values);

}  // namespace pynn_native
