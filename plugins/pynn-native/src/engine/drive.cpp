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
constexpr std::size_t kFew = 32;  // thresholds that one vector holds
constexpr std::size_t kBlocks = kTile / kLanes;  // outputs of Philox for a tile
constexpr std::uint64_t kSigns = 0x8000800080008000ull;

Step to_step(double steps) { return static_cast<Step>(std::min(std::max(steps, -kNever), kNever)); }

// The first step that is not before a time.
double step_of(double time, double timestep) { return std::ceil(time / timestep - 1e-9); }

// Vectors of 64 bytes have no arithmetic of 16 bits on some processors that have AVX-512.
template <std::size_t kBytes>
struct Halves {
    typedef std::int16_t Pack __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
    typedef std::int64_t Word __attribute__((vector_size(kBytes > 32 ? 32 : kBytes)));
};

struct Drawing {
    const RoundKeys* keys;
    std::uint64_t step;
    Range tiles;        // to compare
    std::size_t known;  // tiles before this one were drawn
    const std::int16_t* upper;
    std::size_t thresholds;
    std::uint64_t* words;              // of all tiles
    std::uint8_t *counts, *undecided;  // undecided: one for each tile
};

PYNN_NATIVE_INLINE void draw_tile(const Drawing& work, std::size_t tile) {
    for (std::size_t b = tile * kBlocks; b < (tile + 1) * kBlocks; ++b) {
        const auto four = work.keys->at({1 + b, kOfCounts, work.step, 0});
        for (std::size_t w = 0; w < 4; ++w) work.words[4 * b + w] = four[w] ^ kSigns;
    }
}

// How many of the thresholds lie below each number; a tile is undecided in which one equals a threshold, or lies above the
// last.
template <class W>
PYNN_NATIVE_INLINE void compare_tile(const Drawing& work, std::size_t tile) {
    using Pack = typename Halves<W::kLanes * 8>::Pack;
    using Word = typename Halves<W::kLanes * 8>::Word;
    constexpr std::size_t kPacks = kTile / (sizeof(Pack) / 2);
    std::int16_t found[kTile];
    Pack number[kPacks], count[kPacks]{}, same[kPacks]{};
    std::memcpy(number, work.words + tile * kTile / 4, sizeof(number));
    for (std::size_t t = 0; t < work.thresholds; ++t) {
        const Pack threshold = Pack{} + work.upper[t];
        for (std::size_t k = 0; k < kPacks; ++k) {
            count[k] -= number[k] > threshold;
            same[k] |= number[k] == threshold;
        }
    }
    for (std::size_t k = 0; k < kPacks; ++k) same[k] |= number[k] > Pack{} + work.upper[work.thresholds - 1];
    std::memcpy(found, count, sizeof(count));
    std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts + tile * kTile;
    for (std::size_t k = 0; k < kTile; ++k) counts[k] = static_cast<std::uint8_t>(found[k]);
    for (std::size_t k = 1; k < kPacks; ++k) same[0] |= same[k];
    const auto words = (Word)same[0];  // its bits
    std::int64_t any = 0;
    for (std::size_t lane = 0; lane < sizeof(Word) / 8; ++lane) any |= words[lane];
    work.undecided[tile] = any != 0;
}

#if !defined(__clang__) && defined(__x86_64__)
// The same with 32 numbers to a vector. The first threshold that is not below a number is the only one that may equal it,
// so that one is looked up: there must be no more than 32.
PYNN_NATIVE_INLINE void compare_few(const Drawing& work, std::size_t tile) {
    typedef std::int16_t Pack __attribute__((vector_size(64)));
    typedef char Bytes __attribute__((vector_size(32)));
    constexpr auto kAll = static_cast<__mmask32>(-1);
    Pack table{};
    std::memcpy(&table, work.upper, work.thresholds * sizeof(std::int16_t));
    __mmask32 open = 0;
    for (std::size_t half = 0; half < 2; ++half) {
        Pack number, count{};
        std::memcpy(&number, work.words + tile * kTile / 4 + half * 8, sizeof(number));
        __mmask32 above = 0;
        for (std::size_t t = 0; t < work.thresholds; ++t) {
            above = __builtin_ia32_pcmpgtw512_mask(number, Pack{} + work.upper[t], kAll);
            count = __builtin_ia32_paddw512_mask(count, Pack{} + 1, count, above);
        }
        const Pack next = __builtin_ia32_permvarhi512_mask(table, count, Pack{}, kAll);
        open |= above | __builtin_ia32_pcmpeqw512_mask(number, next, kAll);
        const Bytes bytes = __builtin_ia32_pmovwb512_mask(count, Bytes{}, kAll);
        std::memcpy(work.counts + tile * kTile + half * 32, &bytes, sizeof(bytes));
    }
    work.undecided[tile] = open != 0;
}
#endif

// A tile is drawn before the one before it is compared: the one takes scalar products, the other vectors, and a processor
// does both at a time.
template <class W, bool kSmallIntegers>
PYNN_NATIVE_INLINE void draw(const Drawing& work) {
    for (std::size_t tile = work.tiles.first; tile <= work.tiles.last; ++tile) {
        if (tile >= work.known && tile < work.tiles.last) draw_tile(work, tile);
        if (tile == work.tiles.first) continue;
#if !defined(__clang__) && defined(__x86_64__)
        if constexpr (kSmallIntegers) {
            if (work.thresholds <= kFew) {
                compare_few(work, tile - 1);
                continue;
            }
        }
#endif
        compare_tile<W>(work, tile - 1);
    }
}

PYNN_NATIVE_KERNEL_OF_BYTES(draw_all, draw, Drawing)

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
        const Range touched{mine.first / kTile, padded(mine.last) / kTile};
        draw_all({&keys_, static_cast<std::uint64_t>(step), touched, known, run.upper.data(), run.upper.size(),
                  words_.data(), found_.data(), undecided_.data()});
        known = touched.last;
        decide(step, run, mine, counts);
        if (!all_alive) silence(step, mine, counts);
    }
}

void Drive::decide(Step step, const Run& run, Range sources, std::uint8_t* counts) {
    const std::size_t first = sources.first / kTile, last = padded(sources.last) / kTile;
    std::copy(found_.begin() + static_cast<std::ptrdiff_t>(sources.first),
              found_.begin() + static_cast<std::ptrdiff_t>(sources.last), counts + sources.first);
    for (std::size_t tile = first; tile < last; ++tile) {
        if (!undecided_[tile]) continue;
        const std::size_t end = std::min(sources.last, (tile + 1) * kTile);
        for (std::size_t k = std::max(sources.first, tile * kTile); k < end; ++k) counts[k] = decide(step, run, k);
    }
}

std::uint8_t Drive::decide(Step step, const Run& run, std::size_t source) const {
    const std::uint64_t word = words_[source / 4] ^ kSigns, upper = word >> source % 4 * 16 & 0xFFFF;
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
