// Several numbers side by side, in vectors of 16, 32 or 64 bytes.
#pragma once

#include <cmath>
#include <cstring>

#if !defined(__clang__) && defined(__x86_64__)
#include <immintrin.h>
#endif

#include "column.hpp"
#include "counting.hpp"
#include "kernels.hpp"
#include "values.hpp"

namespace pynn_native {

template <std::size_t kBytes, class N = double>
struct Wide;

#define PYNN_NATIVE_WIDE(bytes, N)                                                             \
    template <>                                                                                \
    struct Wide<bytes, N> {                                                                    \
        using Number = N;                                                                      \
        static constexpr std::size_t kLanes = bytes / sizeof(N);                               \
        typedef N Pack __attribute__((vector_size(bytes), may_alias));                         \
        typedef Whole<N> Mask __attribute__((vector_size(bytes), may_alias));                  \
        typedef std::make_unsigned_t<Whole<N>> Bits __attribute__((vector_size(bytes), may_alias)); \
    };
PYNN_NATIVE_WIDE(8, double)
PYNN_NATIVE_WIDE(16, double)
PYNN_NATIVE_WIDE(32, double)
PYNN_NATIVE_WIDE(64, double)
PYNN_NATIVE_WIDE(4, float)
PYNN_NATIVE_WIDE(16, float)
PYNN_NATIVE_WIDE(32, float)
PYNN_NATIVE_WIDE(64, float)
#undef PYNN_NATIVE_WIDE

// Memory of a tile, as vectors of W; tiles begin at multiples of 64 bytes (values.hpp).
//
// Comparisons of vectors become scalar code on some compilers (GCC 12 with AVX-512), so everything that is asked of a
// number is asked of its sign bit: bitwise operations are fast everywhere.
template <class W>
struct Tile {
    using Pack = typename W::Pack;
    using Mask = typename W::Mask;
    using Number = typename W::Number;
    static_assert(kTile % W::kLanes == 0, "a tile is a whole number of packs");

    static PYNN_NATIVE_INLINE Pack& at(Number* place) { return *reinterpret_cast<Pack*>(place); }
    static PYNN_NATIVE_INLINE const Pack& at(const Number* place) { return *reinterpret_cast<const Pack*>(place); }
    static PYNN_NATIVE_INLINE const Mask& at(const Whole<Number>* place) {
        return *reinterpret_cast<const Mask*>(place);
    }
    static PYNN_NATIVE_INLINE Mask bits(const Pack& values) { return reinterpret_cast<const Mask&>(values); }
    // All bits of those that are negative, and none of the others.
    static PYNN_NATIVE_INLINE Mask negative(const Pack& values) { return bits(values) >> (8 * sizeof(Number) - 1); }
    static PYNN_NATIVE_INLINE Pack select(const Mask& chosen, const Pack& yes, const Pack& no) {
        const Mask result = (bits(yes) & chosen) | (bits(no) & ~chosen);
        return reinterpret_cast<const Pack&>(result);
    }
    // Bytes as numbers: each goes into the lowest bits of 2^52 or 2^23, which is then taken away. (Compilers turn plain loops
    // into much more.)
    static PYNN_NATIVE_INLINE Pack numbers(const std::uint8_t* place) { return raised(place) - (Pack{} + kMagic); }
    // Counts times their weight, rounded once, and never -0. kMagic × the weight is exact, and must not overflow.
    class Products {
    public:
        PYNN_NATIVE_INLINE explicit Products(const Counts& counts)
            : counts_(counts.counts), factor_(static_cast<Number>(counts.weight) - Pack{}), less_(factor_ * -kMagic) {}
        // Of the cells that begin so many behind the first.
        PYNN_NATIVE_INLINE Pack of(std::size_t inside) const;

    private:
        const std::uint8_t* counts_;
        Pack factor_, less_;
    };
    // The larger of both; `b` where `a` is no number.
    static PYNN_NATIVE_INLINE Pack larger(const Pack& a, const Pack& b) {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (kIs<double, 64>) return __builtin_ia32_maxpd512_mask(a, b, a, kAll8, _MM_FROUND_CUR_DIRECTION);
        if constexpr (kIs<float, 64>) return __builtin_ia32_maxps512_mask(a, b, a, kAll16, _MM_FROUND_CUR_DIRECTION);
        if constexpr (kIs<double, 32>) return __builtin_ia32_maxpd256(a, b);
        if constexpr (kIs<float, 32>) return __builtin_ia32_maxps256(a, b);
#endif
        Pack result;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) result[lane] = a[lane] > b[lane] ? a[lane] : b[lane];
        return result;
    }
    // A bit for each that is negative.
    static PYNN_NATIVE_INLINE std::uint64_t signs(const Mask& values) {
#if !defined(__clang__) && defined(__x86_64__)
        [[maybe_unused]] const Mask sign = Mask{} + std::numeric_limits<Whole<Number>>::min();
        if constexpr (kIs<double, 64>) return __builtin_ia32_ptestmq512((Long8)values, (Long8)sign, kAll8);
        if constexpr (kIs<float, 64>) return __builtin_ia32_ptestmd512((Int16)values, (Int16)sign, kAll16);
        if constexpr (kIs<double, 32>) return static_cast<std::uint64_t>(__builtin_ia32_movmskpd256((__v4df)values));
        if constexpr (kIs<float, 32>) return static_cast<std::uint64_t>(__builtin_ia32_movmskps256((__v8sf)values));
#endif
        std::uint64_t found = 0;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
            const auto bits = static_cast<std::make_unsigned_t<Whole<Number>>>(values[lane]);
            found |= static_cast<std::uint64_t>(bits >> (8 * sizeof(Number) - 1)) << lane;
        }
        return found;
    }
    static PYNN_NATIVE_INLINE bool any_negative(const Mask& values) {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (sizeof(Mask) >= 32) return signs(values) != 0;
#endif
        Whole<Number> all = 0;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) all |= values[lane];
        return all < 0;
    }
    static PYNN_NATIVE_INLINE bool all_negative(const Mask& values) { return !any_negative(~values); }

private:
    using Bits = typename W::Bits;
    static constexpr Number kMagic = sizeof(Number) == 8 ? Number(0x1p52) : Number(0x1p23);
    // 2^52 or 2^23 more than the bytes.
    static PYNN_NATIVE_INLINE Pack raised(const std::uint8_t* place) {
#if !defined(__clang__) && defined(__x86_64__)
        // Each goes from a copy of all into the lowest byte of its lane, which no other instruction need make room for.
        if constexpr (kIs<double, 64>) {
            const auto magic = (Byte64)(Pack{} + kMagic);
            constexpr Byte64 kOne = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,
                                     0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0,
                                     0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0};
            long long word;
            std::memcpy(&word, place, sizeof(word));
            return (Pack)__builtin_ia32_pshufb512_mask((Byte64)(word - Long8{}), kOne, magic, 0x0101010101010101);
        }
#endif
        return (Pack)(widened(place) | (Bits)(Pack{} + kMagic));
    }
    // One byte in each lane.
    static PYNN_NATIVE_INLINE Bits widened(const std::uint8_t* place) {
#if !defined(__clang__) && defined(__x86_64__)
        typedef char Bytes __attribute__((vector_size(16)));
        typedef std::uint64_t Two __attribute__((vector_size(16)));
        // Eight of them go through a register: a vector that is loaded while half of it is being stored waits long.
        std::uint64_t words[2] = {};
        std::memcpy(words, place, W::kLanes);
        const auto bytes = (Bytes)Two{words[0], words[1]};
        if constexpr (kIs<double, 64>) return (Bits)__builtin_ia32_pmovzxbq512_mask(bytes, Long8{}, kAll8);
        if constexpr (kIs<float, 64>) return (Bits)__builtin_ia32_pmovzxbd512_mask(bytes, Int16{}, kAll16);
        if constexpr (kIs<float, 32>) return (Bits)__builtin_ia32_pmovzxbd256(bytes);
#endif
        Bits wide;
        if constexpr (sizeof(Number) == 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, place, W::kLanes);
            for (std::size_t lane = 0; lane < W::kLanes; ++lane) wide[lane] = 8 * lane;
            return (Bits{} + word) >> wide & 0xFF;
        } else {
            for (std::size_t lane = 0; lane < W::kLanes; ++lane) wide[lane] = place[lane];
            return wide;
        }
    }
#if !defined(__clang__) && defined(__x86_64__)
    template <class N, std::size_t kBytes>
    static constexpr bool kIs = std::is_same_v<N, Number> && sizeof(Pack) == kBytes;
    typedef long long Long8 __attribute__((vector_size(64)));
    typedef char Byte64 __attribute__((vector_size(64)));
    typedef int Int16 __attribute__((vector_size(64)));
    static constexpr auto kAll8 = static_cast<__mmask8>(-1);
    static constexpr auto kAll16 = static_cast<__mmask16>(-1);
#endif
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
PYNN_NATIVE_INLINE __m512 fused_of(const __m512& a, const __m512& b, const __m512& c) {
    return __builtin_ia32_vfmaddps512_mask(a, b, c, static_cast<__mmask16>(-1), _MM_FROUND_CUR_DIRECTION);
}
PYNN_NATIVE_INLINE __m256 fused_of(const __m256& a, const __m256& b, const __m256& c) {
    return __builtin_ia32_vfmaddps256(a, b, c);
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
    if constexpr (sizeof(typename W::Pack) >= 32) return fused_of(a, b, c);
#endif
    typename W::Pack result = {};
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) result[lane] = std::fma(a[lane], b[lane], c[lane]);
    return result;
#endif
}

template <class W>
PYNN_NATIVE_INLINE typename W::Pack Tile<W>::Products::of(std::size_t inside) const {
    const std::uint8_t* const place = counts_ + inside;
    // Without a fused operation, the library would be called for each.
    if constexpr (sizeof(Pack) < 32) return numbers(place) * factor_ + Pack{};  // 0 is positive, as it is below
    return fused<W>(raised(place), factor_, less_);
}

// Cells of a tile that were chosen, a bit for each.
template <class W>
class Chosen {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Number = typename W::Number;

public:
    PYNN_NATIVE_INLINE explicit Chosen(std::uint64_t word) : word_(word) {}
    // `yes` where cells k, k + 1, … were chosen, else `no`.
    PYNN_NATIVE_INLINE Pack select(std::size_t k, const Pack& yes, const Pack& no) const {
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (sizeof(Pack) == 64 && sizeof(Number) == 8) {
            return __builtin_ia32_blendmpd_512_mask(no, yes, static_cast<__mmask8>(word_ >> k));
        } else if constexpr (sizeof(Pack) == 64) {
            return __builtin_ia32_blendmps_512_mask(no, yes, static_cast<__mmask16>(word_ >> k));
        }
#endif
        using Word = std::make_unsigned_t<Whole<Number>>;
        constexpr Word kTop = 8 * sizeof(Number) - 1;
        typename W::Bits up;
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) up[lane] = kTop - static_cast<Word>(lane);
        const auto signs = (typename W::Mask)((typename W::Bits{} + static_cast<Word>(word_ >> k)) << up);
        return T::select(signs >> static_cast<Whole<Number>>(kTop), yes, no);
    }

    // Where cells were chosen, a linear step: old × decay + drive + Σ gain × value, each product fused into the sum;
    // else `old`.
    template <class... Terms>
    PYNN_NATIVE_INLINE Pack stepped(std::size_t k, const Pack& old, const Pack& decay, const Pack& drive,
                                    const Terms&... terms) const {
        if constexpr (kMasked) {
            // A mask costs an operation nothing; choosing in the end would be one more.
            const auto mask = in_register(static_cast<std::uint16_t>(word_ >> k));
            Pack next = fused_first(old, decay, drive, mask);
            ((next = fused_last(terms.gain, terms.value, next, mask)), ...);
            return next;
        } else {
            Pack next = fused<W>(old, decay, drive);
            ((next = fused<W>(terms.gain, terms.value, next)), ...);
            return select(k, next, old);
        }
    }

private:
#if !defined(__clang__) && defined(__x86_64__)
    static constexpr bool kMasked = sizeof(Pack) == 64;
    using Lanes = std::conditional_t<sizeof(Number) == 8, __mmask8, __mmask16>;
    // Compilers move a mask into its register anew for each operation that it is for.
    static PYNN_NATIVE_INLINE Lanes in_register(std::uint16_t mask) {
        asm("" : "+Yk"(mask));
        return static_cast<Lanes>(mask);
    }
    // a b + c where the mask says so, else a; the same, else c.
    static PYNN_NATIVE_INLINE Pack fused_first(const Pack& a, const Pack& b, const Pack& c, Lanes mask) {
        if constexpr (sizeof(Number) == 8) return __builtin_ia32_vfmaddpd512_mask(a, b, c, mask, _MM_FROUND_CUR_DIRECTION);
        else return __builtin_ia32_vfmaddps512_mask(a, b, c, mask, _MM_FROUND_CUR_DIRECTION);
    }
    static PYNN_NATIVE_INLINE Pack fused_last(const Pack& a, const Pack& b, const Pack& c, Lanes mask) {
        if constexpr (sizeof(Number) == 8) return __builtin_ia32_vfmaddpd512_mask3(a, b, c, mask, _MM_FROUND_CUR_DIRECTION);
        else return __builtin_ia32_vfmaddps512_mask3(a, b, c, mask, _MM_FROUND_CUR_DIRECTION);
    }
#else
    static constexpr bool kMasked = false;
#endif

    std::uint64_t word_;
};

// A term of a linear step.
template <class W>
struct Term {
    typename W::Pack gain, value;
};

// Which cells of a tile are at their thresholds, be they free or not. Cells without a number may be left out, and hide no
// other.
template <class W, bool kShared>
class Reached {
    using T = Tile<W>;
    using Pack = typename W::Pack;

public:
    PYNN_NATIVE_INLINE void look(const Pack& v, const Pack& v_thresh) {
        if constexpr (kShared) {
            highest_ = T::larger(v, highest_);  // one operation, where a comparison and its result take two
            v_thresh_ = v_thresh;
        } else {
            below_ &= T::bits(v - v_thresh);
        }
    }
    PYNN_NATIVE_INLINE bool any() const {
        if constexpr (kShared) return !T::all_negative(T::bits(highest_ - v_thresh_));
        return !T::all_negative(below_);
    }

private:
    Pack highest_ = Pack{} - std::numeric_limits<typename W::Number>::infinity(), v_thresh_{};
    typename T::Mask below_ = ~typename T::Mask{};
};

// A parameter of the cells of a tile; where all cells share it, it is loaded once.
template <class W, bool kShared>
class Operand {
public:
    PYNN_NATIVE_INLINE Operand(const LaneOf<typename W::Number>& lane, std::size_t tile)
        : place_(lane.tile(tile)), first_(Tile<W>::at(place_)) {}
    PYNN_NATIVE_INLINE typename W::Pack at(std::size_t k) const {
        if constexpr (kShared) return first_;
        return Tile<W>::at(place_ + k);
    }

private:
    const typename W::Number* place_;
    typename W::Pack first_;
};

template <class... Lanes>
bool all_shared(const Lanes&... lanes) {
    return (... && (lanes.stride == 0));
}

}  // namespace pynn_native
