// Piecewise-constant currents and the cells that they flow into.
#pragma once

#include "cells.hpp"

namespace pynn_native {

// One current: from step when[k] on, amplitude[k] nA flows; 0 before the first.
class Current {
public:
    // Replace what lies at `now` and after it. Without new times, what flows now goes on.
    void replace(Values times, Values amplitudes, double timestep, Step now);
    double at(Step step) const;
    // The first step after `step` at which the current changes.
    Step changes_after(Step step) const;
    // Raised by each replace.
    std::uint64_t version() const { return version_; }

private:
    std::size_t place(Step step) const;  // breakpoints up to `step`, this one included

    std::vector<Step> when_;
    std::vector<double> amplitude_;
    std::uint64_t version_ = 1;
};

// All currents into one part of a block of cells.
class Injections {
public:
    void attach(const Current& current, std::size_t number, std::vector<Cell> rows);
    bool empty() const { return attached_.empty(); }
    // Let flow what flows from `step` on.
    void flow(Cells& cells, Step step);

private:
    struct Attached {
        const Current* current;
        std::size_t number;  // currents add in the order in which they were made
        std::vector<Cell> rows;
        std::uint64_t version;  // of the current, when last looked at
        Step until;             // the amplitude holds before this step
        double amplitude;
    };

    std::vector<Attached> attached_;
    std::vector<Cell> rows_;  // all that some current flows into
    std::vector<double> sum_;
    bool changed_ = false;
};

}  // namespace pynn_native
