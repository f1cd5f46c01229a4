#include "column.hpp"

#include <algorithm>
#include <stdexcept>

namespace pynn_native {

std::size_t padded(std::size_t size) { return (size + kTile - 1) / kTile * kTile; }

void check(Values values, Rows rows, std::size_t size) {
    const std::size_t count = rows.data ? rows.size : size;
    if (values.size != 1 && values.size != count) throw std::invalid_argument("as many values as rows, or one");
    for (std::size_t k = 0; rows.data && k < rows.size; ++k) {
        if (rows[k] < 0 || static_cast<std::size_t>(rows[k]) >= size) throw std::out_of_range("no such row");
    }
}

Column::Column(std::size_t size, Use use, bool single, double value)
    : size_(size), use_(use), single_(single), shared_(use == Use::parameter) {
    hold(shared_ ? kTile : padded(size), value);
}

void Column::hold(std::size_t count, double value) {
    if (wide()) numbers_.wide.assign(count, value);
    if (single_) numbers_.narrow.assign(count, narrowed(value));
}

void Column::fill(double value) {
    shared_ = use_ == Use::parameter;
    hold(shared_ ? kTile : padded(size_), value);
}

void Column::spread() {
    if (!shared_) return;
    shared_ = false;
    hold(padded(size_), numbers_.wide[0]);
}

void Column::pad() {
    // Lanes beyond the last cell are computed too, so they need harmless numbers.
    if (!size_) return;
    const auto beyond = [&](auto& numbers) {
        if (numbers.empty()) return;
        std::fill(numbers.begin() + static_cast<std::ptrdiff_t>(size_), numbers.end(), numbers[0]);
    };
    beyond(numbers_.wide);
    beyond(numbers_.narrow);
}

void Column::count_from(double origin) {
    if (!single_ || origin == origin_) return;
    const double before = origin_;
    origin_ = origin;
    for (std::size_t k = 0; k < numbers_.narrow.size(); ++k) {
        numbers_.narrow[k] = narrowed(wide() ? numbers_.wide[k] : before + static_cast<double>(numbers_.narrow[k]));
    }
}

void Column::assign(Values values, Rows rows) {
    check(values, rows, size_);
    if (!rows.data) {
        const bool alike = values.size > 0 && std::all_of(values.data, values.data + values.size,
                                                          [&](double v) { return v == values[0]; });
        if (alike) fill(values[0]);
        if (alike || size_ == 0) return;
    }
    if (rows.data && rows.size == 0) return;
    spread();
    const std::size_t count = rows.data ? rows.size : size_;
    for (std::size_t k = 0; k < count; ++k) {
        put(rows.data ? static_cast<std::size_t>(rows[k]) : k, values[values.size == 1 ? 0 : k]);
    }
    pad();
}

}  // namespace pynn_native
