// Functions of vectors, the same bits for every width: additions, multiplications and bit operations alone.
#pragma once

#include "pack.hpp"

namespace pynn_native {

// e^x to about 1e-16 relative, for |x| ≤ 700; beyond, as for ±700.
//
// x = n ln 2 + r with |r| ≤ ln 2 / 2; the Taylor polynomial of degree 13 errs by less than 4e-18 there. n is found by
// adding 1.5 × 2^52, after which the lowest bits of the sum are n; these bits become the exponent of the result.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exp_of(typename W::Pack x) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Mask = typename W::Mask;
    const Pack low = Pack{} - 700.0, high = Pack{} + 700.0;
    x = T::select(T::bits(x - low) >> 63, low, x);
    x = T::select(T::bits(high - x) >> 63, high, x);
    const Pack magic = Pack{} + 6755399441055744.0;  // 1.5 × 2^52
    const Pack shifted = x * 1.4426950408889634 + magic;
    const Pack n = shifted - magic;
    // ln 2 in two parts, the first of few enough digits that its multiples are exact.
    const Pack r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    const Pack r2 = r * r;
    Pack even = Pack{} + 2.08767569878680989792e-09;  // 1 / 12!
    even = even * r2 + 2.75573192239858906526e-07;     // 1 / 10!
    even = even * r2 + 2.48015873015873015873e-05;     // 1 / 8!
    even = even * r2 + 1.38888888888888888889e-03;     // 1 / 6!
    even = even * r2 + 4.16666666666666666667e-02;     // 1 / 4!
    even = even * r2 + 0.5;
    Pack odd = Pack{} + 1.60590438368216145994e-10;    // 1 / 13!
    odd = odd * r2 + 2.50521083854417187751e-08;       // 1 / 11!
    odd = odd * r2 + 2.75573192239858906526e-06;       // 1 / 9!
    odd = odd * r2 + 1.98412698412698412698e-04;       // 1 / 7!
    odd = odd * r2 + 8.33333333333333333333e-03;       // 1 / 5!
    odd = odd * r2 + 1.66666666666666666667e-01;       // 1 / 3!
    const Pack p = 1.0 + (r + (even * r2 + odd * (r2 * r)));
    const Mask result = T::bits(p) + (T::bits(shifted) << 52);
    return reinterpret_cast<const Pack&>(result);
}

// The smaller of both.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack least(const typename W::Pack& a, const typename W::Pack& b) {
    using T = Tile<W>;
    return T::select(T::bits(a - b) >> 63, a, b);
}

// x / (e^x - 1), given e^x; near 0, where that cancels, its series 1 - x / 2 + x² / 12.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack exprel_inverse(const typename W::Pack& x, const typename W::Pack& power) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    const auto near = T::bits(x * x - (Pack{} + 1e-8)) >> 63;
    const Pack series = 1.0 - 0.5 * x + x * x * (1.0 / 12.0);
    const Pack below = T::select(near, Pack{} + 1.0, power - 1.0);
    return T::select(near, series, x / below);
}

}  // namespace pynn_native
