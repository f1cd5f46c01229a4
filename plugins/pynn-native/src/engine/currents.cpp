#include "currents.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>

namespace pynn_native {

namespace {

// The first step of the clock that is not before `time`; 1e-9 ms forgive rounding.
Step up_to_grid(double time, double timestep) {
    constexpr double kEver = 9e15;
    if (!(time / timestep < kEver)) return static_cast<Step>(kEver);
    Step step = static_cast<Step>(std::ceil((time - 1e-9) / timestep));
    while (static_cast<double>(step - 1) * timestep + 1e-9 >= time) --step;
    while (static_cast<double>(step) * timestep + 1e-9 < time) ++step;
    return step;
}

}  // namespace

std::size_t Current::place(Step step) const {
    return static_cast<std::size_t>(std::upper_bound(when_.begin(), when_.end(), step) - when_.begin());
}

double Current::at(Step step) const {
    const std::size_t k = place(step);
    return k ? amplitude_[k - 1] : 0.0;
}

Step Current::changes_after(Step step) const {
    const std::size_t k = place(step);
    return k < when_.size() ? when_[k] : std::numeric_limits<Step>::max();
}

void Current::replace(Values times, Values amplitudes, double timestep, Step now) {
    if (times.size != amplitudes.size) throw std::invalid_argument("as many amplitudes as times");
    const double flowing = at(now);
    const std::size_t kept = place(now - 1);
    when_.resize(kept);
    amplitude_.resize(kept);
    for (std::size_t k = 0; k < times.size; ++k) {
        when_.push_back(up_to_grid(times[k], timestep));
        amplitude_.push_back(amplitudes[k]);
    }
    if (times.size == 0) {
        when_.push_back(now);
        amplitude_.push_back(flowing);
    }
    // What lies before `now` is over, except the last amplitude: forget it, so that a long noise stays small.
    if (kept > 1) {
        when_.erase(when_.begin(), when_.begin() + static_cast<std::ptrdiff_t>(kept - 1));
        amplitude_.erase(amplitude_.begin(), amplitude_.begin() + static_cast<std::ptrdiff_t>(kept - 1));
    }
    ++version_;
}

void Injections::attach(const Current& current, std::size_t number, std::vector<Cell> rows) {
    std::vector<Cell> all = rows_, sorted = rows;
    std::sort(sorted.begin(), sorted.end());
    rows_.clear();
    std::set_union(all.begin(), all.end(), sorted.begin(), sorted.end(), std::back_inserter(rows_));
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    const auto after = [](std::size_t n, const Attached& a) { return n < a.number; };
    const auto where = std::upper_bound(attached_.begin(), attached_.end(), number, after);
    attached_.insert(where, {&current, number, std::move(rows), 0, 0, 0.0});
    changed_ = true;
}

void Injections::flow(Cells& cells, Step step) {
    for (Attached& a : attached_) {
        if (a.version == a.current->version() && step < a.until) continue;
        a.version = a.current->version();
        a.until = a.current->changes_after(step);
        a.amplitude = a.current->at(step);
        changed_ = true;
    }
    if (!changed_) return;
    changed_ = false;
    sum_.assign(rows_.empty() ? 0 : rows_.back() - rows_.front() + 1, 0.0);
    for (const Attached& a : attached_) {
        for (const Cell row : a.rows) sum_[row - rows_.front()] += a.amplitude;
    }
    for (const Cell row : rows_) cells.inject(row, sum_[row - rows_.front()]);
}

}  // namespace pynn_native
