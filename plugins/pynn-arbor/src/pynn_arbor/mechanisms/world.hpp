// One network: its blocks, the cells in Arbor's order, and what arrives at each.
#pragma once

#include <memory>

#include "stepping.hpp"
#include "stdp.hpp"

namespace cawan {

struct World {
    double h;
    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<std::unique_ptr<Synapses>> synapses;
    std::vector<std::int64_t> first;  // of each block, its first cell in Arbor's order

    // What arrives at cell c: synapses number offset[c] ... offset[c + 1] - 1, each a row of a block of synapses.
    const std::int64_t *offset = nullptr, *row = nullptr;
    const std::int32_t* of = nullptr;

    // Gap junctions of cell c: numbers gap_offset[c] ... gap_offset[c + 1] - 1, each with the cell on the other side and
    // the place of its conductance.
    const std::int64_t *gap_offset = nullptr, *gap_other = nullptr, *gap_place = nullptr;
    const double* gap_weight = nullptr;

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
        double& arrived = made.post->arrived[made.port * made.post->size + static_cast<std::size_t>(made.target[place])];
        arrived += made.arriving(place, sent);
    }

    // Current into cell c through its gap junctions, nA, from the potentials at the end of the last step.
    double coupled(std::size_t cell, double v) {
        if (!gap_offset) return 0.0;
        double sum = 0.0;
        for (auto n = gap_offset[cell]; n < gap_offset[cell + 1]; ++n) {
            std::size_t k;
            const Block& other = block_of(static_cast<std::size_t>(gap_other[n]), k);
            sum += gap_weight[gap_place[n]] * (other.seen[k] - v);
        }
        return sum;
    }

    void look() {
        if (!gap_offset) return;
        for (auto& block : blocks) {
            if (block->membrane != Membrane::source) block->seen.assign(block->col[V], block->col[V] + block->size);
        }
    }
};

World& world(std::size_t number);

}  // namespace cawan
