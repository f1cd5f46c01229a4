// Random numbers at any place of a keyed stream: Philox4x64-10 as a function of its counter.
// Salmon, Moraes, Dror & Shaw (2011), SC'11, "Parallel random numbers: as easy as 1, 2, 3".
#pragma once
#include <cstdint>

namespace cawan {
// A key of 128 bits as mechanisms keep it: four doubles that hold 32 bits each, the lowest first.
struct Key {
    std::uint64_t low, high;
    template <class Words>
    explicit Key(Words&& words)
        : low(static_cast<std::uint64_t>(words[0]) | static_cast<std::uint64_t>(words[1]) << 32),
          high(static_cast<std::uint64_t>(words[2]) | static_cast<std::uint64_t>(words[3]) << 32) {}
};

// A uniform double in [0, 1): the upper 53 bits of word 0 to 3 of the output for the counter (c0, c1, c2, c3).
inline double uniform_at(Key key, int word, std::uint64_t c0, std::uint64_t c1, std::uint64_t c2, std::uint64_t c3) {
    using Wide = unsigned __int128;
    for (int round = 0; round < 10; ++round) {
        const Wide wide_0 = static_cast<Wide>(0xD2E7470EE14C6C93u) * c0;
        const Wide wide_1 = static_cast<Wide>(0xCA5A826395121157u) * c2;
        c0 = static_cast<std::uint64_t>(wide_1 >> 64) ^ c1 ^ key.low;
        c2 = static_cast<std::uint64_t>(wide_0 >> 64) ^ c3 ^ key.high;
        c1 = static_cast<std::uint64_t>(wide_1);
        c3 = static_cast<std::uint64_t>(wide_0);
        key.low += 0x9E3779B97F4A7C15u;
        key.high += 0xBB67AE8584CAA73Bu;
    }
    const std::uint64_t words[4] = {c0, c1, c2, c3};
    return static_cast<double>(words[word] >> 11) * 0x1.0p-53;
}
}  // namespace cawan
