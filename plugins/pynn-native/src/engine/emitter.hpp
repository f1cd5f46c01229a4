// What fires: cells and sources, with the spikes that may still be on their way.
#pragma once

#include "values.hpp"

namespace pynn_native {

// What fired in a step.
using Fired = Aligned<Cell>;

// The rows that fired at each of the last steps, for one part of a block; a row as often as it fired.
class History {
public:
    Fired& at(Step step) { return slots_[index(step)]; }
    const Fired& at(Step step) const { return slots_[index(step)]; }
    // How often each row fired, where that is known too: then the list may be empty, unless somebody wants it.
    std::vector<std::uint8_t>& counts(Step step) { return counts_[index(step)]; }
    const std::uint8_t* counted(Step step) const {
        const std::vector<std::uint8_t>& counts = counts_[index(step)];
        return counts.empty() ? nullptr : counts.data();
    }
    // Keep at least this many steps; those up to `now` that were kept stay.
    void reserve(std::size_t steps, Step now);

private:
    std::size_t index(Step step) const { return static_cast<std::size_t>(step) & (slots_.size() - 1); }

    std::vector<Fired> slots_ = std::vector<Fired>(1);
    std::vector<std::vector<std::uint8_t>> counts_ = std::vector<std::vector<std::uint8_t>>(1);
};

// A block whose rows fire; its parts write their histories side by side, one thread each.
class Emitter {
public:
    Emitter(std::size_t size, std::size_t parts) : histories(parts), size_(size) {}
    virtual ~Emitter() = default;
    Emitter(const Emitter&) = delete;
    Emitter& operator=(const Emitter&) = delete;

    std::size_t size() const { return size_; }
    // Whether a row may fire more than once in a step.
    virtual bool repeats() const { return false; }
    // Somebody wants the lists of all that fires from now on, not only how often each row fires.
    virtual void list_all() {}

    // Part after part, so that the rows of one step are in increasing order.
    std::vector<History> histories;

private:
    std::size_t size_;
};

}  // namespace pynn_native
