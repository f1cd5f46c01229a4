#include "inbox.hpp"

#include <algorithm>

#include "column.hpp"

namespace pynn_native {

namespace {
// Slots beyond this would be touched so rarely that lists are smaller and as fast (200 ms at a timestep of 0.1 ms).
constexpr std::size_t kLongest = 2048;
}  // namespace

Inbox::Inbox(std::size_t cells, std::size_t receptors, bool single)
    : stride_(padded(cells)), receptors_(receptors), single_(single) {
    with_number(single, [&](auto zero) { slots_.of<decltype(zero)>().assign(stride_ * receptors, zero); });
}

void Inbox::reserve(Step delay, Step now) {
    reserved_ = true;
    std::size_t length = length_;
    while (length <= static_cast<std::size_t>(delay) && length < kLongest) length *= 2;
    if (length == length_) return;
    with_number(single_, [&](auto zero) { lengthen<decltype(zero)>(length, now); });
}

template <class Number>
void Inbox::lengthen(std::size_t length, Step now) {
    const std::size_t slot = stride_ * receptors_;
    Aligned<Number> larger(slot * length, Number{});
    for (Step step = now + 1; step <= now + static_cast<Step>(length_); ++step) {
        const Number* from = at<Number>(step, 0);
        std::copy(from, from + slot, larger.data() + (static_cast<std::size_t>(step) & (length - 1)) * slot);
    }
    slots_.of<Number>() = std::move(larger);
    length_ = length;
}

void Inbox::wait(Step due, std::size_t receptor, std::size_t cell, double weight) {
    const Step half = static_cast<Step>(length_ / 2);
    waiting_[due / half].push_back(
        {due, static_cast<std::uint32_t>(receptor), static_cast<std::uint32_t>(cell), weight});
}

void Inbox::refill(Step step) {
    // List k holds what is due in [k, k + 1) half rings; it is poured one half ring earlier, when all of it fits.
    if (waiting_.empty()) return;
    const Step half = static_cast<Step>(length_ / 2);
    if (step % half != 0) return;
    const auto due = waiting_.find(step / half + 1);
    if (due == waiting_.end()) return;
    with_number(single_, [&](auto zero) { pour<decltype(zero)>(due->second); });
    waiting_.erase(due);
}

template <class Number>
void Inbox::pour(const std::vector<Waiting>& waiting) {
    for (const Waiting& w : waiting) at<Number>(w.due, w.receptor)[w.cell] += static_cast<Number>(w.weight);
}

}  // namespace pynn_native
