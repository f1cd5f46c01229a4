// Random numbers at any place of a keyed stream: Philox4x64-10 as a function of its counter.
//
// Salmon, Moraes, Dror & Shaw (2011), SC'11, "Parallel random numbers: as easy as 1, 2, 3". The reference page "Random
// streams" says which counter belongs to which draw.
#pragma once

#include <array>
#include <cstdint>

namespace pynn_native {

// The 128-bit key of a block's stream.
struct Key {
    std::uint64_t low = 0, high = 0;
};

inline std::array<std::uint64_t, 4> philox(Key key, std::array<std::uint64_t, 4> x) {
    for (int round = 0; round < 10; ++round) {
        const auto first = static_cast<unsigned __int128>(0xD2E7470EE14C6C93ull) * x[0];
        const auto second = static_cast<unsigned __int128>(0xCA5A826395121157ull) * x[2];
        x = {static_cast<std::uint64_t>(second >> 64) ^ x[1] ^ key.low, static_cast<std::uint64_t>(second),
             static_cast<std::uint64_t>(first >> 64) ^ x[3] ^ key.high, static_cast<std::uint64_t>(first)};
        key.low += 0x9E3779B97F4A7C15ull;
        key.high += 0xBB67AE8584CAA73Bull;
    }
    return x;
}

// Uniform in [0, 1): the upper 53 bits over 2^53.
inline double uniform(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

}  // namespace pynn_native
