#include "custom.hpp"

#include <algorithm>
#include <stdexcept>

namespace pynn_native {

namespace {
template <class Number>
CustomLane<Number> handed_over(const Column& column) {
    const LaneOf<Number> lane = column.lane<Number>();
    return {lane.base, lane.stride};
}
}  // namespace

Custom::Custom(const Layout& layout, const CustomKind& kind)
    : Cells(layout, kind.tau_syn.size()), count_(kind.count), step_(kind.step), reached_(padded(layout.size) / kTile) {
    with_number(single_, [&](auto zero) {
        handed_.of<decltype(zero)>().resize(parts());
        fires_.of<decltype(zero)>().assign(padded(size()), 0);
    });
    if (!step_ || count_ == 0) throw std::invalid_argument("a step of the equations");
    for (const std::string& name : kind.states) {
        states_.push_back(name == "v" ? &v_ : &own_.emplace(name, state()).first->second);
    }
    for (const std::string& name : kind.parameters) {
        parameters_.push_back(name == kind.refractory ? &tau_refrac_ : &own_.emplace(name, parameter()).first->second);
    }
    for (const std::string& name : kind.tau_syn) tau_syn_of_.push_back(&own_.at(name));
    if (!kind.origin.empty()) count_from_first(own_.at(kind.origin));
    inherited_ = {{"v", &v_}, {kind.refractory, &tau_refrac_}};
}

Column& Custom::column(const std::string& name) {
    const auto known = inherited_.find(name);
    if (known != inherited_.end()) return *known->second;
    const auto found = own_.find(name);
    if (found == own_.end()) throw std::out_of_range("no parameter or variable " + name);
    return found->second;
}

double Custom::tau_syn(std::size_t receptor, std::size_t row) const { return (*tau_syn_of_.at(receptor))[row]; }

void Custom::advance(const Strip& whole, Step step, Fired& fired) {
    release(whole, step);
    with_number(single_, [&](auto zero) { advance_part<decltype(zero)>(whole.part, step, fired); });
}

template <class Number>
void Custom::advance_part(std::size_t part_number, Step step, Fired& fired) {
    const Range& range = part(part_number);
    Handed<Number>& handed = handed_.of<Number>()[part_number];
    Masks<Number>& fires = fires_.of<Number>();
    handed.states.clear();
    handed.inputs.clear();
    handed.parameters.clear();
    for (Column* state : states_) handed.states.push_back(state->data<Number>());
    for (const Column* column : parameters_) handed.parameters.push_back(handed_over<Number>(*column));
    for (std::size_t r = 0; r < receptors(); ++r) handed.inputs.push_back(inbox(part_number).at<Number>(step, r));
    const std::size_t first = range.first / kTile, last = padded(range.last) / kTile;
    const CustomWork<Number> work{first, last, handed.states.data(), handed.parameters.data(),
                                  handed_over<Number>(drive_), handed.inputs.data(), free_.data<Number>(), fires.data(),
                                  reached_.data(), h_ / static_cast<double>(count_), count_};
    if (reinterpret_cast<CustomStep<Number>*>(step_)(&work) != 0) {
        throw std::runtime_error("the equations could not be evaluated");
    }
    for (std::size_t tile = first; tile < last; ++tile) {
        if (!reached_[tile]) continue;
        for (std::size_t k = tile * kTile; k < std::min((tile + 1) * kTile, size()); ++k) {
            if (!fires[k]) continue;
            fired.push_back(static_cast<Cell>(k));
            hold(part_number, static_cast<Cell>(k), step);
        }
    }
}

}  // namespace pynn_native
