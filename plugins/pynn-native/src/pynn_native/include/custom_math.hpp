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

// sum x^n + lower[0] x^(n-1) + … + lower[n-1]
template <class Number, class... Rest>
PYNN_INLINE Number horner(Number x, Number sum, Rest... lower) {
    ((sum = sum * x + Number(lower)), ...);
    return sum;
}

// How e^x is taken to pieces, as in the engine's vmath.hpp: from where to where it is computed, the number whose sums have
// the nearest integer in their lowest bits, ln 2 in two parts, where the exponent begins, and the even and odd terms of a
// Taylor polynomial, of degree 13 or in 32 bits 7.
template <class Number>
struct Exp;
template <>
struct Exp<double> {
    typedef std::uint64_t Bits;
    static constexpr double kLeast = -700.0, kMost = 700.0, kMagic = 6755399441055744.0;  // 1.5 × 2^52
    static constexpr double kLn2 = 6.93147180369123816490e-01, kRest = 1.90821492927058770002e-10;
    static constexpr int kExponent = 52;
    PYNN_INLINE double even(double r2) {
        return horner(r2, 2.08767569878680989792e-09, 2.75573192239858906526e-07, 2.48015873015873015873e-05,
                      1.38888888888888888889e-03, 4.16666666666666666667e-02, 0.5);
    }
    PYNN_INLINE double odd(double r2) {
        return horner(r2, 1.60590438368216145994e-10, 2.50521083854417187751e-08, 2.75573192239858906526e-06,
                      1.98412698412698412698e-04, 8.33333333333333333333e-03, 1.66666666666666666667e-01);
    }
};
template <>
struct Exp<float> {
    typedef std::uint32_t Bits;
    static constexpr float kLeast = -87.0f, kMost = 88.0f, kMagic = 12582912.0f;  // 1.5 × 2^23
    static constexpr float kLn2 = 0.693359375f, kRest = -2.12194440e-04f;
    static constexpr int kExponent = 23;
    PYNN_INLINE float even(float r2) { return horner(r2, 1.38888889e-03f, 4.16666667e-02f, 0.5f); }
    PYNN_INLINE float odd(float r2) { return horner(r2, 1.98412698e-04f, 8.33333333e-03f, 1.66666667e-01f); }
};

// e^x to about 1e-16 relative, in 32 bits 1e-7: x = n ln 2 + r with |r| ≤ ln 2 / 2. Above Exp::kMost the result is inf,
// below Exp::kLeast it is 0.
template <class Number>
PYNN_INLINE Number f_exp(Number x) {
    using E = Exp<Number>;
    const Number low = x < E::kLeast ? E::kLeast : x, y = low > E::kMost ? E::kMost : low;
    const Number shifted = y * Number(1.4426950408889634) + E::kMagic, n = shifted - E::kMagic;
    const Number r = (y - n * E::kLn2) - n * E::kRest, r2 = r * r;
    const Number p = Number(1) + (r + (E::even(r2) * r2 + E::odd(r2) * (r2 * r)));
    using Bits = typename E::Bits;
    const Number power = same_bits<Number>(same_bits<Bits>(p) + (same_bits<Bits>(shifted) << E::kExponent));
    const Number above = x > E::kMost ? std::numeric_limits<Number>::infinity() : power;
    const Number within = x < E::kLeast ? Number(0) : above;
    return x != x ? x : within;
}

// (e^x - 1) / x, by its series where e^x - 1 cancels: for |x| < 0.01, and in 32 bits for |x| < 0.5.
PYNN_INLINE number f_exprel(number x) {
    const number series =
        horner(x, number(1.0 / 5040.0), 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0);
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
