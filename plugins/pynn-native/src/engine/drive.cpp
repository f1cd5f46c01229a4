#include "drive.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "generator.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

constexpr double kWindow = 100.0;  // ms
constexpr std::size_t kLanes = 16;  // sources that share one output of Philox
constexpr std::uint64_t kOfCounts = 1, kOfTheUndecided = 2;  // second number of the counter
constexpr double kMostInBytes = 1.0;  // spikes in a step, on average, of a source that is not strong
constexpr double kNever = 9e15;

Step to_step(double steps) { return static_cast<Step>(std::min(std::max(steps, -kNever), kNever)); }

// The first step that is not before a time.
double step_of(double time, double timestep) { return std::ceil(time / timestep - 1e-9); }

struct Compared {
    const std::int16_t *number, *upper;
    std::size_t size, thresholds;
    std::uint8_t *counts, *undecided;  // undecided: one for all lanes of an output
};

template <std::size_t kBytes>
struct Halves {
    typedef std::int16_t Pack __attribute__((vector_size(kBytes), may_alias, aligned(2)));
};

// How many of the thresholds lie below each number; undecided where one equals it.
template <class W>
PYNN_NATIVE_INLINE void compare(const Compared& work) {
    // Vectors of 64 bytes have no arithmetic of 16 bits on some processors that have AVX-512.
    constexpr std::size_t kBytes = W::kLanes * 8 > 32 ? 32 : W::kLanes * 8;
    using Pack = typename Halves<kBytes>::Pack;
    constexpr std::size_t kEach = kBytes / 2;
    for (std::size_t k = 0; k < work.size; k += kLanes) {
        work.undecided[k / kLanes] = 0;
        for (std::size_t part = 0; part < kLanes; part += kEach) {
            const Pack number = *reinterpret_cast<const Pack*>(work.number + k + part);
            Pack count{}, equal{};
            for (std::size_t t = 0; t < work.thresholds; ++t) {
                const Pack threshold = Pack{} + work.upper[t];
                count -= number > threshold;
                equal |= number == threshold;
            }
            std::int16_t any = 0;
            for (std::size_t lane = 0; lane < kEach; ++lane) {
                work.counts[k + part + lane] = static_cast<std::uint8_t>(count[lane]);
                any = static_cast<std::int16_t>(any | equal[lane]);
            }
            if (any) work.undecided[k / kLanes] = 1;
        }
    }
}

PYNN_NATIVE_KERNEL(compare_all, compare, Compared)

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
            if (run.upper.back() == 0x7FFF) break;
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

void Drive::count(Step step, std::uint8_t* counts) {
    const std::size_t size = trains_.rate.size(), blocks = (size + kLanes - 1) / kLanes;
    std::fill(counts, counts + blocks * kLanes, std::uint8_t{0});
    words_.resize(4 * blocks);
    found_.resize(blocks * kLanes);
    undecided_.resize(blocks);
    std::size_t known = 0;
    for (const Run& run : runs_) {
        const std::size_t end = (run.last + kLanes - 1) / kLanes;
        for (std::size_t b = std::max(known, run.first / kLanes); b < end; ++b) {
            const auto four = philox(trains_.key, {1 + b, kOfCounts, static_cast<std::uint64_t>(step), 0});
            for (std::size_t w = 0; w < 4; ++w) words_[4 * b + w] = four[w] ^ 0x8000800080008000ull;
        }
        known = end;
        decide(step, run, counts);
    }
    if (!runs_.empty() && (step <= all_from_ || step > all_to_)) silence(step, counts);
}

void Drive::decide(Step step, const Run& run, std::uint8_t* counts) {
    const std::size_t first = run.first / kLanes, last = (run.last + kLanes - 1) / kLanes, place = first * kLanes;
    const auto* numbers = reinterpret_cast<const std::int16_t*>(words_.data() + 4 * first);
    compare_all({numbers, run.upper.data(), (last - first) * kLanes, run.upper.size(), found_.data() + place,
                 undecided_.data() + first});
    std::copy(found_.begin() + static_cast<std::ptrdiff_t>(run.first),
              found_.begin() + static_cast<std::ptrdiff_t>(run.last), counts + run.first);
    for (std::size_t b = first; b < last; ++b) {
        if (!undecided_[b]) continue;
        for (std::size_t k = std::max(run.first, b * kLanes); k < std::min(run.last, (b + 1) * kLanes); ++k) {
            counts[k] = decide(step, run, k);
        }
    }
}

std::uint8_t Drive::decide(Step step, const Run& run, std::size_t source) const {
    const std::uint64_t word = words_[source / 4] ^ 0x8000800080008000ull, upper = word >> source % 4 * 16 & 0xFFFF;
    const auto more = philox(trains_.key, {source, kOfTheUndecided, static_cast<std::uint64_t>(step), 0});
    const std::uint64_t number = upper << 48 | more[0] >> 16;
    const auto& table = *run.thresholds;
    return static_cast<std::uint8_t>(std::upper_bound(table.begin(), table.end(), number) - table.begin());
}

void Drive::silence(Step step, std::uint8_t* counts) const {
    for (const Run& run : runs_) {
        for (std::size_t k = run.first; k < run.last; ++k) {
            if (step <= begin_[k] || step > end_[k]) counts[k] = 0;
        }
    }
}

}  // namespace pynn_native
