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

constexpr std::uint64_t kPhiloxFirst = 0xD2E7470EE14C6C93ull, kPhiloxSecond = 0xCA5A826395121157ull;

inline std::array<std::uint64_t, 4> philox_round(Key key, const std::array<std::uint64_t, 4>& x) {
    const auto first = static_cast<unsigned __int128>(kPhiloxFirst) * x[0];
    const auto second = static_cast<unsigned __int128>(kPhiloxSecond) * x[2];
    return {static_cast<std::uint64_t>(second >> 64) ^ x[1] ^ key.low, static_cast<std::uint64_t>(second),
            static_cast<std::uint64_t>(first >> 64) ^ x[3] ^ key.high, static_cast<std::uint64_t>(first)};
}

// That of the next round.
inline Key next_key(Key key) { return {key.low + 0x9E3779B97F4A7C15ull, key.high + 0xBB67AE8584CAA73Bull}; }

inline std::array<std::uint64_t, 4> philox(Key key, std::array<std::uint64_t, 4> x) {
    for (int round = 0; round < 10; ++round) {
        x = philox_round(key, x);
        key = next_key(key);
    }
    return x;
}

// Uniform in [0, 1): the upper 53 bits over 2^53.
inline double uniform(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

}  // namespace pynn_native
