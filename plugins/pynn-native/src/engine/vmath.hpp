// Functions of vectors, the same bits for every width: fused products and sums, and bit operations alone.
#pragma once

#include "pack.hpp"

namespace pynn_native {

// c[0] + c[1] x + c[2] x² + … for the given coefficients, from the highest on.
template <class W, class... Rest>
PYNN_NATIVE_INLINE typename W::Pack horner(const typename W::Pack& x, typename W::Pack sum, Rest... lower) {
    ((sum = fused<W>(sum, x, typename W::Pack{} + lower)), ...);
    return sum;
}

// e^x by its Taylor polynomial of degree 13, whose relative error is below 4e-18 for |x| ≤ ln 2 / 2 and x^14 / 14! beyond.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exp_near_0(const typename W::Pack& x) {
    using Pack = typename W::Pack;
    const Pack x2 = x * x;
    // 1 / 12!, 1 / 10!, … 1 / 2!, and 1 / 13!, 1 / 11!, … 1 / 3!
    const Pack even = horner<W>(x2, Pack{} + 2.08767569878680989792e-09, 2.75573192239858906526e-07,
                                2.48015873015873015873e-05, 1.38888888888888888889e-03, 4.16666666666666666667e-02, 0.5);
    const Pack odd = horner<W>(x2, Pack{} + 1.60590438368216145994e-10, 2.50521083854417187751e-08,
                               2.75573192239858906526e-06, 1.98412698412698412698e-04, 8.33333333333333333333e-03,
                               1.66666666666666666667e-01);
    return 1.0 + fused<W>(fused<W>(odd, x, even), x2, x);
}

// e^x to about 1e-16 relative, for |x| ≤ 700; beyond, as for ±700.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2. n is found by adding 1.5 × 2^52, after which the lowest bits of the sum are n; these
// bits become the exponent of the result.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exp_of(typename W::Pack x) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Mask = typename W::Mask;
    const Pack low = Pack{} - 700.0, high = Pack{} + 700.0;
    x = T::select(T::bits(x - low) >> 63, low, x);
    x = T::select(T::bits(high - x) >> 63, high, x);
    const Pack magic = Pack{} + 6755399441055744.0;  // 1.5 × 2^52
    const Pack shifted = fused<W>(x, Pack{} + 1.4426950408889634, magic);
    const Pack n = shifted - magic;
    // ln 2 in two parts, the first of few enough digits that its multiples are exact.
    const Pack most = fused<W>(n, Pack{} - 6.93147180369123816490e-01, x);
    const Pack p = exp_near_0<W>(fused<W>(n, Pack{} - 1.90821492927058770002e-10, most));
    const Mask result = T::bits(p) + (T::bits(shifted) << 52);
    return reinterpret_cast<const Pack&>(result);
}

// The smaller of both.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack least(const typename W::Pack& a, const typename W::Pack& b) {
    using T = Tile<W>;
    return T::select(T::bits(a - b) >> 63, a, b);
}

// x / (e^x - 1), given e^x, as a fraction, since one division serves many. Where e^x - 1 cancels (|x| < 1e-5), it is
// 1 / (1 + x / 2).
template <class W>
class ExprelInverse {
    using T = Tile<W>;
    using Pack = typename W::Pack;

public:
    PYNN_NATIVE_INLINE ExprelInverse(const Pack& x, const Pack& power) {
        const auto near = T::bits(fused<W>(x, x, Pack{} - 1e-10)) >> 63;
        const Pack one = Pack{} + 1.0;
        above_ = T::select(near, one, x);
        below_ = T::select(near, fused<W>(x, Pack{} + 0.5, one), power - one);
    }
    PYNN_NATIVE_INLINE const Pack& above() const { return above_; }
    PYNN_NATIVE_INLINE const Pack& below() const { return below_; }

private:
    Pack above_, below_;
};

}  // namespace pynn_native
