#include "drawing.hpp"

#include <algorithm>
#include <cstring>

#include "bits.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

// Of 65536 numbers, as many are looked at one by one rather than compared with thresholds that they alone reach.
constexpr int kSeldom = 64;
constexpr std::size_t kBlocks = kTile / kSourcesOfABlock;  // outputs of Philox for a tile
constexpr std::size_t kTogether = 8;                       // tiles that are drawn at a time
constexpr std::uint64_t kSigns = 0x8000800080008000ull;
constexpr int kBucketBits = 5;

// What the first two rounds add to the state of every block of a step: before the third, it is
// { first[block] ^ low, second[block], third[block] ^ high, last }.
struct Start {
    std::uint64_t low, high, last;
    Start(Key key, std::uint64_t step) {
        const auto zero = philox_round(key, {0, kOfCounts, step, 0});
        key = next_key(key);
        const auto one = philox_round(key, {zero[0], zero[1], 0, 0});
        low = zero[1] ^ key.low;
        high = one[2];
        last = one[3];
    }
};

// The keys of the other rounds.
struct Rounds {
    static constexpr std::size_t kCount = 8;
    Key keys[kCount];
    explicit Rounds(Key key) {
        key = next_key(key);
        for (Key& round : keys) round = key = next_key(key);
    }
};

// Vectors of 64 bytes have no arithmetic of 16 bits on some processors that have AVX-512.
template <std::size_t kBytes>
struct Halves {
    typedef std::int16_t Pack __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
    typedef std::int64_t Word __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
};

// The numbers of a tile, less 2^15.
PYNN_NATIVE_INLINE void draw_tile(const Drawing& work, const Start& start, const Rounds& rounds, std::size_t tile,
                                  std::uint64_t* words) {
    const Beginnings& by = *work.beginnings;
    for (std::size_t b = 0; b < kBlocks; ++b) {
        const std::size_t block = tile * kBlocks + b;
        std::array<std::uint64_t, 4> x{by.first[block] ^ start.low, by.second[block], by.third[block] ^ start.high,
                                       start.last};
        for (const Key& key : rounds.keys) x = philox_round(key, x);
        for (std::size_t w = 0; w < 4; ++w) words[4 * b + w] = x[w] ^ kSigns;
    }
}

// A bit for each source of a tile that its 16 bits do not decide.
inline std::uint64_t find_undecided(const Thresholds& thresholds, const std::uint64_t* words, const std::int16_t* counts) {
    std::uint64_t undecided = 0;
    for (std::size_t k = 0; k < kTile; ++k) {
        const auto below = static_cast<std::size_t>(counts[k]);
        const auto number = static_cast<std::uint16_t>((words[k / 4] ^ kSigns) >> k % 4 * 16);
        const bool open = below == thresholds.all.size() || thresholds.all[below] == number;
        undecided |= static_cast<std::uint64_t>(open) << k;
    }
    return undecided;
}

template <class W>
PYNN_NATIVE_INLINE void compare_tile(const Drawing& work, std::size_t tile, const std::uint64_t* words) {
    using Pack = typename Halves<W::kLanes * 8>::Pack;
    using Word = typename Halves<W::kLanes * 8>::Word;
    constexpr std::size_t kPacks = kTile / (sizeof(Pack) / 2);
    std::int16_t found[kTile];
    Pack number[kPacks], count[kPacks]{}, same[kPacks]{};
    std::memcpy(number, words, sizeof(number));
    const std::vector<std::int16_t>& lowered = work.thresholds->lowered;
    for (std::size_t t = 0; t < lowered.size(); ++t) {
        const Pack threshold = Pack{} + lowered[t];
        for (std::size_t k = 0; k < kPacks; ++k) {
            count[k] -= number[k] > threshold;
            same[k] |= number[k] == threshold;
        }
    }
    const Pack last = Pack{} + lowered.back();
    for (std::size_t k = 0; k < kPacks; ++k) same[0] |= same[k] | (number[k] > last);
    std::memcpy(found, count, sizeof(count));
    std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts + tile * kTile;
    for (std::size_t k = 0; k < kTile; ++k) counts[k] = static_cast<std::uint8_t>(found[k]);
    const auto bits = (Word)same[0];
    std::int64_t any = 0;
    for (std::size_t lane = 0; lane < sizeof(Word) / 8; ++lane) any |= bits[lane];
    work.undecided[tile] = any ? find_undecided(*work.thresholds, words, found) : 0;
}

// A tile is drawn before the one before it is compared: the one takes scalar products, the other vectors, and a processor
// does both at a time.
template <class W>
PYNN_NATIVE_INLINE void draw_by_tile(const Drawing& work) {
    const Start start(work.key, work.step);
    const Rounds rounds(work.key);
    std::uint64_t words[2][kTile / 4];
    for (std::size_t tile = work.tiles.first; tile <= work.tiles.last; ++tile) {
        work.fetching->some();
        if (tile < work.tiles.last) draw_tile(work, start, rounds, tile, words[tile % 2]);
        if (tile > work.tiles.first) compare_tile<W>(work, tile - 1, words[(tile - 1) % 2]);
    }
}

#if !defined(__clang__) && defined(__x86_64__)
// The same with vectors alone: 8 blocks side by side, four such vectors at a time.
typedef unsigned long long Long8 __attribute__((vector_size(64)));
typedef long long Signed8 __attribute__((vector_size(64)));
typedef std::int16_t Half32 __attribute__((vector_size(64)));
typedef std::uint32_t Word16 __attribute__((vector_size(64)));
typedef char Byte64 __attribute__((vector_size(64)));

constexpr auto kAll8 = static_cast<__mmask8>(-1);
constexpr auto kAll32 = static_cast<__mmask32>(-1);

PYNN_NATIVE_INLINE Long8 low52(const Long8& sum, const Long8& a, const Long8& b) {
    return (Long8)__builtin_ia32_vpmadd52luq512_mask((Signed8)sum, (Signed8)a, (Signed8)b, kAll8);
}
PYNN_NATIVE_INLINE Long8 high52(const Long8& sum, const Long8& a, const Long8& b) {
    return (Long8)__builtin_ia32_vpmadd52huq512_mask((Signed8)sum, (Signed8)a, (Signed8)b, kAll8);
}
PYNN_NATIVE_INLINE Long8 odd_bits(const Long8& a, const Long8& b, const Long8& c) {
    return (Long8)__builtin_ia32_pternlogq512_mask((Signed8)a, (Signed8)b, (Signed8)c, 0x96, kAll8);
}

// 128 bits of the product with a constant, from products of 52 bits; what lies above bit 52 of a factor is not looked at.
struct Product {
    Long8 low, high;
    PYNN_NATIVE_INLINE Product(std::uint64_t constant, const Long8& x) {
        const Long8 m0 = Long8{} + constant, m1 = Long8{} + (constant >> 52), x1 = x >> 52;
        const Long8 units = low52(Long8{}, x, m0);
        const Long8 middle = low52(low52(high52(Long8{}, x, m0), x, m1), x1, m0);
        const Long8 upper = low52(high52(high52(Long8{}, x, m1), x1, m0), x1, m1);
        low = units + (middle << 52);
        high = (middle >> 12) + (upper << 40);
    }
};

template <std::size_t kVectors>
PYNN_NATIVE_INLINE void draw_blocks(const Drawing& work, const Start& start, const Rounds& rounds, std::size_t block,
                                    Long8 (*words)[kVectors]) {
    const Beginnings& by = *work.beginnings;
    for (std::size_t n = 0; n < kVectors; ++n) {
        Long8 x[3];
        std::memcpy(&x[0], by.first.data() + block + 8 * n, sizeof(Long8));
        std::memcpy(&x[1], by.second.data() + block + 8 * n, sizeof(Long8));
        std::memcpy(&x[2], by.third.data() + block + 8 * n, sizeof(Long8));
        words[0][n] = x[0] ^ start.low;
        words[1][n] = x[1];
        words[2][n] = x[2] ^ start.high;
        words[3][n] = Long8{} + start.last;
    }
    static_assert(Rounds::kCount == kTogether);
    for (const Key& key : rounds.keys) {
        work.fetching->some();
        for (std::size_t n = 0; n < kVectors; ++n) {
            const Product first(kPhiloxFirst, words[0][n]), second(kPhiloxSecond, words[2][n]);
            words[0][n] = odd_bits(second.high, words[1][n], Long8{} + key.low);
            words[1][n] = second.low;
            words[2][n] = odd_bits(first.high, words[3][n], Long8{} + key.high);
            words[3][n] = first.low;
        }
    }
}

// Counts of 32 numbers, and a bit for each that they do not decide.
struct Compared {
    Half32 count;
    std::uint32_t undecided;
};

template <bool kFew>
PYNN_NATIVE_INLINE Compared compare(const Thresholds& thresholds, const Half32& number) {
    constexpr int kAbove = 6;
    const auto above = [&](const Half32& threshold) {
        return static_cast<__mmask32>(__builtin_ia32_ucmpw512_mask(number, threshold, kAbove, kAll32));
    };
    const auto add = [](const Half32& count, __mmask32 chosen) {
        return (Half32)__builtin_ia32_paddw512_mask(count, Half32{} + 1, count, chosen);
    };
    const auto equal = [&](const Half32& threshold) {
        return static_cast<__mmask32>(__builtin_ia32_pcmpeqw512_mask(number, threshold, kAll32));
    };
    Half32 count{};
    __mmask32 beyond = 0, same = 0;
    if constexpr (kFew) {
        Half32 before, inside, few;
        std::memcpy(&before, thresholds.before.data(), sizeof(before));
        std::memcpy(&inside, thresholds.inside.data(), sizeof(inside));
        std::memcpy(&few, thresholds.few.data(), sizeof(few));
        typedef std::uint16_t Bits __attribute__((vector_size(64)));
        const auto bucket = (Half32)((Bits)number >> (16 - kBucketBits));
        const auto look_up = [](const Half32& table, const Half32& place) {
            return (Half32)__builtin_ia32_permvarhi512_mask(table, place, Half32{}, kAll32);
        };
        count = add(look_up(before, bucket), above(look_up(inside, bucket)));
        const std::size_t last = thresholds.more.size() - 1;
        for (std::size_t t = 0; t < last; ++t) count = add(count, above((Half32)(Word16{} + thresholds.more[t])));
        beyond = above((Half32)(Word16{} + thresholds.more[last]));
        count = add(count, beyond);
        // The first threshold that is not below a number is the only one that may equal it.
        same = equal(look_up(few, count));
    } else {
        for (const std::uint16_t each : thresholds.all) {
            const Half32 threshold = Half32{} + static_cast<std::int16_t>(each);
            beyond = above(threshold);
            count = add(count, beyond);
            same |= equal(threshold);
        }
    }
    return {count, static_cast<std::uint32_t>(beyond | same)};
}

// Bit 4 j + i of what was found in word w of 8 blocks stands for source 16 j + 4 w + i of theirs.
inline void mark(std::uint64_t* undecided, std::size_t w, std::uint32_t found) {
    for (std::uint64_t bits = found; bits; bits &= bits - 1) {
        const unsigned k = lowest_bit(bits), source = k / 4 * 16 + static_cast<unsigned>(w) * 4 + k % 4;
        undecided[source / kTile] |= std::uint64_t{1} << source % kTile;
    }
}

// Counts of the four words of 8 blocks, in the order of their sources.
PYNN_NATIVE_INLINE void put_in_order(const Half32* counts, std::uint8_t* place) {
    constexpr Byte64 kEvenFirst = {0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15, 0, 2, 4, 6, 1, 3,
                                   5, 7, 8, 10, 12, 14, 9, 11, 13, 15, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14,
                                   9, 11, 13, 15, 0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15};
    const auto front = (Signed8)(counts[0] | counts[1] << 8), back = (Signed8)(counts[2] | counts[3] << 8);
    const auto sorted = [&](const Signed8& pairs) {
        return (Signed8)__builtin_ia32_pshufb512_mask((Byte64)pairs, kEvenFirst, Byte64{}, static_cast<__mmask64>(-1));
    };
    const Signed8 even = sorted(__builtin_shuffle(front, back, Signed8{0, 8, 2, 10, 4, 12, 6, 14}));
    const Signed8 odd = sorted(__builtin_shuffle(front, back, Signed8{1, 9, 3, 11, 5, 13, 7, 15}));
    const Signed8 lower = __builtin_shuffle(even, odd, Signed8{0, 1, 8, 9, 2, 3, 10, 11});
    const Signed8 upper = __builtin_shuffle(even, odd, Signed8{4, 5, 12, 13, 6, 7, 14, 15});
    std::memcpy(place, &lower, sizeof(lower));
    std::memcpy(place + sizeof(lower), &upper, sizeof(upper));
}

template <bool kFew>
PYNN_NATIVE_INLINE void draw_by_vector(const Drawing& work) {
    constexpr std::size_t kVectors = kTogether * kBlocks / 8;
    const Start start(work.key, work.step);
    const Rounds rounds(work.key);
    alignas(64) std::uint8_t found[kTogether * kTile];
    for (std::size_t tile = work.tiles.first; tile < work.tiles.last; tile += kTogether) {
        Long8 words[4][kVectors];
        draw_blocks<kVectors>(work, start, rounds, tile * kBlocks, words);
        std::uint64_t undecided[kTogether] = {};
        for (std::size_t n = 0; n < kVectors; ++n) {
            Half32 counts[4];
            std::uint32_t open[4];
            for (std::size_t w = 0; w < 4; ++w) {
                const Compared compared = compare<kFew>(*work.thresholds, (Half32)words[w][n]);
                counts[w] = compared.count;
                open[w] = compared.undecided;
            }
            put_in_order(counts, found + n * 2 * kTile);
            if (!(open[0] | open[1] | open[2] | open[3])) continue;
            for (std::size_t w = 0; w < 4; ++w) mark(undecided + n * 2, w, open[w]);
        }
        const std::size_t tiles = work.tiles.last - tile;
        if (tiles >= kTogether) {
            std::memcpy(work.counts + tile * kTile, found, sizeof(found));
            std::memcpy(work.undecided + tile, undecided, sizeof(undecided));
        } else {
            std::memcpy(work.counts + tile * kTile, found, tiles * kTile);
            std::copy(undecided, undecided + tiles, work.undecided + tile);
        }
    }
}
#endif

template <class W, bool kProducts>
PYNN_NATIVE_INLINE void draw(const Drawing& work) {
#if !defined(__clang__) && defined(__x86_64__)
    if constexpr (kProducts) {
        return work.thresholds->all.size() <= Thresholds::kFew ? draw_by_vector<true>(work) : draw_by_vector<false>(work);
    }
#endif
    draw_by_tile<W>(work);
}

PYNN_NATIVE_KERNEL_OF_PRODUCTS(draw_all, draw, Drawing)

}  // namespace

void Beginnings::make(Key key, std::size_t blocks) {
    const std::size_t room = blocks + kTogether * kBlocks;  // vectors are read beyond the last
    first.resize(room);
    second.resize(room);
    third.resize(room);
    for (std::size_t b = 0; b < room; ++b) {
        const auto one = philox_round(key, {1 + b, 0, 0, 0});  // its third and fourth numbers depend on the block alone
        const auto two = philox_round({0, 0}, {0, 0, one[2], 0});
        first[b] = two[0];
        second[b] = two[1];
        third[b] = one[3];
    }
}

Thresholds::Thresholds(const std::vector<std::uint64_t>& thresholds) {
    for (const std::uint64_t threshold : thresholds) {
        all.push_back(static_cast<std::uint16_t>(threshold >> 48));
        lowered.push_back(static_cast<std::int16_t>(all.back() ^ 0x8000));
        if (all.back() > 0xFFFF - kSeldom) break;
    }
    std::copy(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kFew)), few.begin());
    inside.fill(0xFFFF);  // no number is above it
    std::array<bool, kFew> taken{};
    for (std::size_t t = 0; t < all.size(); ++t) {
        const std::size_t bucket = all[t] >> (16 - kBucketBits);
        if (taken[bucket] || t + 1 == all.size()) {
            more.push_back(all[t] * 0x00010001u);
            continue;
        }
        taken[bucket] = true;
        inside[bucket] = all[t];
        for (std::size_t later = bucket + 1; later < kFew; ++later) ++before[later];
    }
}

void draw_counts(const Drawing& work) { draw_all(work); }

}  // namespace pynn_native
