#include "bitmap.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "counting.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr std::size_t kWords = Bitmap::kWords, kSquare = Bitmap::kSquare, kTogether = Bitmap::kTogether;
// Sums of bytes are counted in 16 bits, of as many rows.
constexpr std::size_t kInHalves = 264 * kRowsInBytes;
constexpr std::size_t kDigits = 8;

struct Counting {
    const std::uint64_t* const* rows;
    std::size_t count, squares;
    std::uint8_t* counts;  // of squares × kSquare targets
};

template <class Word>
PYNN_NATIVE_INLINE Word load(const std::uint64_t* place) {
    Word words;
    std::memcpy(&words, place, sizeof(Word));  // rows need not begin where vectors do
    return words;
}

// Adds three bits each: the sum stays in `sum`, what is carried is returned.
template <class Word>
PYNN_NATIVE_INLINE Word carry(Word& sum, const Word& a, const Word& b) {
#if !defined(__clang__) && defined(__x86_64__)
    if constexpr (sizeof(Word) == 64) {
        // GCC does not see that each is one instruction; their number is the table of the three bits.
        typedef long long Long8 __attribute__((vector_size(64)));
        constexpr int kOdd = 0x96, kMost = 0xE8;
        constexpr auto kAll = static_cast<__mmask8>(-1);
        const auto x = (Long8)sum, y = (Long8)a, z = (Long8)b;
        sum = (Word)__builtin_ia32_pternlogq512_mask(x, y, z, kOdd, kAll);
        return (Word)__builtin_ia32_pternlogq512_mask(x, y, z, kMost, kAll);
    }
#endif
    const Word both = sum ^ a, carried = (sum & a) | (both & b);
    sum = both ^ b;
    return carried;
}

// One by one: compilers make of a loop what is slow on as few bytes.
template <class Word, std::size_t... kEach>
PYNN_NATIVE_INLINE void clear(Word* words, std::index_sequence<kEach...>) {
    ((words[kEach] = Word{}), ...);
}

// Blocks of kWidth × kWidth bits of the bytes of `low` and `high` change places.
template <unsigned kWidth, class Word>
PYNN_NATIVE_INLINE void exchange(Word& low, Word& high) {
    const Word mask = Word{} + (kWidth == 4 ? 0x0F0F0F0F0F0F0F0F : kWidth == 2 ? 0x3333333333333333 : 0x5555555555555555);
    const Word changed = ((low >> kWidth) ^ high) & mask;
    high ^= changed;
    low ^= changed << kWidth;
}

// Bit k of the bytes of word d becomes bit d of the bytes of word k: Warren (2013), Hacker's Delight, section 7-3.
template <class Word>
PYNN_NATIVE_INLINE void turn(Word* words) {
    for (std::size_t d = 0; d < 4; ++d) exchange<4>(words[d], words[d + 4]);
    for (std::size_t d = 0; d < 8; d += d % 2 ? 3 : 1) exchange<2>(words[d], words[d + 2]);
    for (std::size_t d = 0; d < 8; d += 2) exchange<1>(words[d], words[d + 1]);
}

// Digit d of the counts of all targets of a square is a bit of kWords words. Eight rows at a time are added to the three
// lowest digits, as in Warren, section 5-1 (Harley and Seal); what is carried goes up as far as it may.
template <class W, std::size_t kUsed>
PYNN_NATIVE_INLINE void count_up_to(const Counting& work) {
    using Word = typename W::Mask;
    constexpr std::size_t kPacks = kWords / W::kLanes;
    for (std::size_t n = 0; n < work.squares * kPacks; ++n) {
        Word digit[kDigits];
        clear(digit, std::make_index_sequence<kDigits>());
        for (std::size_t r = 0; r < work.count; r += kTogether) {
            const std::uint64_t* const* rows = work.rows + r;
            const auto row = [&](std::size_t k) { return load<Word>(rows[k] + n * W::kLanes); };
            const Word a = carry(digit[0], row(0), row(1)), b = carry(digit[0], row(2), row(3));
            const Word c = carry(digit[0], row(4), row(5)), d = carry(digit[0], row(6), row(7));
            const Word e = carry(digit[1], a, b), f = carry(digit[1], c, d);
            Word more = carry(digit[2], e, f);
            for (std::size_t k = 3; k < kUsed; ++k) {
                const Word old = digit[k];
                digit[k] = old ^ more;
                more = old & more;
            }
        }
        turn(digit);
        std::uint8_t* counts = work.counts + n / kPacks * kSquare + n % kPacks * sizeof(Word);
        for (std::size_t k = 0; k < 8; ++k) *reinterpret_cast<Word*>(counts + 64 * k) = digit[k];
    }
}

template <class W>
PYNN_NATIVE_INLINE void count(const Counting& work) {
    if (work.count < 16) {
        count_up_to<W, 4>(work);
    } else if (work.count < 64) {
        count_up_to<W, 6>(work);
    } else {
        count_up_to<W, kDigits>(work);
    }
}

PYNN_NATIVE_KERNEL(count_all, count, Counting)

}  // namespace

Bitmap::Bitmap(std::size_t sources, const std::vector<Range>& parts) {
    std::size_t words = 0;
    for (const Range& part : parts) {
        first_.push_back(words);
        squares_.push_back((part.size() + kSquare - 1) / kSquare);
        words += sources * squares_.back() * kWords;
    }
    bits_.resize(words);
    std::fill(bits_.begin(), bits_.end(), 0);
}

void count_rows(const std::vector<const std::uint64_t*>& rows, std::size_t squares, std::uint8_t* counts) {
    thread_local std::vector<std::uint64_t, CacheLines<std::uint64_t>> nothing;
    thread_local std::vector<const std::uint64_t*> some;
    if (nothing.size() < squares * kWords) nothing.resize(squares * kWords);
    some.assign(rows.begin(), rows.end());
    some.resize((some.size() + kTogether - 1) / kTogether * kTogether, nothing.data());
    count_all({some.data(), some.size(), squares, counts});
}

template <class Number>
void add_rows(const std::vector<const std::uint64_t*>& rows, std::size_t squares, double weight, Number* input,
              std::size_t size) {
    thread_local std::vector<std::uint8_t, CacheLines<std::uint8_t>> counts;
    thread_local std::vector<std::uint16_t> sums;
    thread_local std::vector<const std::uint64_t*> some;
    counts.resize(squares * kSquare);
    for (std::size_t first = 0; first < rows.size(); first += kInHalves) {
        const std::size_t last = std::min(rows.size(), first + kInHalves);
        const bool wide = last - first > kRowsInBytes;
        if (wide) sums.assign(size, 0);
        for (std::size_t r = first; r < last; r += kRowsInBytes) {
            const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(r);
            some.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(kRowsInBytes, last - r)));
            count_rows(some, squares, counts.data());
            if (wide) {
                for (std::size_t k = 0; k < size; ++k) sums[k] = static_cast<std::uint16_t>(sums[k] + counts[k]);
            }
        }
        if (wide) {
            const auto each = static_cast<Number>(weight);
            for (std::size_t k = 0; k < size; ++k) input[k] += static_cast<Number>(sums[k]) * each;
        } else {
            add_counted(Counted<Number>{input, counts.data(), &weight, true, size});
        }
    }
}

template void add_rows(const std::vector<const std::uint64_t*>&, std::size_t, double, double*, std::size_t);
template void add_rows(const std::vector<const std::uint64_t*>&, std::size_t, double, float*, std::size_t);

}  // namespace pynn_native
