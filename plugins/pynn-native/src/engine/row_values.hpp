// One value of each synapse of a block, stored only where synapses differ.
#pragma once

#include "column.hpp"

namespace pynn_native {

class RowValues {
public:
    explicit RowValues(std::size_t size, double value = 0.0) : size_(size), shared_(value) {}

    double operator[](std::size_t row) const { return own_.empty() ? shared_ : own_[row]; }
    bool shared() const { return own_.empty(); }
    const double* data() const { return own_.data(); }
    double* spread();  // one for each row, from now on

    void assign(Values values, Rows rows);
    // As `assign` to all rows; the values are kept, not copied, where they differ.
    void take(Table<double>&& values);

private:
    std::size_t size_;
    double shared_;
    Table<double> own_;
};

// Delays in steps: one for all, one byte each where none is longer than 255 steps, else four.
class RowDelays {
public:
    RowDelays(std::size_t size, double timestep) : size_(size), timestep_(timestep) {}

    Step operator[](std::size_t row) const {
        return !bytes_.empty() ? bytes_[row] : !words_.empty() ? static_cast<Step>(words_[row]) : shared_;
    }
    bool shared() const { return bytes_.empty() && words_.empty(); }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }
    const std::vector<std::uint32_t>& words() const { return words_; }

    // ms, rounded to whole steps, one at least; never more than a few days of biological time.
    void assign(Values values, Rows rows);
    double in_ms(std::size_t row) const { return static_cast<double>((*this)[row]) * timestep_; }
    Step shortest() const;
    Step longest() const;

private:
    // One for each row: step_of(row) is the delay in steps.
    template <class StepOf>
    void pack(StepOf step_of);

    std::size_t size_;
    double timestep_;
    Step shared_ = 1;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> words_;
};

}  // namespace pynn_native
