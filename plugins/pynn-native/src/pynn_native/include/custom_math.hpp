// The functions of equations, one number at a time, without branches where a compiler can then make vectors of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

// One function for each width of vectors, chosen when the library is loaded; all compute the same bits.
#if defined(PYNN_CLONES)
#elif defined(__x86_64__) && defined(__linux__) && !defined(__clang__)
#define PYNN_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PYNN_CLONES
#endif

// The columns of a block do not overlap.
#if defined(__clang__)
#define PYNN_SIDE_BY_SIDE _Pragma("clang loop vectorize(assume_safety)")
#else
#define PYNN_SIDE_BY_SIDE _Pragma("GCC ivdep")
#endif

#define PYNN_INLINE static inline __attribute__((always_inline))

namespace {

PYNN_INLINE std::int64_t bits_of(double x) {
    std::int64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

PYNN_INLINE double double_of(std::int64_t bits) {
    double x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

// e^x to about 1e-16 relative, as in the engine's vmath.hpp: x = n ln 2 + r with |r| ≤ ln 2 / 2, and a Taylor polynomial
// of degree 13. Above 700 the result is inf, below -700 it is 0.
PYNN_INLINE double f_exp(double x) {
    const double magic = 6755399441055744.0;  // 1.5 × 2^52: the lowest bits of a sum with it are the nearest integer
    const double low = x < -700.0 ? -700.0 : x, y = low > 700.0 ? 700.0 : low;
    const double shifted = y * 1.4426950408889634 + magic, n = shifted - magic;
    const double r = (y - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10, r2 = r * r;
    double even = 2.08767569878680989792e-09;
    even = even * r2 + 2.75573192239858906526e-07;
    even = even * r2 + 2.48015873015873015873e-05;
    even = even * r2 + 1.38888888888888888889e-03;
    even = even * r2 + 4.16666666666666666667e-02;
    even = even * r2 + 0.5;
    double odd = 1.60590438368216145994e-10;
    odd = odd * r2 + 2.50521083854417187751e-08;
    odd = odd * r2 + 2.75573192239858906526e-06;
    odd = odd * r2 + 1.98412698412698412698e-04;
    odd = odd * r2 + 8.33333333333333333333e-03;
    odd = odd * r2 + 1.66666666666666666667e-01;
    const double p = 1.0 + (r + (even * r2 + odd * (r2 * r)));
    const std::uint64_t exponent = static_cast<std::uint64_t>(bits_of(shifted)) << 52;
    const double power = double_of(bits_of(p) + static_cast<std::int64_t>(exponent));
    const double above = x > 700.0 ? std::numeric_limits<double>::infinity() : power;
    const double within = x < -700.0 ? 0.0 : above;
    return x != x ? x : within;
}

// (e^x - 1) / x, near 0 by its series.
PYNN_INLINE double f_exprel(double x) {
    double series = 1.0 / 5040.0;
    series = series * x + 1.0 / 720.0;
    series = series * x + 1.0 / 120.0;
    series = series * x + 1.0 / 24.0;
    series = series * x + 1.0 / 6.0;
    series = series * x + 0.5;
    series = series * x + 1.0;
    const bool near = x * x < 1e-4;
    return near ? series : (f_exp(x) - 1) / (near ? 1.0 : x);
}

PYNN_INLINE double f_abs(double x) { return std::fabs(x); }
PYNN_INLINE double f_sqrt(double x) { return std::sqrt(x); }
PYNN_INLINE double f_floor(double x) { return std::floor(x); }
PYNN_INLINE double f_ceil(double x) { return std::ceil(x); }
// No number where one of both is none, as in NumPy.
PYNN_INLINE double f_maximum(double x, double y) { return x > y || x != x ? x : y; }
PYNN_INLINE double f_minimum(double x, double y) { return x < y || x != x ? x : y; }
PYNN_INLINE double f_sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
PYNN_INLINE double f_log(double x) { return std::log(x); }
PYNN_INLINE double f_log10(double x) { return std::log10(x); }
PYNN_INLINE double f_log2(double x) { return std::log2(x); }
PYNN_INLINE double f_sin(double x) { return std::sin(x); }
PYNN_INLINE double f_cos(double x) { return std::cos(x); }
PYNN_INLINE double f_tan(double x) { return std::tan(x); }
PYNN_INLINE double f_sinh(double x) { return std::sinh(x); }
PYNN_INLINE double f_cosh(double x) { return std::cosh(x); }
PYNN_INLINE double f_tanh(double x) { return std::tanh(x); }
PYNN_INLINE double f_arcsin(double x) { return std::asin(x); }
PYNN_INLINE double f_arccos(double x) { return std::acos(x); }
PYNN_INLINE double f_arctan(double x) { return std::atan(x); }
PYNN_INLINE double f_arctan2(double y, double x) { return std::atan2(y, x); }
PYNN_INLINE double f_hypot(double x, double y) { return std::hypot(x, y); }
PYNN_INLINE double f_pow(double x, double y) { return std::pow(x, y); }

// The rest has the sign of the divisor, and the quotient is rounded down, as in Python.
PYNN_INLINE double f_mod(double x, double y) {
    const double rest = std::fmod(x, y);
    return rest != 0.0 && (rest < 0.0) != (y < 0.0) ? rest + y : rest;
}
PYNN_INLINE double f_floor_divide(double x, double y) { return std::floor((x - f_mod(x, y)) / y + 0.5); }

}  // namespace
