// The membranes of composed cells: LIF, Facets, GsfaGrr, AdExp, Izhikevich, HH and GIF.
#pragma once

#include "composed.hpp"

namespace pynn_native {

// Throws std::invalid_argument for another.
std::unique_ptr<Cells> make_membrane(const std::string& name, const Layout& layout,
                                     const std::vector<std::vector<std::string>>& ports);

}  // namespace pynn_native
