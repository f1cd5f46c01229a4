// The synaptic input of one part of a block of cells: what arrives now, and what will arrive.
#pragma once

#include <map>

#include "values.hpp"

namespace pynn_native {

// A ring of slots, one for each coming step, of one accumulator for each receptor and cell.
//
// Synapses of one common delay add to the slot of the present step at the moment of arrival (spikes wait in the
// histories), so that a network of such synapses needs a single slot, which stays in the cache. Synapses whose
// delays differ, or whose strength changes, add to the slot of the arrival at the moment of the spike. What lies
// beyond the ring waits in lists: memory for a long delay grows with the spikes under way, not with the delay.
class Inbox {
public:
    Inbox(std::size_t cells, std::size_t receptors, bool single);

    template <class Number>
    Number* at(Step step, std::size_t receptor) {
        return slots_.of<Number>().data() +
               ((static_cast<std::size_t>(step) & (length_ - 1)) * receptors_ + receptor) * stride_;
    }

    // Make room for delays of this many steps; everything up to `now` has been taken out. Before the first call nothing
    // is ever added for a later step.
    void reserve(Step delay, Step now);
    bool reserved() const { return reserved_; }
    // Whether input with this delay fits into the ring.
    bool near(Step delay) const { return static_cast<std::size_t>(delay) < length_; }
    // A spike of step `fired` arrives at step `due`.
    void add(Step fired, Step due, std::size_t receptor, std::size_t cell, double weight) {
        with_number(single_, [&](auto zero) { add<decltype(zero)>(fired, due, receptor, cell, weight); });
    }
    // The same, where the kind of numbers is known.
    template <class Number>
    void add(Step fired, Step due, std::size_t receptor, std::size_t cell, double weight) {
        if (near(due - fired)) {
            at<Number>(due, receptor)[cell] += static_cast<Number>(weight);
        } else {
            wait(due, receptor, cell, weight);
        }
    }
    // Move what is due soon from the lists into the ring; called once at each step, before the spikes of that step.
    void refill(Step step);

private:
    struct Waiting {
        Step due;
        std::uint32_t receptor;
        std::uint32_t cell;
        double weight;
    };

    void wait(Step due, std::size_t receptor, std::size_t cell, double weight);
    template <class Number>
    void lengthen(std::size_t length, Step now);
    template <class Number>
    void pour(const std::vector<Waiting>& waiting);

    std::size_t stride_;
    std::size_t receptors_;
    std::size_t length_ = 1;
    bool single_, reserved_ = false;
    Either<Aligned> slots_;
    std::map<Step, std::vector<Waiting>> waiting_;  // by due / (length / 2)
};

}  // namespace pynn_native
