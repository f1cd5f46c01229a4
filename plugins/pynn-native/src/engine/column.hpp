// One parameter or state variable of a block of cells.
#pragma once

#include "values.hpp"

namespace pynn_native {

// Where a kernel finds the values of tile t: base + t × stride. The stride is 0 where all cells share one value.
template <class Number>
struct LaneOf {
    const Number* base;
    std::size_t stride;
    const Number* tile(std::size_t t) const { return base + t * stride; }
};
using Lane = LaneOf<double>;

// Values are given and asked for in double precision. Where cells are computed in single precision, kernels read and
// write 32-bit numbers: state has no other, parameters have them beside what was given. They count from an origin, since
// a float is finest near 0.
class Column {
public:
    enum class Use { parameter, state };

    Column(std::size_t size, Use use, bool single, double value = 0.0);

    double operator[](std::size_t row) const {
        if (!wide()) return origin_ + static_cast<double>(singles_[row]);
        return values_[shared_ ? 0 : row];
    }
    bool shared() const { return shared_; }
    template <class Number>
    LaneOf<Number> lane() const {
        return {numbers<Number>().data(), shared_ ? 0 : kTile};
    }
    // State only: one number for each cell, padded to whole tiles.
    template <class Number>
    Number* data() {
        return const_cast<Number*>(numbers<Number>().data());
    }
    // One value for each cell only.
    void put(std::size_t row, double value) {
        if (wide()) values_[row] = value;
        if (single_) singles_[row] = narrowed(value);
    }

    // Give these rows one value, or one each; throws std::out_of_range or std::invalid_argument before any change.
    void assign(Values values, Rows rows);
    void fill(double value);
    // Let each cell have a value of its own from now on.
    void spread();
    // What 32-bit numbers are counted from; values stay what they are, as far as 32 bits go.
    void count_from(double origin);

    // Compute this column from others, in which row k of `shared` columns is the same for all k.
    template <class Rule>
    void derive(bool shared, Rule rule) {
        if (shared) {
            fill(rule(std::size_t{0}));
            return;
        }
        spread();
        for (std::size_t k = 0; k < size_; ++k) put(k, rule(k));
        pad();
    }

private:
    bool wide() const { return !single_ || use_ == Use::parameter; }
    float narrowed(double value) const { return static_cast<float>(value - origin_); }
    template <class Number>
    const Aligned<Number>& numbers() const {
        if constexpr (std::is_same_v<Number, float>) {
            return singles_;
        } else {
            return values_;
        }
    }
    // Have `count` numbers, all of this value.
    void hold(std::size_t count, double value);
    void pad();

    std::size_t size_;
    Use use_;
    bool single_, shared_;
    double origin_ = 0.0;
    Doubles values_;
    Singles singles_;
};

// Which cells are something; kernels see all bits of a number set, or none.
class Flags {
public:
    Flags(std::size_t size, bool single) : wide_(single ? 0 : size, 0), narrow_(single ? size : 0, 0) {}
    bool operator[](std::size_t row) const { return wide_.empty() ? narrow_[row] != 0 : wide_[row] != 0; }
    void set(std::size_t row, bool flag) {
        if (wide_.empty()) {
            narrow_[row] = -static_cast<std::int32_t>(flag);
        } else {
            wide_[row] = -static_cast<std::int64_t>(flag);
        }
    }
    template <class Number>
    const Whole<Number>* data() const {
        if constexpr (std::is_same_v<Number, float>) {
            return narrow_.data();
        } else {
            return wide_.data();
        }
    }

private:
    Masks wide_;
    Aligned<std::int32_t> narrow_;
};

std::size_t padded(std::size_t size);

// Throws where values and rows do not fit each other or a block of this size.
void check(Values values, Rows rows, std::size_t size);

}  // namespace pynn_native
