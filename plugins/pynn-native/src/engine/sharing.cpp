// What processes tell each other: spikes, potentials at gap junctions, and what went wrong.

#include <algorithm>

#include "engine.hpp"

namespace pynn_native {

Range Engine::parts_of(std::size_t block, std::size_t rank) const {
    // Small blocks have one part that is not empty, the last: it goes to another process for each block.
    const std::size_t each = cells_[block]->parts() / ranks_.size, place = (rank + block) % ranks_.size;
    return {place * each, (place + 1) * each};
}

Range Engine::rows_of(std::size_t block, std::size_t rank) const {
    const Range parts = parts_of(block, rank);
    return {cells_[block]->part(parts.first).first, cells_[block]->part(parts.last - 1).last};
}

Range Engine::local(std::size_t block) const { return rows_of(block, ranks_.rank); }

void Engine::share_spikes(Step first, Step last) {
    if (ranks_.size == 1) return;
    const auto each_slot = [&](std::size_t rank, const auto& task) {
        for (std::size_t c = 0; c < cells_.size(); ++c) {
            const Range parts = parts_of(c, rank);
            for (std::size_t p = parts.first; p < parts.last; ++p) {
                for (Step step = first; step <= last; ++step) task(cells_[c]->histories[p].at(step));
            }
        }
    };
    std::vector<Cell> mine;
    each_slot(ranks_.rank, [&](const Fired& fired) {
        mine.push_back(static_cast<Cell>(fired.size()));
        mine.insert(mine.end(), fired.begin(), fired.end());
    });
    const std::vector<std::string> all = ranks_.exchange(to_bytes(mine));
    for (std::size_t rank = 0; rank < ranks_.size; ++rank) {
        if (rank == ranks_.rank) continue;
        const std::vector<Cell> theirs = from_bytes<Cell>(all[rank]);
        auto next = theirs.begin();
        each_slot(rank, [&](Fired& fired) {
            const auto count = static_cast<std::ptrdiff_t>(*next++);
            fired.assign(next, next + count);
            next += count;
        });
    }
}

void Engine::share_potentials() {
    if (ranks_.size == 1) return;
    const auto each_cell = [&](std::size_t rank, const auto& task) {
        for (std::size_t c = 0; c < coupling_.size(); ++c) {
            if (coupling_[c].empty()) continue;
            const Range rows = rows_of(c, rank);
            for (std::size_t k = rows.first; k < rows.last; ++k) task(*cells_[c], static_cast<Cell>(k));
        }
    };
    std::vector<double> mine;
    each_cell(ranks_.rank, [&](const Cells& cells, Cell k) { mine.push_back(cells.potential(k)); });
    const std::vector<std::string> all = ranks_.exchange(to_bytes(mine));
    for (std::size_t rank = 0; rank < ranks_.size; ++rank) {
        if (rank == ranks_.rank) continue;
        const std::vector<double> theirs = from_bytes<double>(all[rank]);
        auto next = theirs.begin();
        each_cell(rank, [&](Cells& cells, Cell k) { cells.set_potential(k, *next++); });
    }
}

void Engine::share_trouble() {
    // Rates are known to all; a membrane only to the process that owns it. All go on, or none.
    if (ranks_.size == 1) return;
    std::vector<Trouble> mine;
    if (trouble_) mine.push_back(*trouble_);
    for (const std::string& bytes : ranks_.exchange(to_bytes(mine))) {
        const std::vector<Trouble> theirs = from_bytes<Trouble>(bytes);
        if (theirs.empty()) continue;
        trouble_ = theirs[0];
        return;
    }
}

Step Engine::shortest_delay_of_all() const {
    if (ranks_.size == 1) return shortest_delay_;
    Step shortest = shortest_delay_;
    for (const std::string& bytes : ranks_.exchange(to_bytes(std::vector<Step>{shortest_delay_}))) {
        shortest = std::min(shortest, from_bytes<Step>(bytes).at(0));
    }
    return shortest;
}

}  // namespace pynn_native
