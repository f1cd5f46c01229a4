#include "watch.hpp"

#include <algorithm>
#include <cmath>

namespace pynn_native {

namespace {
constexpr double kWindow = 100.0;     // ms over which a rate is a mean
constexpr std::size_t kNetwork = 10;  // fewer cells are driven by their user, and run away from nobody
}

void Paths::add(std::size_t pre, std::size_t post) {
    targets_.resize(std::max({targets_.size(), pre + 1, post + 1}));
    targets_[pre].insert(post);
}

bool Paths::lead_back(std::size_t block) const {
    if (block >= targets_.size()) return false;
    std::set<std::size_t> seen;
    std::vector<std::size_t> next{block};
    while (!next.empty()) {
        const std::size_t here = next.back();
        next.pop_back();
        for (const std::size_t target : targets_[here]) {
            if (target == block) return true;
            if (seen.insert(target).second) next.push_back(target);
        }
    }
    return false;
}

std::optional<Trouble> Watch::after(Step first, Step last, Membranes membranes, double max_rate) {
    for (const History& history : cells_.histories) {
        for (Step step = first; step <= last; ++step) spikes_ += history.at(step).size();
    }
    if (membranes == Membranes::finite) well_ = last;
    if (membranes == Membranes::not_finite) return find_membrane();
    if (static_cast<double>(last - since_) * timestep_ < kWindow) return std::nullopt;
    return rate(last, max_rate);
}

std::optional<Trouble> Watch::find_membrane() const {
    for (std::size_t k = 0; k < cells_.size(); ++k) {
        const double v = cells_.potential(static_cast<Cell>(k));
        if (!std::isfinite(v)) return Trouble{Trouble::Kind::not_finite, block_, static_cast<Cell>(k), v, well_};
    }
    return std::nullopt;
}

std::optional<Trouble> Watch::rate(Step now, double max_rate) {
    const double seconds = static_cast<double>(now - since_) * timestep_ / 1000.0;
    const double found = static_cast<double>(spikes_) / (static_cast<double>(cells_.size()) * seconds);
    const Step since = since_;
    since_ = now;
    spikes_ = 0;
    if (cells_.size() < kNetwork || !(found > max_rate)) return std::nullopt;
    return Trouble{Trouble::Kind::runaway, block_, 0, found, since};
}

}  // namespace pynn_native
