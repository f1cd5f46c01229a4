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

    // What arrives at cell c: synapses number offset[c] ... offset[c + 1] - 1, each a row of a block of synapses.
    const std::int64_t *offset = nullptr, *row = nullptr;
    const std::int32_t* of = nullptr;

    // Gap junctions of cell c: numbers gap_offset[c] ... gap_offset[c + 1] - 1, each with the cell on the other side and
    // the place of its conductance.
    const std::int64_t *gap_offset = nullptr, *gap_other = nullptr, *gap_place = nullptr;
    const double* gap_weight = nullptr;

    std::vector<Block*> block_of;  // by cell
    std::vector<std::size_t> row_of;

    // All blocks are there.
    void number_cells() {
        for (auto& block : blocks) {
            for (std::size_t k = 0; k < block->size; ++k) {
                block_of.push_back(block.get());
                row_of.push_back(k);
            }
        }
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
            const auto other = static_cast<std::size_t>(gap_other[n]);
            sum += gap_weight[gap_place[n]] * (block_of[other]->seen[row_of[other]] - v);
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
