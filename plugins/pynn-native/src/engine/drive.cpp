#include "drive.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "column.hpp"
#include "generator.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kWindow = 100.0;  // ms
constexpr std::size_t kLanes = 16;  // sources that share one output of Philox
constexpr std::uint64_t kOfCounts = 1, kOfTheUndecided = 2;  // second number of the counter
constexpr double kMostInBytes = 1.0;  // spikes in a step, on average, of a source that is not strong
constexpr double kNever = 9e15;
// Of 65536 numbers, as many are looked at one by one rather than compared with thresholds that they alone reach.
constexpr int kSeldom = 64;

Step to_step(double steps) { return static_cast<Step>(std::min(std::max(steps, -kNever), kNever)); }

// The first step that is not before a time.
double step_of(double time, double timestep) { return std::ceil(time / timestep - 1e-9); }

// Vectors of 64 bytes have no arithmetic of 16 bits on some processors that have AVX-512.
template <std::size_t kBytes>
struct Halves {
    typedef std::int16_t Pack __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
    typedef std::int64_t Word __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
};

struct Compared {
    const std::int16_t *number, *upper;
    std::size_t size, thresholds;  // size: of whole tiles
    std::uint8_t *counts, *undecided;  // undecided: one for each tile
};

// How many of the thresholds lie below each number; a tile is undecided in which one equals a threshold, or lies above the
// last.
template <class W>
PYNN_NATIVE_INLINE void compare(const Compared& work) {
    using Pack = typename Halves<W::kLanes * 8>::Pack;
    using Word = typename Halves<W::kLanes * 8>::Word;
    constexpr std::size_t kPacks = kTile / (sizeof(Pack) / 2);
    std::int16_t found[kTile];
    for (std::size_t first = 0; first < work.size; first += kTile) {
        Pack number[kPacks], count[kPacks]{}, same[kPacks]{};
        std::memcpy(number, work.number + first, sizeof(number));
        for (std::size_t t = 0; t < work.thresholds; ++t) {
            const Pack threshold = Pack{} + work.upper[t];
            for (std::size_t k = 0; k < kPacks; ++k) {
                count[k] -= number[k] > threshold;
                same[k] |= number[k] == threshold;
            }
        }
        for (std::size_t k = 0; k < kPacks; ++k) same[k] |= number[k] > Pack{} + work.upper[work.thresholds - 1];
        std::memcpy(found, count, sizeof(count));
        std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts + first;
        for (std::size_t k = 0; k < kTile; ++k) counts[k] = static_cast<std::uint8_t>(found[k]);
        for (std::size_t k = 1; k < kPacks; ++k) same[0] |= same[k];
        const auto words = (Word)same[0];  // its bits
        std::int64_t any = 0;
        for (std::size_t lane = 0; lane < sizeof(Word) / 8; ++lane) any |= words[lane];
        work.undecided[first / kTile] = any != 0;
    }
}

PYNN_NATIVE_KERNEL(compare_all, compare, Compared)

}  // namespace

Drive::Drive(std::size_t size, Trains trains, double timestep)
    : trains_(std::move(trains)), keys_(trains_.key), timestep_(timestep),
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
    find_runs();
}

void Drive::find_runs() {
    const std::vector<std::int64_t>& table = trains_.table;
    for (std::size_t k = 0, last = 0; k < table.size(); k = last) {
        for (last = k + 1; last < table.size() && table[last] == table[k];) ++last;
        if (table[k] < 0) continue;
        Run run{k, last, &trains_.thresholds[static_cast<std::size_t>(table[k])], {}};
        for (const std::uint64_t threshold : *run.thresholds) {
            run.upper.push_back(static_cast<std::int16_t>(threshold >> 48 ^ 0x8000u));
            if (run.upper.back() > 0x7FFF - kSeldom) break;
        }
        runs_.push_back(std::move(run));
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
    words_.resize(size / 4);
    found_.resize(size);
    undecided_.resize(size / kTile);
}

void Drive::count(Step step, Range tiles, std::uint8_t* counts) {
    const bool all_alive = step > all_from_ && step <= all_to_;
    std::fill(counts + tiles.first * kTile, counts + tiles.last * kTile, std::uint8_t{0});
    std::size_t known = 0;
    for (const Run& run : runs_) {
        const Range mine{std::max(run.first, tiles.first * kTile), std::min(run.last, tiles.last * kTile)};
        if (mine.first >= mine.last) continue;
        const std::size_t end = padded(mine.last) / kLanes;
        const std::size_t begin = std::max(known, mine.first / kTile * (kTile / kLanes));
        for (std::size_t b = begin; b < end; ++b) {
            const auto four = keys_.at({1 + b, kOfCounts, static_cast<std::uint64_t>(step), 0});
            for (std::size_t w = 0; w < 4; ++w) words_[4 * b + w] = four[w] ^ 0x8000800080008000ull;
        }
        known = end;
        decide(step, run, mine, counts);
        if (!all_alive) silence(step, mine, counts);
    }
}

void Drive::decide(Step step, const Run& run, Range sources, std::uint8_t* counts) {
    const std::size_t first = sources.first / kTile, last = padded(sources.last) / kTile, place = first * kTile;
    const auto* numbers = reinterpret_cast<const std::int16_t*>(words_.data()) + place;
    compare_all({numbers, run.upper.data(), last * kTile - place, run.upper.size(), found_.data() + place,
                 undecided_.data() + first});
    std::copy(found_.begin() + static_cast<std::ptrdiff_t>(sources.first),
              found_.begin() + static_cast<std::ptrdiff_t>(sources.last), counts + sources.first);
    for (std::size_t tile = first; tile < last; ++tile) {
        if (!undecided_[tile]) continue;
        const std::size_t end = std::min(sources.last, (tile + 1) * kTile);
        for (std::size_t k = std::max(sources.first, tile * kTile); k < end; ++k) counts[k] = decide(step, run, k);
    }
}

std::uint8_t Drive::decide(Step step, const Run& run, std::size_t source) const {
    const std::uint64_t word = words_[source / 4] ^ 0x8000800080008000ull, upper = word >> source % 4 * 16 & 0xFFFF;
    const auto compared = static_cast<std::int16_t>(upper ^ 0x8000);
    // The first threshold that is not below it is equal, or it is beyond them all.
    const std::size_t below = found_[source];
    if (below < run.upper.size() && run.upper[below] != compared) return found_[source];
    const auto more = philox(trains_.key, {source, kOfTheUndecided, static_cast<std::uint64_t>(step), 0});
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
