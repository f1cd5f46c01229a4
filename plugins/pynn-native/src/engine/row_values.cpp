#include "row_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace pynn_native {

namespace {
template <class T>
bool alike(const T* values, std::size_t size) {
    return std::all_of(values, values + size, [&](T v) { return v == values[0]; });
}
}  // namespace

double* RowValues::spread() {
    if (own_.empty()) own_.assign(size_, shared_);
    return own_.data();
}

void RowValues::share(double value) {
    Table<double>().swap(own_);
    Table<float>().swap(singles_);
    shared_ = value;
}

template <class T>
void RowValues::put(Table<T>& own, Values values, Rows rows) {
    if (own.empty()) own.assign(size_, static_cast<T>(shared_));
    const std::size_t count = rows.data ? rows.size : size_;
    for (std::size_t k = 0; k < count; ++k) {
        own[rows.data ? static_cast<std::size_t>(rows[k]) : k] = static_cast<T>(values[values.size == 1 ? 0 : k]);
    }
}

void RowValues::assign(Values values, Rows rows) {
    check(values, rows, size_);
    if (values.size == 0 || (rows.data && rows.size == 0)) return;
    if (!rows.data && alike(values.data, values.size)) return share(values[0]);
    if (single_) {
        put(singles_, values, rows);
    } else {
        put(own_, values, rows);
    }
}

void RowValues::take(Table<double>&& values) {
    const bool one = values.size() != size_ || alike(values.data(), values.size());
    if (one || single_) return assign({values.data(), values.size()}, {});
    own_ = std::move(values);
}

void RowValues::take(Table<float>&& values) {
    if (values.empty()) return;
    if (alike(values.data(), values.size())) return share(values[0]);
    singles_ = std::move(values);
}

void RowDelays::assign(Values values, Rows rows) {
    check(values, rows, size_);
    if (values.size == 0 || (rows.data && rows.size == 0)) return;
    const auto steps_of = [&](double ms) {
        const double steps = std::max(1.0, std::nearbyint(ms / timestep_));
        if (!(steps < std::numeric_limits<std::uint32_t>::max())) throw std::out_of_range("a delay without end");
        return static_cast<std::uint32_t>(steps);
    };
    if (!rows.data && alike(values.data, values.size)) {
        shared_ = steps_of(values[0]);
        std::vector<std::uint8_t>().swap(bytes_);
        std::vector<std::uint32_t>().swap(words_);
        return;
    }
    if (!rows.data) return pack([&](std::size_t k) { return steps_of(values[k]); });
    std::vector<std::uint32_t> steps(size_);
    for (std::size_t k = 0; k < size_; ++k) steps[k] = static_cast<std::uint32_t>((*this)[k]);
    for (std::size_t k = 0; k < rows.size; ++k) {
        steps[static_cast<std::size_t>(rows[k])] = steps_of(values[values.size == 1 ? 0 : k]);
    }
    pack([&](std::size_t k) { return steps[k]; });
}

template <class StepOf>
void RowDelays::pack(StepOf step_of) {
    std::uint32_t shortest = std::numeric_limits<std::uint32_t>::max(), longest = 0;
    for (std::size_t k = 0; k < size_; ++k) {
        const std::uint32_t step = step_of(k);
        shortest = std::min(shortest, step);
        longest = std::max(longest, step);
    }
    shared_ = shortest;
    std::vector<std::uint8_t>().swap(bytes_);
    std::vector<std::uint32_t>().swap(words_);
    if (shortest == longest) return;
    if (longest <= std::numeric_limits<std::uint8_t>::max()) {
        bytes_.resize(size_);
        for (std::size_t k = 0; k < size_; ++k) bytes_[k] = static_cast<std::uint8_t>(step_of(k));
    } else {
        words_.resize(size_);
        for (std::size_t k = 0; k < size_; ++k) words_[k] = step_of(k);
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
