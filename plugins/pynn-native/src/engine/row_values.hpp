// One value of each synapse of a block, stored only where synapses differ.
#pragma once

#include "column.hpp"

namespace pynn_native {

// Eight bytes each, or four where values are `single`.
class RowValues {
public:
    explicit RowValues(std::size_t size, double value = 0.0, bool single = false)
        : size_(size), shared_(value), single_(single) {}

    double operator[](std::size_t row) const {
        return !own_.empty() ? own_[row] : !singles_.empty() ? static_cast<double>(singles_[row]) : shared_;
    }
    bool shared() const { return own_.empty() && singles_.empty(); }
    // Those of all rows, where each has its own: in one of the two, the other is null.
    const double* data() const { return own_.empty() ? nullptr : own_.data(); }
    const float* singles() const { return singles_.empty() ? nullptr : singles_.data(); }
    double* spread();  // one for each row, from now on; not where values are single

    void assign(Values values, Rows rows);
    // As `assign` to all rows; the values are kept, not copied, where they differ.
    void take(Table<double>&& values);
    void take(Table<float>&& values);

private:
    template <class T>
    void put(Table<T>& own, Values values, Rows rows);
    void share(double value);

    std::size_t size_;
    double shared_;
    bool single_;
    Table<double> own_;
    Table<float> singles_;
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
