// Gap junctions: a current in both directions, computed at the beginning of a step and held over it.
#pragma once

#include "cells.hpp"
#include "connectivity.hpp"
#include "row_values.hpp"

namespace pynn_native {

// ElectricalSynapse: rows of two cells and a conductance, µS; weight × (v_other - v) flows into each.
class Gaps {
public:
    Gaps(Arrivals& arrivals, Cells& first, Cells& second);

    std::size_t size() const { return i_.size(); }
    Cells& first() const { return first_; }
    Cells& second() const { return second_; }
    // Add the currents of the coming step to both sides, nA for each cell of the block.
    void flow(std::vector<double>& into_first, std::vector<double>& into_second) const;

    std::vector<double> get(const std::string& name, Rows rows) const;
    void set(const std::string& name, Values values, Rows rows);

private:
    Cells &first_, &second_;
    std::vector<Cell> i_, j_;
    RowValues weight_;
};

}  // namespace pynn_native
