// Eight numbers side by side, as wide as the widest vectors; where vectors are narrower the compiler splits them.
#pragma once

#include "kernels.hpp"
#include "values.hpp"

namespace pynn_native {

#if !defined(__GNUC__) && !defined(__clang__)
#error "The engine needs the vector extensions of GCC or Clang (on Windows: clang-cl)."
#endif

constexpr std::size_t kLanes = 8;
static_assert(kTile % kLanes == 0, "a tile is a whole number of packs");

typedef double Pack __attribute__((vector_size(64), may_alias));
typedef std::int64_t Mask __attribute__((vector_size(64), may_alias));

// Memory of a tile, eight at a time; tiles begin at multiples of 64 bytes (values.hpp).
PYNN_NATIVE_INLINE Pack& pack(double* at) { return *reinterpret_cast<Pack*>(at); }
PYNN_NATIVE_INLINE const Pack& pack(const double* at) { return *reinterpret_cast<const Pack*>(at); }

PYNN_NATIVE_INLINE const Mask& mask(const std::int64_t* at) { return *reinterpret_cast<const Mask*>(at); }

// Comparisons of vectors become scalar code on some compilers (GCC 12 with AVX-512), so everything that is asked of a
// number is asked of its sign bit: bitwise operations are fast everywhere.
PYNN_NATIVE_INLINE Mask bits(const Pack& values) { return reinterpret_cast<const Mask&>(values); }
PYNN_NATIVE_INLINE Pack select(const Mask& chosen, const Pack& yes, const Pack& no) {
    const Mask result = (bits(yes) & chosen) | (bits(no) & ~chosen);
    return reinterpret_cast<const Pack&>(result);
}
PYNN_NATIVE_INLINE bool any_negative(const Mask& values) {
    std::int64_t all = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) all |= values[lane];
    return all < 0;
}
PYNN_NATIVE_INLINE bool all_negative(const Mask& values) { return !any_negative(~values); }

}  // namespace pynn_native
