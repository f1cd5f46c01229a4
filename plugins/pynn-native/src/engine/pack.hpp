// Several numbers side by side, in vectors of 16, 32 or 64 bytes.
#pragma once

#include <cmath>
#include <cstring>

#if !defined(__clang__) && defined(__x86_64__)
#include <immintrin.h>
#endif

#include "column.hpp"
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
    // Bytes as numbers: each goes into the lowest bits of 2^52, which is then taken away. (Compilers turn plain loops into
    // much more.)
    static PYNN_NATIVE_INLINE Pack numbers(const std::uint8_t* place) {
        const Pack magic = Pack{} + 0x1p52;
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, place, W::kLanes);
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (W::kLanes == 8) {
            typedef char Bytes __attribute__((vector_size(16)));
            typedef std::uint64_t Two __attribute__((vector_size(16)));
            typedef long long Words __attribute__((vector_size(64)));
            const auto words =
                __builtin_ia32_pmovzxbq512_mask((Bytes)Two{bytes, 0}, Words{}, static_cast<__mmask8>(-1));
            return (Pack)((typename W::Bits)words | (typename W::Bits)magic) - magic;
        }
#endif
        typename W::Bits shift;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) shift[lane] = 8 * lane;
        return (Pack)(((typename W::Bits{} + bytes) >> shift & 0xFF) | (typename W::Bits)magic) - magic;
    }
    // A bit for each that is negative.
    static PYNN_NATIVE_INLINE std::uint64_t signs(const Mask& values) {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (W::kLanes == 8) {
            typedef long long Words __attribute__((vector_size(64)));
            const Mask sign = Mask{} + std::numeric_limits<std::int64_t>::min();
            return __builtin_ia32_ptestmq512((Words)values, (Words)sign, static_cast<__mmask8>(-1));
        }
        if constexpr (W::kLanes == 4) return static_cast<std::uint64_t>(__builtin_ia32_movmskpd256((__v4df)values));
#endif
        std::uint64_t found = 0;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
            found |= (static_cast<std::uint64_t>(values[lane]) >> 63) << lane;
        }
        return found;
    }
    static PYNN_NATIVE_INLINE bool any_negative(const Mask& values) {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (W::kLanes >= 4) return signs(values) != 0;
#endif
        std::int64_t all = 0;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) all |= values[lane];
        return all < 0;
    }
    static PYNN_NATIVE_INLINE bool all_negative(const Mask& values) { return !any_negative(~values); }
};

#if !defined(__clang__) && defined(__x86_64__)
// GCC has no name for this on vectors, and takes a loop of std::fma to pieces now and then. The intrinsics cannot be
// inlined into a template without a target; what they are made of can.
PYNN_NATIVE_INLINE __m512d fused_of(const __m512d& a, const __m512d& b, const __m512d& c) {
    return __builtin_ia32_vfmaddpd512_mask(a, b, c, static_cast<__mmask8>(-1), _MM_FROUND_CUR_DIRECTION);
}
PYNN_NATIVE_INLINE __m256d fused_of(const __m256d& a, const __m256d& b, const __m256d& c) {
    return __builtin_ia32_vfmaddpd256(a, b, c);
}
#endif

// a b + c, rounded once. Where a processor has no such operation, as those without AVX2, the library computes the same
// number, slowly.
template <class W>
PYNN_NATIVE_INLINE typename W::Pack fused(const typename W::Pack& a, const typename W::Pack& b,
                                          const typename W::Pack& c) {
#if defined(__clang__) && __has_builtin(__builtin_elementwise_fma)
    return __builtin_elementwise_fma(a, b, c);
#else
#if !defined(__clang__) && defined(__x86_64__)
    if constexpr (W::kLanes >= 4) return fused_of(a, b, c);
#endif
    typename W::Pack result = {};
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) result[lane] = std::fma(a[lane], b[lane], c[lane]);
    return result;
#endif
}

// Cells of a tile that were chosen, a bit for each.
template <class W>
class Chosen {
    using T = Tile<W>;
    using Pack = typename W::Pack;

public:
    PYNN_NATIVE_INLINE explicit Chosen(std::uint64_t word) : word_(word) {}
    // `yes` where cells k, k + 1, … were chosen, else `no`.
    PYNN_NATIVE_INLINE Pack select(std::size_t k, const Pack& yes, const Pack& no) const {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (W::kLanes == 8) return __builtin_ia32_blendmpd_512_mask(no, yes, static_cast<__mmask8>(word_ >> k));
#endif
        typename W::Bits up;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) up[lane] = 63 - lane;
        const auto signs = (typename W::Mask)((typename W::Bits{} + (word_ >> k)) << up);
        return T::select(signs >> 63, yes, no);
    }

private:
    std::uint64_t word_;
};

// A parameter of the cells of a tile; where all cells share it, it is loaded once.
template <class W, bool kShared>
class Operand {
public:
    PYNN_NATIVE_INLINE Operand(const Lane& lane, std::size_t tile)
        : place_(lane.tile(tile)), first_(Tile<W>::at(place_)) {}
    PYNN_NATIVE_INLINE typename W::Pack at(std::size_t k) const {
        if constexpr (kShared) return first_;
        return Tile<W>::at(place_ + k);
    }

private:
    const double* place_;
    typename W::Pack first_;
};

template <class... Lanes>
bool all_shared(const Lanes&... lanes) {
    return (... && (lanes.stride == 0));
}

}  // namespace pynn_native
