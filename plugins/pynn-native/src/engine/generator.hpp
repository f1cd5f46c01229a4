// NumPy's routines for random numbers, on a substream of a keyed stream.
#pragma once

#include <numpy/random/distributions.h>

#include "stream.hpp"

namespace pynn_native {

// A substream as NumPy's routines see it: what numpy.random.Philox does with 64-bit words.
class Generator {
public:
    Generator(Key key, std::uint64_t substream) : stream_(key, substream) {
        bits_.state = this;
        bits_.next_uint64 = [](void* self) { return static_cast<Generator*>(self)->stream_.next(); };
        bits_.next_raw = bits_.next_uint64;
        bits_.next_uint32 = [](void* self) { return static_cast<Generator*>(self)->half(); };
        bits_.next_double = [](void* self) { return pynn_native::uniform(static_cast<Generator*>(self)->stream_.next()); };
    }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    bitgen_t* bits() { return &bits_; }
    double uniform() { return bits_.next_double(this); }
    std::int64_t poisson(double mean) { return random_poisson(&bits_, mean); }

private:
    // The lower half of a word, then its upper half.
    std::uint32_t half() {
        waiting_ = !waiting_;
        if (!waiting_) return upper_;
        const std::uint64_t word = stream_.next();
        upper_ = static_cast<std::uint32_t>(word >> 32);
        return static_cast<std::uint32_t>(word);
    }

    Stream stream_;
    bitgen_t bits_{};
    bool waiting_ = false;
    std::uint32_t upper_ = 0;
};

}  // namespace pynn_native
