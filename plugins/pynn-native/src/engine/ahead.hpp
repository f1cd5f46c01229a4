// Memory that the next step reads, fetched while the cells take this one.
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

// Fetches some lines at each tile: a processor waits for no more than a dozen or two at a time, and what is asked for
// beyond them holds it up.
class Fetching {
public:
    Fetching(const View<Lines>& ahead, std::size_t tiles) : ahead_(ahead) {
        std::size_t lines = 0;
        for (std::size_t k = 0; k < ahead.size; ++k) lines += ahead[k].count;
        each_ = (lines + tiles - 1) / tiles;
    }
    PYNN_NATIVE_INLINE void some() {
        for (std::size_t left = each_; left && next_ < ahead_.size; --left) {
            PYNN_NATIVE_PREFETCH_FAR(ahead_[next_].place + line_ * Lines::kBytes);
            if (++line_ < ahead_[next_].count) continue;
            ++next_;
            line_ = 0;
        }
    }

private:
    View<Lines> ahead_;
    std::size_t each_, next_ = 0, line_ = 0;
};

}  // namespace pynn_native
