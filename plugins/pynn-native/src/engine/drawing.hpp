// How many spikes strong Poisson sources have in a step, as far as 16 bits decide it ("Random streams", section Sources).
#pragma once

#include <array>

#include "ahead.hpp"
#include "philox.hpp"
#include "values.hpp"

namespace pynn_native {

constexpr std::size_t kSourcesOfABlock = 16;  // that share one output of Philox: 16 bits each
constexpr std::uint64_t kOfCounts = 1;        // second number of its counter

// The first two rounds of Philox for the counters {1 + block, kOfCounts, step, 0}: block and step meet in the third, so what
// depends on the block is computed once.
struct Beginnings {
    Aligned<std::uint64_t> first, second, third;  // by block: of its state, before the step is added to it

    void make(Key key, std::size_t blocks);
};

// Thresholds of 16 bits that do not decrease, made ready for numbers to be compared with them.
struct Thresholds {
    static constexpr std::size_t kFew = 32;  // that one vector holds

    // The upper 16 bits of each, up to the first that hardly any number is above.
    explicit Thresholds(const std::vector<std::uint64_t>& thresholds);

    std::vector<std::uint16_t> all;
    std::vector<std::int16_t> lowered;  // the same less 2^15, for vectors that compare signed numbers alone
    // Numbers fall into 32 buckets by their upper 5 bits. Of each: how many thresholds lie before it, and the first of
    // those in it. All others, and the very last, are `more`, each twice in 32 bits.
    std::array<std::uint16_t, kFew> before{}, inside{}, few{};
    std::vector<std::uint32_t> more;
};

struct Drawing {
    Key key;
    const Beginnings* beginnings;
    std::uint64_t step;
    Range tiles;
    const Thresholds* thresholds;
    // How many thresholds lie below the number of each source; and a bit for each source of a tile where that does not
    // decide, since a threshold equals the number, or the last lies below it.
    std::uint8_t* counts;
    std::uint64_t* undecided;
    Fetching* fetching;  // while numbers are drawn, some lines at each tile
};

void draw_counts(const Drawing& work);

}  // namespace pynn_native
