#include "strips.hpp"

#include <algorithm>
#include <cstring>

#include "bits.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

// Rows are fetched from memory this many rows ahead.
constexpr std::size_t kAhead = 8;
// As many targets may be read and written beyond the last of a piece.
constexpr std::size_t kVector = 32;
// Where fewer targets than this of a row lie in a strip on average, each target looks for its strip.
constexpr std::size_t kWorthPieces = 2;

struct Dividing {
    const UsedRows* used;
    const std::uint16_t* targets;
    std::size_t size, strips, steps;
    unsigned shift;  // the strip of a target is target >> shift
    std::uint16_t* divided;
    std::size_t* begin;  // by strip and step; the first of each strip is known
};

template <std::size_t kBytes>
struct Some {
    static constexpr std::size_t kCount = (kBytes > 32 ? 32 : kBytes) / sizeof(std::uint16_t);
    typedef std::uint16_t Pack __attribute__((vector_size(kCount * sizeof(std::uint16_t))));
};

// So many targets of a row are looked at together: their marks, two bits each, fill a word.
constexpr std::size_t kTogether = 32;
// The upper bit of each pair.
constexpr std::uint64_t kUpper = 0xAAAAAAAAAAAAAAAAull;

// Marks, in the upper bit of each pair, the targets behind which another strip begins.
template <class Several>
PYNN_NATIVE_INLINE std::uint64_t last_of_strips(const std::uint16_t* targets, unsigned shift) {
    const auto bits = static_cast<std::uint16_t>(0xFFFFu << shift);
#if !defined(__clang__) && defined(__x86_64__)
    using Pack = typename Several::Pack;
    std::uint64_t same = 0;
    for (std::size_t k = 0; k < kTogether; k += Several::kCount) {
        Pack here, next;
        std::memcpy(&here, targets + k, sizeof(here));
        std::memcpy(&next, targets + k + 1, sizeof(next));
        const auto alike = ((here ^ next) & (Pack{} + bits)) == Pack{};
        std::uint32_t bytes;
        if constexpr (Several::kCount == 16) {
            typedef char Bytes __attribute__((vector_size(32)));
            bytes = static_cast<std::uint32_t>(__builtin_ia32_pmovmskb256((Bytes)alike));
        } else {
            typedef char Bytes __attribute__((vector_size(16)));
            bytes = static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128((Bytes)alike));
        }
        same |= static_cast<std::uint64_t>(bytes) << 2 * k;
    }
    return ~same & kUpper;
#else
    std::uint64_t marks = 0;
    for (std::size_t k = 0; k < kTogether; ++k) {
        marks |= static_cast<std::uint64_t>(((targets[k] ^ targets[k + 1]) & bits) != 0) << (2 * k + 1);
    }
    return marks;
#endif
}

// A row is cut into a piece for each strip. Where pieces end is found for many targets at a time, so that no piece
// waits for the one before, and each is copied as a whole vector, whatever its length: a branch that depends on the
// length would be foretold wrong nearly each time.
template <class Several>
PYNN_NATIVE_INLINE void cut(const Dividing& work, const Range& row, std::uint16_t** next) {
    for (std::size_t first = row.first; first < row.last; first += kTogether) {
        const std::uint16_t* const targets = work.targets + first;
        const std::size_t count = std::min(row.last - first, kTogether);
        const std::uint64_t last = std::uint64_t{1} << (2 * count - 1);
        const std::uint64_t marks = last_of_strips<Several>(targets, work.shift) & (last - 1);
        std::size_t begin = 0;
        for (std::uint64_t ends = marks | last; ends; ends &= ends - 1) {
            const std::size_t end = (lowest_bit(ends) + 1) / 2;
            std::uint16_t*& to = next[targets[begin] >> work.shift];
            for (std::size_t k = 0; k < end - begin; k += Several::kCount) {
                typename Several::Pack some;
                std::memcpy(&some, targets + begin + k, sizeof(some));
                std::memcpy(to + k, &some, sizeof(some));
            }
            to += end - begin;
            begin = end;
        }
    }
}

PYNN_NATIVE_INLINE void sort_each(const Dividing& work, const Range& row, std::uint16_t** next) {
    for (std::size_t n = row.first; n < row.last; ++n) *next[work.targets[n] >> work.shift]++ = work.targets[n];
}

template <class W>
PYNN_NATIVE_INLINE void divide_rows(const Dividing& work) {
    using Several = Some<W::kLanes * 8>;
    const std::vector<Range>& rows = work.used->rows;
    std::uint16_t* next[kMostStrips];
    for (std::size_t s = 0; s < work.strips; ++s) next[s] = work.divided + work.begin[s * (work.steps + 1)];
    std::size_t k = 0;
    for (std::size_t step = 0; step < work.steps; ++step) {
        for (; k < work.used->ends[step]; ++k) {
            if (k + kAhead < rows.size()) fetch(work.targets, rows[k + kAhead]);
            const bool pieces = rows[k].size() >= kWorthPieces * work.strips;
            if (pieces && rows[k].last + kTogether + kVector <= work.size) {
                cut<Several>(work, rows[k], next);
            } else {
                sort_each(work, rows[k], next);
            }
        }
        for (std::size_t s = 0; s < work.strips; ++s) {
            work.begin[s * (work.steps + 1) + step + 1] = static_cast<std::size_t>(next[s] - work.divided);
        }
    }
}

PYNN_NATIVE_KERNEL(divide_all, divide_rows, Dividing)

}  // namespace

void UsedRows::clear() {
    rows.clear();
    ends.clear();
}

std::size_t UsedRows::synapses() const {
    std::size_t sum = 0;
    for (const Range& row : rows) sum += row.size();
    return sum;
}

void DividedTargets::divide(const UsedRows& used, const Table<std::uint16_t>& targets, std::size_t strips,
                            unsigned shift, Step first) {
    const std::size_t room = used.synapses() + kVector;
    strips_ = strips;
    steps_ = used.ends.size();
    first_ = first;
    if (divided_.size() < strips * room) divided_.resize(2 * strips * room);
    begin_.assign(strips * (steps_ + 1), 0);
    for (std::size_t s = 0; s < strips; ++s) begin_[s * (steps_ + 1)] = s * room;
    divide_all({&used, targets.data(), targets.size(), strips, steps_, shift, divided_.data(), begin_.data()});
}

}  // namespace pynn_native
