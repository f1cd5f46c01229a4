// Memory that coming steps read, fetched while something else is computed.
#pragma once

#include "kernels.hpp"
#include "values.hpp"

namespace pynn_native {

// Lines of the cache, one after the other.
struct Lines {
    static constexpr std::size_t kBytes = 64;

    const char* place;
    std::size_t count;
};

// Fetches some lines at each of so many tiles that are computed: a processor waits for no more than a dozen or two at a
// time, and what is asked for beyond them holds it up.
class Fetching {
public:
    // The lines that are fetched, in the order in which they are read.
    Aligned<Lines> lines;

    // Those lines but the first of the list; so many tiles are to come.
    void begin(std::size_t first, std::size_t tiles) {
        each_ = tiles ? (count() + tiles - 1) / tiles : 0;
        next_ = first;
        line_ = 0;
    }
    std::size_t count() const {
        std::size_t all = 0;
        for (const Lines& some : lines) all += some.count;
        return all;
    }
    PYNN_NATIVE_INLINE void some() { some(each_); }
    PYNN_NATIVE_INLINE void some(std::size_t count) {
        for (; count && next_ < lines.size(); --count) {
            PYNN_NATIVE_PREFETCH_FAR(lines[next_].place + line_ * Lines::kBytes);
            if (++line_ < lines[next_].count) continue;
            ++next_;
            line_ = 0;
        }
    }

private:
    std::size_t each_ = 0, next_ = 0, line_ = 0;
};

}  // namespace pynn_native
