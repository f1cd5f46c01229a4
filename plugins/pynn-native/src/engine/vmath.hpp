// Functions of vectors, the same bits for every width: fused products and sums, and bit operations alone.
#pragma once

#include "pack.hpp"

namespace pynn_native {

// A number in each lane.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack pack_of(double value) {
    return typename W::Pack{} + static_cast<typename W::Number>(value);
}

// c[0] + c[1] x + c[2] x² + … for the given coefficients, from the highest on.
template <class W, class... Rest>
PYNN_NATIVE_INLINE typename W::Pack horner(const typename W::Pack& x, typename W::Pack sum, Rest... lower) {
    ((sum = fused<W>(sum, x, pack_of<W>(lower))), ...);
    return sum;
}

// e^x by its Taylor polynomial. For |x| ≤ ln 2 / 2 what is left out is below 4e-18 in relative terms, the x^14 / 14! of a
// polynomial of degree 13, and in 32 bits below 6e-9, the x^8 / 8! of one of degree 7; beyond, it is as much.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exp_near_0(const typename W::Pack& x) {
    using Pack = typename W::Pack;
    const Pack x2 = x * x;
    Pack even, odd;  // 1 / 12!, 1 / 10!, … 1 / 2!, and 1 / 13!, 1 / 11!, … 1 / 3!
    if constexpr (sizeof(typename W::Number) == 8) {
        even = horner<W>(x2, pack_of<W>(2.08767569878680989792e-09), 2.75573192239858906526e-07,
                         2.48015873015873015873e-05, 1.38888888888888888889e-03, 4.16666666666666666667e-02, 0.5);
        odd = horner<W>(x2, pack_of<W>(1.60590438368216145994e-10), 2.50521083854417187751e-08,
                        2.75573192239858906526e-06, 1.98412698412698412698e-04, 8.33333333333333333333e-03,
                        1.66666666666666666667e-01);
    } else {
        even = horner<W>(x2, pack_of<W>(1.38888888888888888889e-03), 4.16666666666666666667e-02, 0.5);
        odd = horner<W>(x2, pack_of<W>(1.98412698412698412698e-04), 8.33333333333333333333e-03, 1.66666666666666666667e-01);
    }
    return pack_of<W>(1.0) + fused<W>(fused<W>(odd, x, even), x2, x);
}

// How e^x is taken to pieces: up to which |x|, the number whose sums have whole numbers in their lowest bits, ln 2 in two
// parts, the first of few enough digits that its multiples are exact, and where the exponent begins.
template <class Number>
struct ExpPieces {
    static constexpr double kMost = 700.0, kMagic = 6755399441055744.0;  // 1.5 × 2^52
    static constexpr double kLn2 = 6.93147180369123816490e-01, kRest = 1.90821492927058770002e-10;
    static constexpr int kExponent = 52;
};
template <>
struct ExpPieces<float> {
    static constexpr double kMost = 80.0, kMagic = 12582912.0;  // 1.5 × 2^23
    static constexpr double kLn2 = 0.693359375, kRest = -2.12194440054690582e-04;
    static constexpr int kExponent = 23;
};

// e^x to about 1e-16 relative for |x| ≤ 700, to 1e-7 in 32 bits for |x| ≤ 80; beyond, as there.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2. n is found by adding 1.5 × 2^52 (2^23), after which the lowest bits of the sum are n;
// these bits become the exponent of the result.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exp_of(typename W::Pack x) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Mask = typename W::Mask;
    using Pieces = ExpPieces<typename W::Number>;
    const Pack low = pack_of<W>(-Pieces::kMost), high = pack_of<W>(Pieces::kMost);
    x = T::select(T::negative(x - low), low, x);
    x = T::select(T::negative(high - x), high, x);
    const Pack magic = pack_of<W>(Pieces::kMagic);
    const Pack shifted = fused<W>(x, pack_of<W>(1.4426950408889634), magic);
    const Pack n = shifted - magic;
    const Pack most = fused<W>(n, pack_of<W>(-Pieces::kLn2), x);
    const Pack p = exp_near_0<W>(fused<W>(n, pack_of<W>(-Pieces::kRest), most));
    const Mask result = T::bits(p) + (T::bits(shifted) << Pieces::kExponent);
    return reinterpret_cast<const Pack&>(result);
}

// The smaller of both.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack least(const typename W::Pack& a, const typename W::Pack& b) {
    using T = Tile<W>;
    return T::select(T::negative(a - b), a, b);
}

// x / (e^x - 1), given e^x, as a fraction, since one division serves many. Where e^x - 1 cancels (|x| < 1e-5), it is
// 1 / (1 + x / 2); in 32 bits, where it cancels from |x| < 0.5 on, 1 / (1 + x / 2 + … + x^6 / 7!), 2e-7 off at most.
template <class W>
class ExprelInverse {
    using T = Tile<W>;
    using Pack = typename W::Pack;

public:
    PYNN_NATIVE_INLINE ExprelInverse(const Pack& x, const Pack& power) {
        const Pack one = pack_of<W>(1.0);
        typename W::Mask near;
        Pack series;
        if constexpr (sizeof(typename W::Number) == 8) {
            near = T::negative(fused<W>(x, x, pack_of<W>(-1e-10)));
            series = fused<W>(x, pack_of<W>(0.5), one);
        } else {
            near = T::negative(fused<W>(x, x, pack_of<W>(-0.25)));
            series = horner<W>(x, pack_of<W>(1.98412698412698412698e-04), 1.38888888888888888889e-03,
                               8.33333333333333333333e-03, 4.16666666666666666667e-02, 1.66666666666666666667e-01, 0.5, 1.0);
        }
        above_ = T::select(near, one, x);
        below_ = T::select(near, series, power - one);
    }
    PYNN_NATIVE_INLINE const Pack& above() const { return above_; }
    PYNN_NATIVE_INLINE const Pack& below() const { return below_; }

private:
    Pack above_, below_;
};

}  // namespace pynn_native
