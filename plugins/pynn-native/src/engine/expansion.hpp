// Rules made into synapses, straight into the layout in which they are kept.
#pragma once

#include "connectivity.hpp"
#include "draws.hpp"
#include "interruption.hpp"
#include "rule.hpp"
#include "workers.hpp"

namespace pynn_native {

// The same rows and values as those that arrive in chunks, for any number of threads. A rule is followed twice, first to
// count, then to write: what was chosen is remembered in between where that is little, and else chosen again. Weights
// that differ are `single` or double.
Wired expand(const Rule& rule, const std::vector<Draw>& draws, std::size_t sources, const Cells& post,
             bool single, Workers& workers, Interruption& interruption);

}  // namespace pynn_native
