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

inline std::array<std::uint64_t, 4> philox_round(Key key, const std::array<std::uint64_t, 4>& x) {
    const auto first = static_cast<unsigned __int128>(0xD2E7470EE14C6C93ull) * x[0];
    const auto second = static_cast<unsigned __int128>(0xCA5A826395121157ull) * x[2];
    return {static_cast<std::uint64_t>(second >> 64) ^ x[1] ^ key.low, static_cast<std::uint64_t>(second),
            static_cast<std::uint64_t>(first >> 64) ^ x[3] ^ key.high, static_cast<std::uint64_t>(first)};
}

inline std::array<std::uint64_t, 4> philox(Key key, std::array<std::uint64_t, 4> x) {
    for (int round = 0; round < 10; ++round) {
        x = philox_round(key, x);
        key.low += 0x9E3779B97F4A7C15ull;
        key.high += 0xBB67AE8584CAA73Bull;
    }
    return x;
}

// The same for many counters: the keys of all rounds are computed once.
class RoundKeys {
public:
    explicit RoundKeys(Key key) {
        for (Key& round : rounds_) {
            round = key;
            key.low += 0x9E3779B97F4A7C15ull;
            key.high += 0xBB67AE8584CAA73Bull;
        }
    }
    std::array<std::uint64_t, 4> at(std::array<std::uint64_t, 4> x) const {
        for (const Key& key : rounds_) x = philox_round(key, x);
        return x;
    }

private:
    std::array<Key, 10> rounds_;
};

// Uniform in [0, 1): the upper 53 bits over 2^53.
inline double uniform(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

}  // namespace pynn_native
