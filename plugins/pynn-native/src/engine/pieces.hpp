// What a thread's share of a slice is made of, so that others can help where it falls behind.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "strips.hpp"

namespace pynn_native {

// Some cells of one part that take all steps of a slice: the whole part, or one strip of it.
struct Piece {
    std::size_t cells;  // the block
    Strip strip;
    bool helped;                           // taken by another thread than that whose share it belongs to:
    std::vector<Fired> fired;                // then what fired, by step of the slice; else the histories have it
    bool finite;                           // all potentials, where somebody looked
};

// The pieces of a share. The thread that has the share takes them in their order; others, when they have nothing to do,
// take the last. So every thread mostly finds its cells in its own cache, and those that helpers take are the same ones
// in every slice; what a helper did not take comes before all that it took.
class Share {
public:
    // Forget all pieces.
    void clear() {
        size_ = 0;
        left_ = 0;
    }
    void add(std::size_t cells, const Strip& strip) {
        if (size_ == pieces_.size()) pieces_.emplace_back();
        Piece& piece = pieces_[size_++];
        piece.cells = cells;
        piece.strip = strip;
        piece.helped = false;
        piece.finite = true;
    }
    // From now on pieces can be taken, and none be added.
    void open() { left_ = size_; }
    // The next piece; null where there is none any more, or none yet.
    Piece* take(bool helping) {
        std::uint64_t left = left_;
        while (true) {
            const std::uint64_t first = left >> 32, last = left & 0xFFFFFFFF;
            if (first >= last) return nullptr;
            const std::uint64_t then = helping ? first << 32 | (last - 1) : (first + 1) << 32 | last;
            if (!left_.compare_exchange_weak(left, then)) continue;
            Piece& piece = pieces_[helping ? last - 1 : first];
            piece.helped = helping;
            return &piece;
        }
    }
    template <class Each>
    void each(Each task) const {
        for (std::size_t k = 0; k < size_; ++k) task(pieces_[k]);
    }

private:
    std::vector<Piece> pieces_;  // there is room for more
    std::size_t size_ = 0;
    alignas(64) std::atomic<std::uint64_t> left_{0};  // the first that nobody took, and one past the last, 32 bits each
};

}  // namespace pynn_native
