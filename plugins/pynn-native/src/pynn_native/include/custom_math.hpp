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

// What cells are computed in. (An equation's file says so before it includes this one.)
typedef PYNN_NUMBER number;

template <class Whole, class From>
PYNN_INLINE Whole same_bits(From from) {
    static_assert(sizeof(Whole) == sizeof(From), "as wide as each other");
    Whole whole;
    std::memcpy(&whole, &from, sizeof whole);
    return whole;
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
    const std::uint64_t exponent = same_bits<std::uint64_t>(shifted) << 52;
    const double power = same_bits<double>(same_bits<std::uint64_t>(p) + exponent);
    const double above = x > 700.0 ? std::numeric_limits<double>::infinity() : power;
    const double within = x < -700.0 ? 0.0 : above;
    return x != x ? x : within;
}

// e^x to about 1e-7 relative, in the same way, by a polynomial of degree 7. Above 88 the result is inf, below -87 it is 0.
PYNN_INLINE float f_exp(float x) {
    const float magic = 12582912.0f;  // 1.5 × 2^23
    const float low = x < -87.0f ? -87.0f : x, y = low > 88.0f ? 88.0f : low;
    const float shifted = y * 1.44269504f + magic, n = shifted - magic;
    const float r = (y - n * 0.693359375f) - n * -2.12194440e-04f, r2 = r * r;
    float even = 1.38888889e-03f;
    even = even * r2 + 4.16666667e-02f;
    even = even * r2 + 0.5f;
    float odd = 1.98412698e-04f;
    odd = odd * r2 + 8.33333333e-03f;
    odd = odd * r2 + 1.66666667e-01f;
    const float p = 1.0f + (r + (even * r2 + odd * (r2 * r)));
    const std::uint32_t exponent = same_bits<std::uint32_t>(shifted) << 23;
    const float power = same_bits<float>(same_bits<std::uint32_t>(p) + exponent);
    const float above = x > 88.0f ? std::numeric_limits<float>::infinity() : power;
    const float within = x < -87.0f ? 0.0f : above;
    return x != x ? x : within;
}

// (e^x - 1) / x, by its series where e^x - 1 cancels: for |x| < 0.01, and in 32 bits for |x| < 0.5.
PYNN_INLINE number f_exprel(number x) {
    number series = number(1.0 / 5040.0);
    series = series * x + number(1.0 / 720.0);
    series = series * x + number(1.0 / 120.0);
    series = series * x + number(1.0 / 24.0);
    series = series * x + number(1.0 / 6.0);
    series = series * x + number(0.5);
    series = series * x + number(1.0);
    const bool near = x * x < number(sizeof(number) == 8 ? 1e-4 : 0.25);
    return near ? series : (f_exp(x) - 1) / (near ? 1 : x);
}

PYNN_INLINE number f_abs(number x) { return std::fabs(x); }
PYNN_INLINE number f_sqrt(number x) { return std::sqrt(x); }
PYNN_INLINE number f_floor(number x) { return std::floor(x); }
PYNN_INLINE number f_ceil(number x) { return std::ceil(x); }
// No number where one of both is none, as in NumPy.
PYNN_INLINE number f_maximum(number x, number y) { return x > y || x != x ? x : y; }
PYNN_INLINE number f_minimum(number x, number y) { return x < y || x != x ? x : y; }
PYNN_INLINE number f_sign(number x) { return x > 0 ? number(1) : x < 0 ? number(-1) : x; }
PYNN_INLINE number f_log(number x) { return std::log(x); }
PYNN_INLINE number f_log10(number x) { return std::log10(x); }
PYNN_INLINE number f_log2(number x) { return std::log2(x); }
PYNN_INLINE number f_sin(number x) { return std::sin(x); }
PYNN_INLINE number f_cos(number x) { return std::cos(x); }
PYNN_INLINE number f_tan(number x) { return std::tan(x); }
PYNN_INLINE number f_sinh(number x) { return std::sinh(x); }
PYNN_INLINE number f_cosh(number x) { return std::cosh(x); }
PYNN_INLINE number f_tanh(number x) { return std::tanh(x); }
PYNN_INLINE number f_arcsin(number x) { return std::asin(x); }
PYNN_INLINE number f_arccos(number x) { return std::acos(x); }
PYNN_INLINE number f_arctan(number x) { return std::atan(x); }
PYNN_INLINE number f_arctan2(number y, number x) { return std::atan2(y, x); }
PYNN_INLINE number f_hypot(number x, number y) { return std::hypot(x, y); }
PYNN_INLINE number f_pow(number x, number y) { return std::pow(x, y); }

// The rest has the sign of the divisor, and the quotient is rounded down, as in Python.
PYNN_INLINE number f_mod(number x, number y) {
    const number rest = std::fmod(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}
PYNN_INLINE number f_floor_divide(number x, number y) { return std::floor((x - f_mod(x, y)) / y + number(0.5)); }

}  // namespace
