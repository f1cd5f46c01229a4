#include "custom.hpp"

#include <algorithm>
#include <stdexcept>

namespace pynn_native {

namespace {
CustomLane handed_over(const Column& column) {
    const Lane lane = column.lane<double>();
    return {lane.base, lane.stride};
}
}  // namespace

Custom::Custom(const Layout& layout, const CustomKind& kind)
    : Cells(layout, kind.tau_syn.size()), count_(kind.count), step_(kind.step), handed_(parts()),
      fires_(padded(layout.size), 0), reached_(padded(layout.size) / kTile) {
    if (single_) throw std::invalid_argument("equations are solved in double precision");
    if (!step_ || count_ == 0) throw std::invalid_argument("a step of the equations");
    for (const std::string& name : kind.states) {
        states_.push_back(name == "v" ? &v_ : &own_.emplace(name, state()).first->second);
    }
    for (const std::string& name : kind.parameters) {
        parameters_.push_back(name == kind.refractory ? &tau_refrac_ : &own_.emplace(name, parameter()).first->second);
    }
    for (const std::string& name : kind.tau_syn) tau_syn_of_.push_back(&own_.at(name));
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
    const std::size_t part_number = whole.part;
    const Range& range = part(part_number);
    release(whole, step);

    Handed& handed = handed_[part_number];
    handed.states.clear();
    handed.inputs.clear();
    handed.parameters.clear();
    for (Column* state : states_) handed.states.push_back(state->data<double>());
    for (const Column* column : parameters_) handed.parameters.push_back(handed_over(*column));
    for (std::size_t r = 0; r < receptors(); ++r) handed.inputs.push_back(inbox(part_number).at<double>(step, r));
    const std::size_t first = range.first / kTile, last = padded(range.last) / kTile;
    const CustomWork work{first, last, handed.states.data(), handed.parameters.data(),
                          handed_over(drive_), handed.inputs.data(), free_.data<double>(), fires_.data(),
                          reached_.data(), h_ / static_cast<double>(count_), count_};
    if (step_(&work) != 0) throw std::runtime_error("the equations could not be evaluated");
    for (std::size_t tile = first; tile < last; ++tile) {
        if (!reached_[tile]) continue;
        for (std::size_t k = tile * kTile; k < std::min((tile + 1) * kTile, size()); ++k) {
            if (!fires_[k]) continue;
            fired.push_back(static_cast<Cell>(k));
            hold(part_number, static_cast<Cell>(k), step);
        }
    }
}

}  // namespace pynn_native
