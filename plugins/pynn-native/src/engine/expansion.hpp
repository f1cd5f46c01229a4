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
// that differ are `single` or double. Where the rule connects a good part of all pairs, they may be kept `as_bits`.
Wired expand(const Rule& rule, const std::vector<Draw>& draws, std::size_t sources, const Cells& post,
             bool single, bool as_bits, Workers& workers, Interruption& interruption);

// Whether rows made by this rule are kept as bits where they may be, and their spikes counted: by the rule alone, not by
// what this process or part has of it, so that sums are the same for any number of them.
bool fit_bits(const Rule& rule, const std::vector<Draw>& draws);

}  // namespace pynn_native
