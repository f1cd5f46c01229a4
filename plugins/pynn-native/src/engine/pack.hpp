// Several numbers side by side, in vectors of 16, 32 or 64 bytes.
#pragma once

#include "kernels.hpp"
#include "values.hpp"

namespace pynn_native {

template <std::size_t kBytes>
struct Wide;

#define PYNN_NATIVE_WIDE(bytes)                                                   \
    template <>                                                                   \
    struct Wide<bytes> {                                                          \
        static constexpr std::size_t kLanes = bytes / 8;                          \
        typedef double Pack __attribute__((vector_size(bytes), may_alias));       \
        typedef std::int64_t Mask __attribute__((vector_size(bytes), may_alias)); \
        typedef std::uint64_t Bits __attribute__((vector_size(bytes), may_alias)); \
    };
PYNN_NATIVE_WIDE(8)
PYNN_NATIVE_WIDE(16)
PYNN_NATIVE_WIDE(32)
PYNN_NATIVE_WIDE(64)
#undef PYNN_NATIVE_WIDE

// Memory of a tile, as vectors of W; tiles begin at multiples of 64 bytes (values.hpp).
//
// Comparisons of vectors become scalar code on some compilers (GCC 12 with AVX-512), so everything that is asked of a
// number is asked of its sign bit: bitwise operations are fast everywhere.
template <class W>
struct Tile {
    using Pack = typename W::Pack;
    using Mask = typename W::Mask;
    static_assert(kTile % W::kLanes == 0, "a tile is a whole number of packs");

    static PYNN_NATIVE_INLINE Pack& at(double* place) { return *reinterpret_cast<Pack*>(place); }
    static PYNN_NATIVE_INLINE const Pack& at(const double* place) { return *reinterpret_cast<const Pack*>(place); }
    static PYNN_NATIVE_INLINE const Mask& at(const std::int64_t* place) {
        return *reinterpret_cast<const Mask*>(place);
    }
    static PYNN_NATIVE_INLINE Mask bits(const Pack& values) { return reinterpret_cast<const Mask&>(values); }
    static PYNN_NATIVE_INLINE Pack select(const Mask& chosen, const Pack& yes, const Pack& no) {
        const Mask result = (bits(yes) & chosen) | (bits(no) & ~chosen);
        return reinterpret_cast<const Pack&>(result);
    }
    static PYNN_NATIVE_INLINE bool any_negative(const Mask& values) {
        std::int64_t all = 0;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) all |= values[lane];
        return all < 0;
    }
    static PYNN_NATIVE_INLINE bool all_negative(const Mask& values) { return !any_negative(~values); }
};

}  // namespace pynn_native
