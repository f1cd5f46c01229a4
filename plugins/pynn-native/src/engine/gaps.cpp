#include "gaps.hpp"

#include <stdexcept>

#include "synapses.hpp"

namespace pynn_native {

Gaps::Gaps(Arrivals& arrivals, Cells& first, Cells& second)
    : first_(first), second_(second), i_(std::move(arrivals.pre)), j_(std::move(arrivals.post)), weight_(i_.size()) {
    const auto given = arrivals.values.find("weight");
    if (!i_.empty()) {  // else no column came, such as where another process has them all
        if (given == arrivals.values.end()) throw std::invalid_argument("gap junctions without weight");
        if (given->second.size() != 1 && given->second.size() != i_.size()) {
            throw std::invalid_argument("weights of another number of gap junctions");
        }
        weight_.assign({given->second.data(), given->second.size()}, {});
    }
    first_.expect_injection();
    second_.expect_injection();
}

void Gaps::flow(std::vector<double>& into_first, std::vector<double>& into_second) const {
    for (std::size_t k = 0; k < i_.size(); ++k) {
        const double current = weight_[k] * (first_.potential(i_[k]) - second_.potential(j_[k]));
        into_second[j_[k]] += current;
        into_first[i_[k]] -= current;
    }
}

std::vector<double> Gaps::get(const std::string& name, Rows rows) const {
    std::vector<double> all(size());
    for (std::size_t k = 0; k < size(); ++k) {
        if (name == "i") {
            all[k] = i_[k];
        } else if (name == "j") {
            all[k] = j_[k];
        } else if (name == "weight") {
            all[k] = weight_[k];
        } else {
            throw std::out_of_range("gap junctions have no " + name);
        }
    }
    return select(size(), rows, all);
}

void Gaps::set(const std::string& name, Values values, Rows rows) {
    if (name != "weight") throw std::out_of_range("gap junctions have no " + name);
    weight_.assign(values, rows);
}

}  // namespace pynn_native
