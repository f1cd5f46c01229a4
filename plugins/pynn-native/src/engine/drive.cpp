#include "drive.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bits.hpp"
#include "column.hpp"
#include "generator.hpp"

namespace pynn_native {

namespace {

constexpr double kWindow = 100.0;  // ms
constexpr std::uint64_t kOfTheUndecided = 2;  // second number of the counter
constexpr double kMostInBytes = 1.0;  // spikes in a step, on average, of a source that is not strong
constexpr double kNever = 9e15;
Step to_step(double steps) { return static_cast<Step>(std::min(std::max(steps, -kNever), kNever)); }

// The first step that is not before a time.
double step_of(double time, double timestep) { return std::ceil(time / timestep - 1e-9); }

}  // namespace

Drive::Drive(std::size_t size, Trains trains, double timestep)
    : trains_(std::move(trains)), timestep_(timestep),
      window_(static_cast<std::int64_t>(std::floor(trains_.since / kWindow + 1e-9))), seldom_(trains_.rate) {
    for (const std::size_t given : {trains_.rate.size(), trains_.start.size(), trains_.stop.size(), trains_.table.size()}) {
        if (given != size) throw std::invalid_argument("as many values of a drive as sources");
    }
    const double now = std::floor(trains_.since / timestep + 1e-9);
    begin_.resize(size);
    end_.resize(size);
    all_to_ = to_step(kNever);
    for (std::size_t k = 0; k < size; ++k) {
        if (trains_.table[k] >= static_cast<std::int64_t>(trains_.thresholds.size())) {
            throw std::invalid_argument("no such table of thresholds");
        }
        if (trains_.table[k] < 0) {
            any_seldom_ = any_seldom_ || seldom_[k] > 0.0;
            countable_ = countable_ && seldom_[k] * timestep / 1000.0 < kMostInBytes;
            continue;
        }
        seldom_[k] = 0.0;
        begin_[k] = to_step(std::max(step_of(trains_.start[k], timestep), now));
        end_[k] = to_step(step_of(trains_.stop[k], timestep));
        all_from_ = std::max(all_from_, begin_[k]);
        all_to_ = std::min(all_to_, end_[k]);
    }
    for (const auto& table : trains_.thresholds) {
        if (table.empty()) throw std::invalid_argument("a table without thresholds");
    }
    find_runs();
}

void Drive::find_runs() {
    const std::vector<std::int64_t>& table = trains_.table;
    for (std::size_t k = 0, last = 0; k < table.size(); k = last) {
        for (last = k + 1; last < table.size() && table[last] == table[k];) ++last;
        if (table[k] < 0) continue;
        const auto& thresholds = trains_.thresholds[static_cast<std::size_t>(table[k])];
        runs_.push_back({k, last, &thresholds, Thresholds(thresholds)});
    }
}

void Drive::draw_windows(Step last, std::vector<Spike>& spikes) {
    if (!any_seldom_) return;
    while (static_cast<double>(window_) * kWindow < static_cast<double>(last) * timestep_) draw_window(spikes);
}

void Drive::draw_window(std::vector<Spike>& spikes) {
    Generator generator(trains_.key, static_cast<std::uint64_t>(window_));
    std::vector<std::int64_t> counts(seldom_.size());
    for (std::size_t k = 0; k < counts.size(); ++k) counts[k] = generator.poisson(seldom_[k] * (kWindow / 1000.0));
    const double begin = static_cast<double>(window_) * kWindow, since = std::max(trains_.since, 0.0);
    for (std::size_t k = 0; k < counts.size(); ++k) {
        for (std::int64_t n = 0; n < counts[k]; ++n) {
            const double time = begin + kWindow * generator.uniform();
            if (!(time > since && time >= trains_.start[k] && time < trains_.stop[k])) continue;
            const double step = step_of(time, timestep_);
            if (step * timestep_ > trains_.since + 1e-9) spikes.push_back({to_step(step), static_cast<Cell>(k)});
        }
    }
    ++window_;
}

void Drive::make_room() {
    const std::size_t size = padded(trains_.rate.size());
    if (found_.size() == size) return;
    found_.resize(size);
    undecided_.resize(size / kTile);
    beginnings_.make(trains_.key, size / kSourcesOfABlock);
}

void Drive::count(Step step, Range tiles, std::uint8_t* counts, Fetching& fetching) {
    const bool all_alive = step > all_from_ && step <= all_to_;
    std::fill(counts + tiles.first * kTile, counts + tiles.last * kTile, std::uint8_t{0});
    for (const Run& run : runs_) {
        const Range mine{std::max(run.first, tiles.first * kTile), std::min(run.last, tiles.last * kTile)};
        if (mine.first >= mine.last) continue;
        draw_counts({trains_.key, &beginnings_, static_cast<std::uint64_t>(step),
                     {mine.first / kTile, padded(mine.last) / kTile}, &run.ready, found_.data(), undecided_.data(),
                     &fetching});
        decide(step, run, mine, counts);
        if (!all_alive) silence(step, mine, counts);
    }
}

void Drive::decide(Step step, const Run& run, Range sources, std::uint8_t* counts) const {
    std::copy(found_.begin() + static_cast<std::ptrdiff_t>(sources.first),
              found_.begin() + static_cast<std::ptrdiff_t>(sources.last), counts + sources.first);
    for (std::size_t tile = sources.first / kTile; tile < padded(sources.last) / kTile; ++tile) {
        for (std::uint64_t open = undecided_[tile]; open; open &= open - 1) {
            const std::size_t k = tile * kTile + lowest_bit(open);
            if (k >= sources.first && k < sources.last) counts[k] = decide(step, run, k);
        }
    }
}

std::uint8_t Drive::decide(Step step, const Run& run, std::size_t source) const {
    const auto now = static_cast<std::uint64_t>(step);
    const auto block = philox(trains_.key, {1 + source / kSourcesOfABlock, kOfCounts, now, 0});
    const std::size_t place = source % kSourcesOfABlock;
    const std::uint64_t upper = block[place / 4] >> place % 4 * 16 & 0xFFFF;
    const auto more = philox(trains_.key, {source, kOfTheUndecided, now, 0});
    const std::uint64_t number = upper << 48 | more[0] >> 16;
    const auto& table = *run.thresholds;
    return static_cast<std::uint8_t>(std::upper_bound(table.begin(), table.end(), number) - table.begin());
}

void Drive::silence(Step step, Range sources, std::uint8_t* counts) const {
    for (std::size_t k = sources.first; k < sources.last; ++k) {
        if (step <= begin_[k] || step > end_[k]) counts[k] = 0;
    }
}

}  // namespace pynn_native
