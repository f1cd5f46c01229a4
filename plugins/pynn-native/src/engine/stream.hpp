// The words of one substream of a keyed stream, in any order ("Random streams", section Words).
#pragma once

#include "philox.hpp"

namespace pynn_native {

class Stream {
public:
    Stream(Key key, std::uint64_t substream) : key_(key), substream_(substream) {}

    // Words 4b … 4b + 3; as in NumPy's Philox, the counter is incremented before each block.
    std::array<std::uint64_t, 4> block(std::uint64_t b) const { return philox(key_, {1 + b, 0, substream_, 0}); }
    std::uint64_t word(std::uint64_t w) const { return block(w / 4)[w % 4]; }
    std::uint64_t next() {
        if (place_ % 4 == 0) words_ = block(place_ / 4);
        return words_[place_++ % 4];
    }
    // All words of the blocks from `first` to before `last`.
    void blocks(std::uint64_t first, std::uint64_t last, std::uint64_t* words) const {
        for (std::uint64_t b = first; b < last; ++b) {
            const auto four = block(b);
            for (const std::uint64_t word : four) *words++ = word;
        }
    }

private:
    Key key_;
    std::uint64_t substream_;
    std::uint64_t place_ = 0;
    std::array<std::uint64_t, 4> words_{};
};

// A whole number 0 … n - 1 from a word, n < 2^32: floor(word × n / 2^64).
inline std::uint32_t bounded(std::uint64_t word, std::uint64_t n) {
    return static_cast<std::uint32_t>(static_cast<unsigned __int128>(word) * n >> 64);
}

}  // namespace pynn_native
