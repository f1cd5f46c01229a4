// Strips of a part: their cells take several steps one after the other, while their state stays in the innermost cache.
#pragma once

#include "kernels.hpp"
#include "values.hpp"

namespace pynn_native {

// Neighbouring cells of one part, counted within it; whole tiles, but for the last of the part.
struct Strip {
    std::size_t part, first, last;
};

// 1024 cells make a strip, or 2048 of 32 bits: v and two currents of each take 24 KiB of 32 or 48. A cell lies in strip
// cell >> strip_shift.
inline unsigned strip_shift(bool single) { return single ? 11 : 10; }
constexpr std::size_t kMostStrips = kPartLimit >> 10;

// Fetch a row of a table of targets from memory: every line of the cache that it lies in.
PYNN_NATIVE_INLINE void fetch(const std::uint16_t* targets, const Range& row) {
    constexpr std::size_t kLine = 64 / sizeof(std::uint16_t);
    if (row.first == row.last) return;
    for (std::size_t n = row.first; n < row.last; n += kLine) PYNN_NATIVE_PREFETCH(targets + n);
    PYNN_NATIVE_PREFETCH(targets + row.last - 1);
}

// Rows of one table of targets that are used in some steps, one step after the other.
struct UsedRows {
    std::vector<Range> rows;
    std::vector<std::size_t> ends;  // by step: the rows before this one were used in it, or in a step before

    void clear();
    std::size_t synapses() const;
};

// The targets of such rows, divided between the strips of their part.
class DividedTargets {
public:
    bool empty() const { return strips_ == 0; }
    void clear() { strips_ = 0; }
    // Between so many strips; target t goes into strip t >> shift. Steps count from `first` on. Each row is in
    // increasing order.
    void divide(const UsedRows& used, const Table<std::uint16_t>& targets, std::size_t strips, unsigned shift, Step first);
    // Those of one strip and step: row after row.
    View<std::uint16_t> at(std::size_t strip, Step step) const {
        const std::size_t* place = begin_.data() + strip * (steps_ + 1) + static_cast<std::size_t>(step - first_);
        return {divided_.data() + place[0], place[1] - place[0]};
    }

private:
    std::size_t strips_ = 0, steps_ = 0;
    Step first_ = 0;
    std::vector<std::size_t> begin_;  // by strip and step; then where the last step ends
    Table<std::uint16_t> divided_;    // there is room for more
};

}  // namespace pynn_native
