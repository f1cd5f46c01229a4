#include "bitmap.hpp"

#include <algorithm>
#include <cstring>

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
    std::uint64_t* digits;  // room for kDigits × squares × kWords
    std::uint8_t* counts;   // of squares × kSquare targets
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
    const Word both = sum ^ a, carried = (sum & a) | (both & b);
    sum = both ^ b;
    return carried;
}

// Digit d of the counts of all targets of a square lies in kWords words. Eight rows at a time are added to the three
// lowest digits, as in Warren (2013), Hacker's Delight, section 5-1 (Harley and Seal); what is carried goes up as far as
// it must.
template <class W>
PYNN_NATIVE_INLINE void count(const Counting& work) {
    using Word = typename W::Mask;
    constexpr std::size_t kPacks = kWords / W::kLanes;
    const std::size_t packs = work.squares * kPacks;
    auto* digits = reinterpret_cast<Word*>(work.digits);
    std::size_t used = 3;
    for (std::size_t r = 0; r < work.count; r += kTogether) {
        const std::uint64_t* const* rows = work.rows + r;
        const std::uint64_t* const* next = r + kTogether < work.count ? rows + kTogether : rows;
        const std::size_t before = r ? used : 3;
        while (used < kDigits && r + kTogether >= std::size_t{1} << used) ++used;
        for (std::size_t n = 0; n < packs; ++n) {
            Word* digit = digits + n * kDigits;
            Word ones{}, twos{}, fours{};
            if (r) {
                ones = digit[0];
                twos = digit[1];
                fours = digit[2];
            }
            Word row[kTogether];
            for (std::size_t k = 0; k < kTogether; ++k) {
                row[k] = load<Word>(rows[k] + n * W::kLanes);
                PYNN_NATIVE_PREFETCH(next[k] + n * W::kLanes);
            }
            const Word a = carry(ones, row[0], row[1]), b = carry(ones, row[2], row[3]);
            const Word c = carry(ones, row[4], row[5]), d = carry(ones, row[6], row[7]);
            const Word e = carry(twos, a, b), f = carry(twos, c, d);
            Word more = carry(fours, e, f);
            digit[0] = ones;
            digit[1] = twos;
            digit[2] = fours;
            for (std::size_t k = 3; k < used; ++k) {
                const Word old = k < before ? digit[k] : Word{};
                digit[k] = old ^ more;
                more = old & more;
            }
        }
    }
    const Word mask = Word{} + 0x0101010101010101;
    for (std::size_t n = 0; n < packs; ++n) {
        const Word* digit = digits + n * kDigits;
        std::uint8_t* counts = work.counts + n / kPacks * kSquare + n % kPacks * (sizeof(Word));
        for (std::size_t k = 0; k < 8; ++k) {
            Word bytes{};
            for (std::size_t d = used; d-- > 0;) bytes = bytes + bytes + (digit[d] >> static_cast<std::int64_t>(k) & mask);
            *reinterpret_cast<Word*>(counts + 64 * k) = bytes;
        }
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
    thread_local std::vector<std::uint64_t, CacheLines<std::uint64_t>> digits, nothing;
    thread_local std::vector<const std::uint64_t*> some;
    if (nothing.size() < squares * kWords) nothing.resize(squares * kWords);
    some.assign(rows.begin(), rows.end());
    some.resize((some.size() + kTogether - 1) / kTogether * kTogether, nothing.data());
    digits.resize(squares * kWords * kDigits);
    count_all({some.data(), some.size(), squares, digits.data(), counts});
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
