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
        made.post->arrived[made.port * made.post->size + row_of[cell]] += made.arriving(place, sent);
    }

    // Move the cells first ... first + number - 1 to the end of `step`; `fire` is told which cells fire.
    template <class Fire>
    void advance(std::size_t first, std::size_t number, Step step, Fire fire) {
        for (std::size_t cell = first; cell < first + number;) {
            Block& block = *block_of[cell];
            const std::size_t k = row_of[cell], end = std::min(block.size, k + first + number - cell);
            const auto coupled = [&](std::size_t j) { return block.seen.empty() ? 0.0 : current(cell + j - k, block.seen[j]); };
            cawan::advance(block, k, end, step, coupled, [&](std::size_t j) { fire(cell + j - k); });
            cell += end - k;
        }
        look();
    }

    // Gap junctions will see the potentials of now.
    void look() {
        if (!gap_offset) return;
        for (auto& block : blocks) {
            if (block->membrane != Membrane::source) block->seen.assign(block->col[V], block->col[V] + block->size);
        }
    }

private:
    // Current into a cell through its gap junctions, nA, from the potentials at the end of the last step.
    double current(std::size_t cell, double v) const {
        double sum = 0.0;
        for (auto n = gap_offset[cell]; n < gap_offset[cell + 1]; ++n) {
            const auto other = static_cast<std::size_t>(gap_other[n]);
            sum += gap_weight[gap_place[n]] * (block_of[other]->seen[row_of[other]] - v);
        }
        return sum;
    }
};

World& world(std::size_t number);

}  // namespace cawan
