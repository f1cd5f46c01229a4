#include "strips.hpp"

#include <algorithm>
#include <cstring>

#include "bits.hpp"
#include "kernels.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

// Rows are fetched from memory this many rows ahead.
constexpr std::size_t kAhead = 8;
constexpr std::size_t kLine = 64 / sizeof(std::uint16_t);  // targets in a line of the cache
constexpr std::size_t kMostStrips = kPartLimit / kStrip + 1;
// Where fewer targets than this of a row lie in a strip on average, each target looks for its strip.
constexpr std::size_t kWorthPieces = 2;

struct Dividing {
    const UsedRows* used;
    const std::uint16_t* targets;
    std::size_t size, strips, steps;
    std::uint16_t* divided;
    std::size_t* begin;  // by strip and step; the first of each strip is known
};

template <std::size_t kBytes>
struct Some {
    static constexpr std::size_t kCount = (kBytes > 32 ? 32 : kBytes) / sizeof(std::uint16_t);
    typedef std::uint16_t Pack __attribute__((vector_size(kCount * sizeof(std::uint16_t))));
};

// How many of the first numbers, which increase, are not above `last`.
template <class Several>
PYNN_NATIVE_INLINE std::size_t count_up_to(const typename Several::Pack& numbers, std::uint16_t last) {
#if !defined(__clang__) && defined(__x86_64__)
    const auto inside = numbers <= typename Several::Pack{} + last;
    if constexpr (Several::kCount == 16) {
        typedef char Bytes __attribute__((vector_size(32)));
        const auto mask = static_cast<std::uint32_t>(__builtin_ia32_pmovmskb256((Bytes)inside));
        return lowest_bit(~static_cast<std::uint64_t>(mask)) / 2;
    } else {
        typedef char Bytes __attribute__((vector_size(16)));
        const auto mask = static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128((Bytes)inside));
        return lowest_bit(~static_cast<std::uint64_t>(mask)) / 2;
    }
#else
    std::size_t count = 0;
    while (count < Several::kCount && numbers[count] <= last) ++count;  // behind the row's end they begin anew
    return count;
#endif
}

// A row is cut into a piece for each strip. A piece is copied as a whole vector, whatever its length: a branch that
// depends on the length would be foretold wrong nearly each time.
template <class Several>
PYNN_NATIVE_INLINE void cut(const Dividing& work, const Range& row, std::uint16_t** next) {
    const std::uint16_t* place = work.targets + row.first;
    std::size_t left = row.size();
    for (std::size_t s = 0; s < work.strips; ++s) {
        const auto last = static_cast<std::uint16_t>(std::min((s + 1) * kStrip, kPartLimit) - 1);
        std::size_t count;
        do {
            typename Several::Pack some;
            std::memcpy(&some, place, sizeof(some));
            std::memcpy(next[s], &some, sizeof(some));
            count = std::min(count_up_to<Several>(some, last), left);
            place += count;
            next[s] += count;
            left -= count;
        } while (count == Several::kCount);
    }
}

PYNN_NATIVE_INLINE void sort_each(const Dividing& work, const Range& row, std::uint16_t** next) {
    for (std::size_t n = row.first; n < row.last; ++n) *next[work.targets[n] / kStrip]++ = work.targets[n];
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
            if (k + kAhead < rows.size()) {
                const Range& later = rows[k + kAhead];
                for (std::size_t n = later.first; n < later.last; n += kLine) PYNN_NATIVE_PREFETCH(work.targets + n);
            }
            const bool pieces = rows[k].size() >= kWorthPieces * work.strips;
            if (pieces && rows[k].last + Several::kCount <= work.size) {
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

void DividedTargets::divide(const UsedRows& used, const Table<std::uint16_t>& targets, std::size_t strips, Step first) {
    constexpr std::size_t kSlack = 32;  // a vector is written beyond the last
    const std::size_t room = used.synapses() + kSlack;
    strips_ = strips;
    steps_ = used.ends.size();
    first_ = first;
    if (divided_.size() < strips * room) divided_.resize(2 * strips * room);
    begin_.assign(strips * (steps_ + 1), 0);
    for (std::size_t s = 0; s < strips; ++s) begin_[s * (steps_ + 1)] = s * room;
    divide_all({&used, targets.data(), targets.size(), strips, steps_, divided_.data(), begin_.data()});
}

}  // namespace pynn_native
