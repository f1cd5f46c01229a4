// Functions that the cells and synapses share: propagators, and random numbers at any place of a keyed stream.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

namespace cawan {

// (1 - e^-x) / x, 1 at 0.
inline double phi1(double x) { return x == 0.0 ? 1.0 : -std::expm1(-x) / x; }

// (1 - (1 + x) e^-x) / x^2, 1/2 at 0; by its series where the closed form cancels.
inline double phi2(double x) {
    if (std::abs(x) >= 0.25) return (-std::expm1(-x) - x * std::exp(-x)) / (x * x);
    double sum = 0.0, term = 1.0;
    for (int k = 0; k < 12; ++k) {
        sum += term / (k + 2);
        term *= -x / (k + 1);
    }
    return sum;
}

// x / (e^x - 1), 1 at 0.
inline double exprel_inverse(double x) { return x == 0.0 ? 1.0 : x / std::expm1(x); }

// What s must be, per weight, for g to peak at the weight; dg/dt = s - g / decay, ds/dt = -s / rise.
inline double peak_factor(double rise, double decay) {
    const double r = 1 / rise, d = 1 / decay;
    const bool near = std::abs(r - d) < 1e-7 * d;
    const double peak = near ? 1 / d : std::log(r / d) / (r - d);
    return d * std::exp(r * peak);
}

// The 128-bit key of a block's stream.
struct Key {
    std::uint64_t low = 0, high = 0;
};

// Philox4x64-10 (Salmon, Moraes, Dror & Shaw 2011); PyNN's reference page "Random streams" says what is drawn where.
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

}  // namespace cawan
