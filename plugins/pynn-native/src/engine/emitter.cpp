#include "emitter.hpp"

#include <algorithm>
#include <utility>

namespace pynn_native {

void History::reserve(std::size_t steps, Step now) {
    if (steps <= slots_.size()) return;
    std::size_t length = slots_.size();
    while (length < steps) length *= 2;
    std::vector<Fired> larger(length);
    std::vector<std::vector<std::uint8_t>> larger_counts(length);
    const Step kept = std::min<Step>(static_cast<Step>(slots_.size()), now + 1);
    for (Step step = now - kept + 1; step <= now; ++step) {
        larger[static_cast<std::size_t>(step) & (length - 1)] = std::move(at(step));
        larger_counts[static_cast<std::size_t>(step) & (length - 1)] = std::move(counts(step));
    }
    slots_ = std::move(larger);
    counts_ = std::move(larger_counts);
}

}  // namespace pynn_native
