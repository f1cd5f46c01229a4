// What arrives at the cells of a tile, summed in registers.
#pragma once

#include "counting.hpp"
#include "pack.hpp"

namespace pynn_native {

// Over one receptor: what waits in the inbox, which is cleared, then what was counted, in its order. Both arrays begin
// `inside` cells before the tile; the first is null where nothing can wait.
template <class W>
class Incoming {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Number = typename W::Number;

public:
    PYNN_NATIVE_INLINE Incoming(Number* waiting, const View<Counts>& counted, std::size_t inside) {
        if (!waiting && counted.size) {
            // No product is -0, so 0 need not be added.
            const typename T::Products by(counted[0]);
            for (std::size_t k = 0; k < kTile; k += W::kLanes) sums_[k / W::kLanes] = by.of(inside + k);
            add(counted, inside, 1);
            return;
        }
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            sums_[k / W::kLanes] = waiting ? T::at(waiting + inside + k) : Pack{};
            if (waiting) T::at(waiting + inside + k) = Pack{};
        }
        add(counted, inside, 0);
    }
    // The same onto currents that decayed.
    template <class Decay>
    PYNN_NATIVE_INLINE Incoming(const Number* current, const Decay& decay, Number* waiting, const View<Counts>& counted,
                                std::size_t inside) {
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            if (waiting) {
                sums_[k / W::kLanes] = fused<W>(T::at(current + k), decay.at(k), T::at(waiting + inside + k));
                T::at(waiting + inside + k) = Pack{};
            } else {
                sums_[k / W::kLanes] = T::at(current + k) * decay.at(k);
            }
        }
        add(counted, inside, 0);
    }
    PYNN_NATIVE_INLINE const Pack& at(std::size_t k) const { return sums_[k / W::kLanes]; }

private:
    PYNN_NATIVE_INLINE void add(const View<Counts>& counted, std::size_t inside, std::size_t first) {
        for (std::size_t c = first; c < counted.size; ++c) {
            const typename T::Products by(counted[c]);
            for (std::size_t k = 0; k < kTile; k += W::kLanes) sums_[k / W::kLanes] += by.of(inside + k);
        }
    }

    Pack sums_[kTile / W::kLanes];
};

}  // namespace pynn_native
