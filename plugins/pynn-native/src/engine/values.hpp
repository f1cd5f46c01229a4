// The plain values that everything here is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace pynn_native {

// A point of the clock: step n is the time n × timestep.
using Step = std::int64_t;
using Cell = std::uint32_t;

// Cells are computed in tiles: parameters that all cells share repeat within one tile, so that one loop serves both
// shared parameters and those of each cell.
constexpr std::size_t kTile = 64;
// A target within its part is 16 bits wide.
constexpr std::size_t kPartLimit = 65536;

// Array and rows as Python handed them over. Values are one for all rows, or one for each.
template <class T>
struct View {
    const T* data = nullptr;
    std::size_t size = 0;
    const T& operator[](std::size_t k) const { return data[k]; }
};
using Values = View<double>;
using Rows = View<std::int64_t>;  // data == nullptr: all rows

// Vectors of 64 bytes must not straddle cache lines. What is allocated so has its lines for itself, so that threads may
// write to neighbours.
template <class T>
struct CacheLines {
    using value_type = T;
    static constexpr std::align_val_t kAlignment{64};
    CacheLines() = default;
    template <class U>
    CacheLines(const CacheLines<U>&) {}
    T* allocate(std::size_t n) {
        constexpr auto kLine = static_cast<std::size_t>(kAlignment);
        return static_cast<T*>(::operator new((n * sizeof(T) + kLine - 1) / kLine * kLine, kAlignment));
    }
    void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }
    friend bool operator==(const CacheLines&, const CacheLines&) { return true; }
    friend bool operator!=(const CacheLines&, const CacheLines&) { return false; }
};
constexpr std::size_t kHugePage = std::size_t{1} << 21;
// `place` lies at the beginning of a huge page.
void expect_huge(void* place, std::size_t bytes);
// What was freed goes back to the system, where the library would keep some of it.
void give_back();

// Tables that are read here and there: large ones lie in huge pages where the system has them, since looking up the
// address of each of many small pages takes longer than reading it.
template <class T>
struct HugePages {
    using value_type = T;
    HugePages() = default;
    template <class U>
    HugePages(const HugePages<U>&) {}
    T* allocate(std::size_t n) {
        const std::size_t bytes = n * sizeof(T);
        if (bytes < 2 * kHugePage) return static_cast<T*>(::operator new(bytes));
        void* place = ::operator new(bytes, std::align_val_t{kHugePage});
        expect_huge(place, bytes);
        return static_cast<T*>(place);
    }
    void deallocate(T* p, std::size_t n) {
        if (n * sizeof(T) < 2 * kHugePage) {
            ::operator delete(p);
        } else {
            ::operator delete(p, std::align_val_t{kHugePage});
        }
    }
    // Not written where nobody needs the zeros.
    template <class U>
    void construct(U* p) {
        ::new (static_cast<void*>(p)) U;
    }
    friend bool operator==(const HugePages&, const HugePages&) { return true; }
    friend bool operator!=(const HugePages&, const HugePages&) { return false; }
};
template <class T>
using Table = std::vector<T, HugePages<T>>;
template <class T>
using Aligned = std::vector<T, CacheLines<T>>;
using Doubles = Aligned<double>;
using Singles = Aligned<float>;

// The whole number that is as wide as a number of the state.
template <class Number>
using Whole = std::conditional_t<std::is_same_v<Number, double>, std::int64_t, std::int32_t>;
// One for each cell: all bits set, or none.
template <class Number>
using Masks = Aligned<Whole<Number>>;

// work(Number{}) for the numbers that a block of cells is computed in: float where `single`, else double.
template <class Work>
auto with_number(bool single, Work work) {
    return single ? work(float{}) : work(double{});
}

// What is kept in the numbers that a block of cells is computed in; of the two, a block may use one alone.
template <template <class> class Kept>
struct Either {
    Kept<double> wide;
    Kept<float> narrow;

    template <class Number>
    Kept<Number>& of() {
        return const_cast<Kept<Number>&>(std::as_const(*this).template of<Number>());
    }
    template <class Number>
    const Kept<Number>& of() const {
        if constexpr (std::is_same_v<Number, float>) {
            return narrow;
        } else {
            return wide;
        }
    }
};

struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t size() const { return last - first; }
};

}  // namespace pynn_native
