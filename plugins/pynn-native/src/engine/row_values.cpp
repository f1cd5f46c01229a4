#include "row_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace pynn_native {

namespace {
bool alike(Values values) {
    return std::all_of(values.data, values.data + values.size, [&](double v) { return v == values[0]; });
}
}  // namespace

double* RowValues::spread() {
    if (own_.empty()) own_.assign(size_, shared_);
    return own_.data();
}

void RowValues::assign(Values values, Rows rows) {
    check(values, rows, size_);
    if (values.size == 0 || (rows.data && rows.size == 0)) return;
    if (!rows.data && alike(values)) {
        std::vector<double>().swap(own_);
        shared_ = values[0];
        return;
    }
    double* own = spread();
    const std::size_t count = rows.data ? rows.size : size_;
    for (std::size_t k = 0; k < count; ++k) {
        own[rows.data ? static_cast<std::size_t>(rows[k]) : k] = values[values.size == 1 ? 0 : k];
    }
}

void RowDelays::assign(Values values, Rows rows) {
    check(values, rows, size_);
    if (values.size == 0 || (rows.data && rows.size == 0)) return;
    const auto steps_of = [&](double ms) {
        const double steps = std::max(1.0, std::nearbyint(ms / timestep_));
        if (!(steps < std::numeric_limits<std::uint32_t>::max())) throw std::out_of_range("a delay without end");
        return static_cast<std::uint32_t>(steps);
    };
    if (!rows.data && alike(values)) {
        shared_ = steps_of(values[0]);
        std::vector<std::uint8_t>().swap(bytes_);
        std::vector<std::uint32_t>().swap(words_);
        return;
    }
    std::vector<std::uint32_t> steps(size_);
    for (std::size_t k = 0; k < size_; ++k) steps[k] = static_cast<std::uint32_t>((*this)[k]);
    const std::size_t count = rows.data ? rows.size : size_;
    for (std::size_t k = 0; k < count; ++k) {
        steps[rows.data ? static_cast<std::size_t>(rows[k]) : k] = steps_of(values[values.size == 1 ? 0 : k]);
    }
    pack(steps);
}

void RowDelays::pack(const std::vector<std::uint32_t>& steps) {
    const auto ends = std::minmax_element(steps.begin(), steps.end());
    shared_ = *ends.first;
    std::vector<std::uint8_t>().swap(bytes_);
    std::vector<std::uint32_t>().swap(words_);
    if (*ends.first == *ends.second) return;
    if (*ends.second <= std::numeric_limits<std::uint8_t>::max()) {
        bytes_.assign(steps.begin(), steps.end());
    } else {
        words_ = steps;
    }
}

Step RowDelays::shortest() const {
    if (!bytes_.empty()) return *std::min_element(bytes_.begin(), bytes_.end());
    if (!words_.empty()) return static_cast<Step>(*std::min_element(words_.begin(), words_.end()));
    return shared_;
}

Step RowDelays::longest() const {
    if (!bytes_.empty()) return *std::max_element(bytes_.begin(), bytes_.end());
    if (!words_.empty()) return static_cast<Step>(*std::max_element(words_.begin(), words_.end()));
    return shared_;
}

}  // namespace pynn_native
