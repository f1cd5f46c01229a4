// Who is connected to whom, sorted by part of the targets, source and target.
#pragma once

#include <string>

#include "cells.hpp"

namespace pynn_native {

// Synapses as they arrive, in chunks; kept in this form only until all are there.
struct Arrivals {
    std::vector<Cell> pre, post;
    std::map<std::string, std::vector<double>> values;  // those that differ from row to row

    void add(Rows pre_rows, Rows post_rows, const std::map<std::string, Values>& chunk, std::size_t sources,
             std::size_t targets);
};

// The targets of each source in each part: two bytes for a synapse. Rows of one pair stay in the order of arrival.
class Connectivity {
public:
    // Empties `arrivals.pre` and `.post`; `order` receives, for each row here, its number among the arrivals.
    Connectivity(Arrivals& arrivals, std::size_t sources, const Cells& post, std::vector<std::uint32_t>& order);

    std::size_t size() const { return target_.size(); }
    Range row(std::size_t part, std::size_t source) const {
        const std::uint64_t* offset = offset_.data() + part * (sources_ + 1) + source;
        return {offset[0], offset[1]};
    }
    // Number of each target within its part.
    const std::uint16_t* targets() const { return target_.data(); }

    // Both ends of every row.
    std::vector<double> sources() const;
    std::vector<double> targets_in_block() const;

private:
    std::size_t sources_;
    std::vector<Range> parts_;
    std::vector<std::uint64_t> offset_;  // (sources + 1) for each part
    std::vector<std::uint16_t> target_;
};

}  // namespace pynn_native
