// The membranes of composed cells: LIF, Facets, GsfaGrr, AdExp, Izhikevich, HH and GIF.
#pragma once

#include "composed.hpp"

namespace pynn_native {

std::unique_ptr<Cells> make_membrane(const std::string& name, std::size_t size, double timestep, std::size_t threads,
                                     const std::vector<std::vector<std::string>>& ports);

}  // namespace pynn_native
