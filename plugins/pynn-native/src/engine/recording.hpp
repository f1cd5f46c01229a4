// What is recorded and was not read yet.
#pragma once

#include "cells.hpp"

namespace pynn_native {

// Spikes of some rows of a block.
class SpikeTap {
public:
    SpikeTap(const Emitter& block, Rows rows);

    // Take the spikes of steps first … last from the block's histories.
    void gather(Step first, Step last);
    // All that was gathered since the last call, which is then forgotten.
    void take(std::vector<std::int64_t>& rows, std::vector<double>& times, double timestep);

private:
    struct Gathered {
        Step step;
        std::size_t end;  // in rows_: the rows before this one fired at this step, or before
    };

    const Emitter& block_;
    bool whole_;
    std::vector<bool> chosen_;
    std::vector<Cell> rows_;
    std::vector<Gathered> steps_;  // those at which any fired
};

// One variable of some cells, every `every` steps from the step at which the recording began.
class SampleTap {
public:
    SampleTap(Cells& cells, const std::string& variable, Rows rows, Step every, Step now);

    bool of(const Cells& cells) const { return &cells_ == &cells; }
    // Make room for the samples due at steps before `until`.
    void reserve(Step until);
    // Take the sample of this step, if one is due, of the cells of one part.
    void sample(std::size_t part, Step step);
    void sample_all(Step step);

    // All samples since the last call, row after row, which are then forgotten; and the step of the first.
    Step take(Doubles& values);
    std::size_t channels() const { return channels_; }
    Step every() const { return every_; }
    // The step of the next sample that is not in hand.
    Step next() const { return first_ + count_ * every_; }

private:
    struct Channel {
        std::size_t place;
        Cell row;
    };

    Cells& cells_;
    const Column& column_;
    std::size_t channels_;
    Step every_;
    Step first_;      // step of the first sample in values_
    Step count_ = 0;  // samples in values_
    std::vector<std::vector<Channel>> parts_;
    Doubles values_;
};

}  // namespace pynn_native
