// One network: its blocks, the cells in Arbor's order, and what arrives at each.
#pragma once

#include <memory>

#include "stepping.hpp"
#include "synapses.hpp"

namespace cawan {

struct World {
    double h;
    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<std::unique_ptr<Synapses>> synapses;
    std::vector<std::int64_t> first;  // of each block, its first cell in Arbor's order

    // What arrives at cell c: synapses number offset[c] ... offset[c + 1] - 1, each a row of a block of synapses.
    const std::int64_t *offset = nullptr, *row = nullptr;
    const std::int32_t* of = nullptr;

    Block& block_of(std::size_t cell, std::size_t& k) {
        const auto found = std::upper_bound(first.begin(), first.end(), static_cast<std::int64_t>(cell));
        const auto number = static_cast<std::size_t>(found - first.begin()) - 1;
        k = cell - static_cast<std::size_t>(first[number]);
        return *blocks[number];
    }

    // An event for cell c that acts at the end of `step`.
    void deliver(std::size_t cell, std::size_t number, Step step) {
        const auto entry = static_cast<std::size_t>(offset[cell]) + number;
        Synapses& made = *synapses[static_cast<std::size_t>(of[entry])];
        const auto place = static_cast<std::size_t>(row[entry]);
        const Step sent = step - made.delay[place];
        const auto source = static_cast<std::size_t>(made.pre[place]);
        const std::int64_t times = made.source ? made.source->count(source, sent) : 1;
        double& arrived = made.post->arrived[made.port * made.post->size + static_cast<std::size_t>(made.target[place])];
        for (std::int64_t n = 0; n < times; ++n) arrived += made.released(place, sent);
    }
};

World& world(std::size_t number);

}  // namespace cawan
