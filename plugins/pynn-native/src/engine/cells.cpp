#include "cells.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bits.hpp"
#include "cond_exp.hpp"
#include "composed.hpp"
#include "curr_alpha.hpp"
#include "curr_delta.hpp"
#include "curr_exp.hpp"

namespace pynn_native {

std::size_t count_parts(std::size_t size, std::size_t threads) {
    const std::size_t tiles = padded(size) / kTile;
    const std::size_t most = kPartLimit / kTile * threads;
    return threads * std::max<std::size_t>(1, (tiles + most - 1) / most);
}

Cells::Cells(const Layout& layout, std::size_t receptors)
    : Emitter(layout.size, count_parts(layout.size, layout.threads)), h_(layout.timestep), single_(layout.single),
      v_rest_(parameter(-65.0)), cm_(parameter(1.0)),
      tau_m_(parameter(20.0)), tau_refrac_(parameter(0.1)), v_thresh_(parameter(-50.0)), v_reset_(parameter(-65.0)),
      i_offset_(parameter()), tau_syn_E_(parameter(5.0)), tau_syn_I_(parameter(5.0)), v_(state()),
      drive_(parameter()), free_(padded(layout.size), single_), receptors_(receptors),
      reached_(padded(layout.size) / kTile), waiting_(histories.size()) {
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
    for (Column* potential : {&v_, &v_rest_, &v_thresh_}) count_from_rest(*potential);
    // Lanes beyond the last cell are never free, so they never fire.
    for (std::size_t k = 0; k < size(); ++k) free_.set(k, true);

    const std::size_t tiles = reached_.size(), count = histories.size();
    part_of_tile_.resize(tiles);
    for (std::size_t p = 0; p < count; ++p) {
        const std::size_t first = p * tiles / count, last = (p + 1) * tiles / count;
        for (std::size_t tile = first; tile < last; ++tile) part_of_tile_[tile] = static_cast<std::uint32_t>(p);
        parts_.push_back({first * kTile, std::min(last * kTile, size())});
        inboxes_.emplace_back(parts_.back().size(), receptors, single_);
    }
}

Column& Cells::column(const std::string& name) {
    const auto found = columns_.find(name);
    if (found == columns_.end()) throw std::out_of_range("no parameter or variable " + name);
    return *found->second;
}

void Cells::assign(const std::string& name, Values values, Rows rows) {
    column(name).assign(values, rows);
    if (single_ && name == "v_rest") {
        for (Column* potential : potentials_) potential->count_from(v_rest_[0]);
    }
    changed_ = true;
}

void Cells::prepare() {
    if (!changed_) return;
    derive();
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

void Cells::advance(std::size_t part, Step step, std::vector<Cell>& fired) {
    fired.clear();
    if (parts_[part].size() == 0) return;
    release(part, step);
    with_number(single_, [&](auto zero) { move_on<decltype(zero)>(part, step, fired); });
}

template <class Number>
void Cells::move_on(std::size_t part, Step step, std::vector<Cell>& fired) {
    const Range& range = parts_[part];
    Inbox& inbox = inboxes_[part];
    const bool waits = !takes_at_once() || inbox.reserved();
    const Tiles<Number> tiles{range.first / kTile, padded(range.last) / kTile,
                              waits ? inbox.at<Number>(step, 0) : nullptr, waits ? inbox.at<Number>(step, 1) : nullptr,
                              reached_.data()};
    integrate(tiles);
    for (std::size_t tile = tiles.first; tile < tiles.last; ++tile) {
        if (reached_[tile]) fire<Number>(part, tile, step, fired);
    }
}

void Cells::release(std::size_t part, Step step) {
    Waiting& waiting = waiting_[part];
    while (!waiting.queue.empty() && waiting.queue.front().step <= step) {
        free_.set(waiting.queue.front().row, true);
        waiting.queue.pop_front();
    }
    while (!waiting.heap.empty() && waiting.heap.front().step <= step) {
        free_.set(waiting.heap.front().row, true);
        std::pop_heap(waiting.heap.begin(), waiting.heap.end());
        waiting.heap.pop_back();
    }
}

template <class Number>
void Cells::fire(std::size_t part, std::size_t tile, Step step, std::vector<Cell>& fired) {
    const Number* const v = v_.data<Number>() + tile * kTile;
    const Number* const v_thresh = v_thresh_.lane<Number>().tile(tile);
    const Whole<Number>* const free = free_.data<Number>() + tile * kTile;
    const auto reached = [=](std::size_t k) { return free[k] & ~bits_of(v[k] - v_thresh[k]); };
    each_negative({0, kTile}, reached, [&](std::size_t k) {
        if (!(v[k] >= v_thresh[k])) return;  // no number
        const Cell row = static_cast<Cell>(tile * kTile + k);
        fired.push_back(row);
        v_.put(row, v_reset_[row]);
        hold(part, row, step);
    });
}

void Cells::hold(std::size_t part, Cell row, Step step) {
    // No refractory period is longer than 9e15 steps, the last whole number of a double.
    const Step held = static_cast<Step>(std::min(9e15, std::nearbyint(tau_refrac_[row] / h_)));
    if (held == 0) return;
    free_.set(row, false);
    const Release release{step + held + 1, row};
    Waiting& waiting = waiting_[part];
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
