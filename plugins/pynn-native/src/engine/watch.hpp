// Whether a simulation still makes sense: membranes that are no numbers, cells that fire beyond all measure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "cells.hpp"

namespace pynn_native {

// What went wrong in a block of cells.
struct Trouble {
    enum class Kind { not_finite, runaway };

    Kind kind;
    std::size_t block;
    Cell row = 0;        // the first cell whose membrane potential is no finite number
    double value = 0.0;  // that potential, mV; or the mean rate of the block, Hz
    Step since = 0;      // all was well at this step
};

// Which blocks of cells send spikes to which. Only what excites itself can run away: a block that no path leads back to
// fires as fast as its input makes it, and no faster.
class Paths {
public:
    void add(std::size_t pre, std::size_t post);
    bool lead_back(std::size_t block) const;

private:
    std::vector<std::set<std::size_t>> targets_;  // by block
};

// Looks at one block of cells. A membrane that is no finite number never is one again, so it is enough to look now and
// then; rates are means over all cells of the block and a window of time.
class Watch {
public:
    Watch(const Cells& cells, std::size_t block, double timestep, Step now)
        : cells_(cells), block_(block), timestep_(timestep), well_(now), since_(now) {}

    // After the steps first … last. Whoever computed the membranes may have looked at them, and found all of them finite.
    enum class Membranes { unknown, finite, not_finite };
    std::optional<Trouble> after(Step first, Step last, Membranes membranes, double max_rate);

private:
    std::optional<Trouble> find_membrane() const;
    std::optional<Trouble> rate(Step now, double max_rate);

    const Cells& cells_;
    std::size_t block_;
    double timestep_;
    Step well_ = 0;   // the membranes were finite at this step
    Step since_ = 0;  // spikes are counted from after this step on
    std::size_t spikes_ = 0;
};

}  // namespace pynn_native
