// Blocks that fire at given times, or by chance.
#pragma once

#include <functional>
#include <memory>

#include "drive.hpp"
#include "emitter.hpp"
#include "workers.hpp"

namespace pynn_native {

class Sources final : public Emitter {
public:
    explicit Sources(std::size_t size) : Emitter(size, 1) {}

    // These rows fire at these times (ms; row k is data[splits[k]] … data[splits[k + 1]], one row may serve for all)
    // and at no others after step `now`; now = -1 before the clock has begun, when step 0 is still to come.
    void replace(Values data, Rows splits, Rows rows, double timestep, Step now);

    // From now on fire as these trains say, and no more at the times that were given.
    void replace(Trains trains, double timestep);
    bool repeats() const override { return true; }
    void list_all() override { lists_ = true; }

    // Write the histories of steps first … last; several threads may help. Each fetches some lines for its share while it
    // draws tiles of strong sources.
    using Ahead = std::function<Fetching&(unsigned)>;
    void fire(Step first, Step last, Workers& workers, bool together, const Ahead& ahead);
    // As many are drawn for a step.
    std::size_t strong_tiles() const;

private:
    using Spike = Drive::Spike;

    void drop(Rows rows);
    void collect(Values times, Cell row, double timestep, Step now);
    void draw(Step last);
    void count(Step first, Step last, Workers& workers, bool together, const Ahead& ahead);
    void list(Step step);

    std::vector<Spike> pending_;  // by step, then row
    std::size_t next_ = 0;
    std::unique_ptr<Drive> drive_;
    bool lists_ = false;  // also what is counted
};

}  // namespace pynn_native
