#include "cells.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "bits.hpp"
#include "cond_exp.hpp"
#include "composed.hpp"
#include "curr_alpha.hpp"
#include "curr_delta.hpp"
#include "curr_exp.hpp"
#include "pack.hpp"

namespace pynn_native {

namespace {

template <class Number>
struct Reaching {
    const Number *v, *v_thresh;  // of a tile
    std::uint64_t* reached;      // a bit for each cell that is not below its threshold, or is no number
};

template <class W>
PYNN_NATIVE_INLINE void find(const Reaching<typename W::Number>& work) {
    using T = Tile<W>;
    std::uint64_t reached = 0;
    for (std::size_t k = 0; k < kTile; k += W::kLanes) {
        reached |= T::signs(~T::bits(T::at(work.v + k) - T::at(work.v_thresh + k))) << k;
    }
    *work.reached = reached;
}

PYNN_NATIVE_KERNELS(find_reached, find, Reaching)

}  // namespace

std::size_t count_parts(std::size_t size, std::size_t threads) {
    const std::size_t tiles = padded(size) / kTile;
    const std::size_t most = kPartLimit / kTile * threads;
    return threads * std::max<std::size_t>(1, (tiles + most - 1) / most);
}

Cells::Cells(const Layout& layout, std::size_t receptors)
    : Emitter(layout.size, count_parts(layout.size, layout.threads)), h_(layout.timestep), single_(layout.single),
      held_(parameter()), v_rest_(parameter(-65.0)), cm_(parameter(1.0)), tau_m_(parameter(20.0)),
      tau_refrac_(parameter(0.1)), v_thresh_(parameter(-50.0)), v_reset_(parameter(-65.0)), i_offset_(parameter()),
      tau_syn_E_(parameter(5.0)), tau_syn_I_(parameter(5.0)), v_(state()), drive_(parameter()),
      free_(padded(layout.size), single_), awake_(padded(layout.size) / kTile), receptors_(receptors),
      strip_shift_(pynn_native::strip_shift(single_)), touched_(awake_.size() * receptors),
      counted_(histories.size()), fetching_(histories.size()),
      reached_(padded(layout.size) / kTile + histories.size() * Lines::kBytes),
      waiting_(histories.size()) {
    name("v_rest", v_rest_);
    name("cm", cm_);
    name("tau_m", tau_m_);
    name("tau_refrac", tau_refrac_);
    name("v_thresh", v_thresh_);
    name("v_reset", v_reset_);
    name("i_offset", i_offset_);
    name("tau_syn_E", tau_syn_E_);
    name("tau_syn_I", tau_syn_I_);
    name("v", v_);
    for (Column* potential : {&v_, &v_rest_, &v_thresh_}) count_from_origin(*potential);
    // Lanes beyond the last cell are never free, so they never fire.
    for (std::size_t k = 0; k < size(); ++k) set_free(static_cast<Cell>(k), true);

    const std::size_t tiles = awake_.size(), count = histories.size();
    part_of_tile_.resize(tiles);
    for (std::size_t p = 0; p < count; ++p) {
        const std::size_t first = p * tiles / count, last = (p + 1) * tiles / count;
        for (std::size_t tile = first; tile < last; ++tile) part_of_tile_[tile] = static_cast<std::uint32_t>(p);
        parts_.push_back({first * kTile, std::min(last * kTile, size())});
        inboxes_.emplace_back(parts_.back().size(), receptors, single_);
        waiting_[p].resize(strips(p));
        counted_[p].resize(strips(p));
    }
}

Column& Cells::column(const std::string& name) {
    const auto found = columns_.find(name);
    if (found == columns_.end()) throw std::out_of_range("no parameter or variable " + name);
    return *found->second;
}

void Cells::assign(const std::string& name, Values values, Rows rows) {
    Column& changed = column(name);
    changed.assign(values, rows);
    if (&changed == anchor_) count_from(changed[0]);
    changed_ = true;
}

void Cells::count_from(double origin) {
    if (!single_) return;
    origin_ = origin;
    for (Column* potential : potentials_) potential->count_from(origin);
}

void Cells::prepare() {
    if (!changed_) return;
    derive();
    // No refractory period is longer than 9e15 steps, the last whole number of a double.
    held_.derive(tau_refrac_.shared(),
                 [&](std::size_t k) { return std::min(9e15, std::nearbyint(tau_refrac_[k] / h_)); });
    drive_.derive(i_offset_.shared() && injected_.empty() && drives_alike(),
                  [&](std::size_t k) {
                      const double flowing = injected_.empty() ? 0.0 : injected_[k];
                      return drive_of(i_offset_[k] + flowing + (coupled_.empty() ? 0.0 : coupled_[k]), k);
                  });
    changed_ = false;
}

void Cells::expect_injection() {
    if (!injected_.empty()) return;
    injected_ = Doubles(padded(size()), 0.0);
    changed_ = true;
}

void Cells::inject(Cell row, double current) {
    injected_[row] = current;
    drive_.put(row, drive_of(i_offset_[row] + current + (coupled_.empty() ? 0.0 : coupled_[row]), row));
}

void Cells::couple(Cell row, double current) {
    if (coupled_.empty()) coupled_ = Doubles(padded(size()), 0.0);
    coupled_[row] = current;
    drive_.put(row, drive_of(i_offset_[row] + injected_[row] + current, row));
}

void Cells::advance(const Strip& strip, Step step, Fired& fired) {
    release(strip, step);
    with_number(single_, [&](auto zero) { move_on<decltype(zero)>(strip, step, fired); });
}

template <class Number>
void Cells::move_on(const Strip& strip, Step step, Fired& fired) {
    const std::size_t begin = parts_[strip.part].first;
    auto& [exc, inh] = counted(strip);
    Fetching* const fetching = fetching_[strip.part].now;
    const Tiles<Number> tiles{(begin + strip.first) / kTile, padded(begin + strip.last) / kTile,
                              waiting<Number>(strip, step, 0), waiting<Number>(strip, step, 1), reached(strip.part),
                              {exc.data(), exc.size()}, {inh.data(), inh.size()},
                              fetching};
    integrate(tiles);
    exc.clear();
    inh.clear();
    // Which tiles these are no processor can guess, so there is no branch until they are known.
    std::array<std::uint32_t, kPartLimit / kTile> some;
    std::size_t count = 0;
    for (std::size_t tile = tiles.first; tile < tiles.last; ++tile) {
        some[count] = static_cast<std::uint32_t>(tile);
        count += tiles.reached[tile] != 0;
    }
    for (std::size_t k = 0; k < count; ++k) fire<Number>(strip.part, some[k], step, fired);
}

template <class Number>
Number* Cells::waiting(const Strip& strip, Step step, std::size_t receptor) {
    Inbox& inbox = inboxes_[strip.part];
    std::uint8_t& some = touched(strip, receptor);
    const bool waits = inbox.reserved() || some || !(takes_at_once() || adds_counts_);
    if (some) some = 0;
    return waits ? inbox.at<Number>(step, receptor) + strip.first : nullptr;
}

bool Cells::finite(const Strip& strip) const {
    // A sum is finite if every term is, and a loop without a way out is fast.
    return with_number(single_, [&](auto zero) {
        using Number = decltype(zero);
        const Number* const v = v_.lane<Number>().base + parts_[strip.part].first + strip.first;
        Number sums[8] = {};  // side by side, so that none waits for another
        const std::size_t size = strip.last - strip.first, whole = size / 8 * 8;
        for (std::size_t k = 0; k < whole; k += 8) {
            for (std::size_t n = 0; n < 8; ++n) sums[n] += Number{0} * v[k + n];
        }
        for (std::size_t k = whole; k < size; ++k) sums[0] += Number{0} * v[k];
        return std::accumulate(sums, sums + 8, Number{0}) == 0;
    });
}

void Cells::set_free(Cell row, bool free) {
    const std::uint64_t bit = std::uint64_t{1} << row % kTile;
    free_.set(row, free);
    awake_[row / kTile] = free ? awake_[row / kTile] | bit : awake_[row / kTile] & ~bit;
}

void Cells::release(const Strip& strip, Step step) {
    for (std::size_t k = strip.first >> strip_shift_; k << strip_shift_ < strip.last; ++k) {
        Waiting& waiting = waiting_[strip.part][k];
        while (!waiting.queue.empty() && waiting.queue.front().step <= step) {
            set_free(waiting.queue.front().row, true);
            waiting.queue.pop_front();
        }
        while (!waiting.heap.empty() && waiting.heap.front().step <= step) {
            set_free(waiting.heap.front().row, true);
            std::pop_heap(waiting.heap.begin(), waiting.heap.end());
            waiting.heap.pop_back();
        }
    }
}

template <class Number>
void Cells::fire(std::size_t part, std::size_t tile, Step step, Fired& fired) {
    const Number* const v = v_.data<Number>() + tile * kTile;
    const Number* const v_thresh = v_thresh_.lane<Number>().tile(tile);
    std::uint64_t reached = 0;
    find_reached(Reaching<Number>{v, v_thresh, &reached});
    for (reached &= awake_[tile]; reached; reached &= reached - 1) {
        const std::size_t k = lowest_bit(reached);
        if (!(v[k] >= v_thresh[k])) continue;  // no number
        const Cell row = static_cast<Cell>(tile * kTile + k);
        fired.push_back(row);
        v_.put(row, v_reset_[row]);
        hold(part, row, step);
    }
}

void Cells::hold(std::size_t part, Cell row, Step step) {
    const Step held = static_cast<Step>(held_[row]);
    if (held == 0) return;
    set_free(row, false);
    const Release release{step + held + 1, row};
    Waiting& waiting = waiting_[part][(row - parts_[part].first) >> strip_shift_];
    if (waiting.queue.empty() || waiting.queue.back().step <= release.step) {
        waiting.queue.push_back(release);
    } else {
        waiting.heap.push_back(release);
        std::push_heap(waiting.heap.begin(), waiting.heap.end());
    }
}

std::unique_ptr<Cells> make_cells(const std::string& kind, const Layout& layout) {
    if (kind == "IF_curr_exp") return std::make_unique<CurrExp>(layout);
    if (kind == "IF_curr_alpha") return std::make_unique<CurrAlpha>(layout);
    if (kind == "IF_curr_delta") return std::make_unique<CurrDelta>(layout);
    if (kind == "IF_cond_exp") return std::make_unique<CondExp>(layout);
    if (kind.rfind("composed", 0) == 0) return make_composed(kind, layout);
    throw std::invalid_argument("no cells of kind " + kind);
}

}  // namespace pynn_native
