// Words of 64 bits as sets.
#pragma once

#include <cstdint>
#include <cstring>

#include "values.hpp"

namespace pynn_native {

// The number of bits that are 1, without an instruction that some processors lack.
inline std::uint32_t count_bits(std::uint64_t x) {
    x -= x >> 1 & 0x5555555555555555ull;
    x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Full;
    return static_cast<std::uint32_t>(x * 0x0101010101010101ull >> 56);
}

// The place of the lowest bit that is 1; there must be one.
inline unsigned lowest_bit(std::uint64_t bits) { return static_cast<unsigned>(__builtin_ctzll(bits)); }

// A number as its bits: negative where the sign is.
inline std::int64_t bits_of(double x) {
    std::int64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

inline std::int32_t bits_of(float x) {
    std::int32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

// Where sign(k) is negative, do each(k): for signs that rarely are. Eight are looked at together, as a loop without a way
// out is fast.
template <class Sign, class Each>
void each_negative(Range range, Sign sign, Each each) {
    constexpr std::size_t kGroup = 8;
    const std::size_t grouped = range.first + range.size() / kGroup * kGroup;
    for (std::size_t first = range.first; first < grouped; first += kGroup) {
        decltype(sign(first)) some = 0;
        for (std::size_t k = first; k < first + kGroup; ++k) some |= sign(k);
        for (std::size_t k = first; some < 0 && k < first + kGroup; ++k) {
            if (sign(k) < 0) each(k);
        }
    }
    for (std::size_t k = grouped; k < range.last; ++k) {
        if (sign(k) < 0) each(k);
    }
}

}  // namespace pynn_native
