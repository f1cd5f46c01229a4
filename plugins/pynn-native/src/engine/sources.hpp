// Blocks that fire at given times.
#pragma once

#include "emitter.hpp"

namespace pynn_native {

class Sources final : public Emitter {
public:
    explicit Sources(std::size_t size) : Emitter(size, 1) {}

    // These rows fire at these times (ms; row k is data[splits[k]] … data[splits[k + 1]], one row may serve for all)
    // and at no others after step `now`; now = -1 before the clock has begun, when step 0 is still to come.
    void replace(Values data, Rows splits, Rows rows, double timestep, Step now);

    // Write the histories of steps first … last.
    void fire(Step first, Step last);

private:
    struct Spike {
        Step step;
        Cell row;
    };

    void drop(Rows rows);
    void collect(Values times, Cell row, double timestep, Step now);
    void sort();

    std::vector<Spike> pending_;  // by step, then row
    std::size_t next_ = 0;
};

}  // namespace pynn_native
