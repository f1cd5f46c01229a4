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
        if (!wide()) return origin_ + static_cast<double>(numbers_.narrow[row]);
        return numbers_.wide[shared_ ? 0 : row];
    }
    bool shared() const { return shared_; }
    template <class Number>
    LaneOf<Number> lane() const {
        return {numbers_.of<Number>().data(), shared_ ? 0 : kTile};
    }
    // State only: one number for each cell, padded to whole tiles.
    template <class Number>
    Number* data() {
        return numbers_.of<Number>().data();
    }
    // One value for each cell only.
    void put(std::size_t row, double value) {
        if (wide()) numbers_.wide[row] = value;
        if (single_) numbers_.narrow[row] = narrowed(value);
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
    // Have `count` numbers, all of this value.
    void hold(std::size_t count, double value);
    void pad();

    std::size_t size_;
    Use use_;
    bool single_, shared_;
    double origin_ = 0.0;
    Either<Aligned> numbers_;
};

// Which cells are something; kernels see all bits of a number set, or none.
class Flags {
public:
    Flags(std::size_t size, bool single) : single_(single) {
        with_number(single, [&](auto zero) { marks_.of<decltype(zero)>().assign(size, 0); });
    }
    bool operator[](std::size_t row) const {
        return with_number(single_, [&](auto zero) { return marks_.of<decltype(zero)>()[row] != 0; });
    }
    void set(std::size_t row, bool flag) {
        with_number(single_, [&](auto zero) {
            marks_.of<decltype(zero)>()[row] = -static_cast<Whole<decltype(zero)>>(flag);
        });
    }
    template <class Number>
    const Whole<Number>* data() const {
        return marks_.of<Number>().data();
    }

private:
    bool single_;
    Either<Masks> marks_;
};

std::size_t padded(std::size_t size);

// Throws where values and rows do not fit each other or a block of this size.
void check(Values values, Rows rows, std::size_t size);

}  // namespace pynn_native
