// One parameter or state variable of a block of cells.
#pragma once

#include "values.hpp"

namespace pynn_native {

// Where a kernel finds the values of tile t: base + t × stride. The stride is 0 where all cells share one value.
struct Lane {
    const double* base;
    std::size_t stride;
    const double* tile(std::size_t t) const { return base + t * stride; }
};

class Column {
public:
    enum class Use { parameter, state };

    Column(std::size_t size, Use use, double value = 0.0);

    double operator[](std::size_t row) const { return values_[shared_ ? 0 : row]; }
    bool shared() const { return shared_; }
    Lane lane() const { return {values_.data(), shared_ ? 0 : kTile}; }
    // State only: one value for each cell, padded to whole tiles.
    double* data() { return values_.data(); }

    // Give these rows one value, or one each; throws std::out_of_range or std::invalid_argument before any change.
    void assign(Values values, Rows rows);
    void fill(double value);
    // Let each cell have a value of its own from now on.
    void spread();

    // Compute this column from others, in which row k of `shared` columns is the same for all k.
    template <class Rule>
    void derive(bool shared, Rule rule) {
        if (shared) {
            fill(rule(std::size_t{0}));
            return;
        }
        spread();
        for (std::size_t k = 0; k < size_; ++k) values_[k] = rule(k);
        pad();
    }

private:
    void pad();

    std::size_t size_;
    Use use_;
    bool shared_;
    Doubles values_;
};

std::size_t padded(std::size_t size);

// Throws where values and rows do not fit each other or a block of this size.
void check(Values values, Rows rows, std::size_t size);

}  // namespace pynn_native
