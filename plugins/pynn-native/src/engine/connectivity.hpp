// Who is connected to whom, sorted by part of the targets, source and target.
#pragma once

#include <string>

#include "bitmap.hpp"
#include "cells.hpp"

namespace pynn_native {

// Synapses as they arrive, in chunks; kept in this form only until all are there.
struct Arrivals {
    std::vector<Cell> pre, post;
    std::map<std::string, std::vector<double>> values;  // those that differ from row to row

    void add(Rows pre_rows, Rows post_rows, const std::map<std::string, Values>& chunk, std::size_t sources,
             std::size_t targets);
};

// The targets of each source in each part: two bytes for a synapse, or a bit for each pair.
//
// Made in two passes: every synapse is counted, room is laid out, and every synapse is placed, those of one part and
// source in the order of their targets. Synapses of one pair stay in the order in which they were placed.
class Connectivity {
public:
    Connectivity(std::size_t sources, const Cells& post);

    void count(std::size_t part, std::size_t source, std::uint32_t synapses = 1) {
        offset_[group(part, source) + 2] += synapses;
    }
    // As bits, if no pair is joined twice. Throws std::length_error where rows could not be numbered.
    void lay_out(bool as_bits = false);
    // The row of a new synapse; `target` is counted within its part.
    std::size_t place(std::size_t part, std::size_t source, std::uint16_t target) {
        const std::size_t row = offset_[group(part, source) + 1]++;
        target_[row] = target;
        return row;
    }

    // The same for several of a part and source: those of 64 targets whose bits are set.
    void place_several(std::size_t part, std::size_t source, const std::uint16_t* targets, std::uint64_t chosen);

    std::size_t size() const { return size_; }
    // The rows as bits; empty where they are kept as lists.
    const Bitmap& bits() const { return bits_; }
    // Keep lists from now on.
    void unpack();
    Range row(std::size_t part, std::size_t source) const {
        const std::uint32_t* offset = offset_.data() + group(part, source);
        return {offset[0], offset[1]};
    }
    // Number of each target within its part; there is none where rows are kept as bits.
    const std::uint16_t* targets() const { return target_.data(); }
    const Table<std::uint16_t>& all_targets() const { return target_; }

    // Whether in each part neighbouring sources have one synapse each, onto neighbouring targets.
    bool diagonal() const;
    // Those sources: the first that has a synapse in a part, and one past the last.
    Range diagonal_sources(std::size_t part) const;

    // Both ends of every row.
    std::vector<double> sources() const;
    std::vector<double> targets_in_block() const;

private:
    std::size_t group(std::size_t part, std::size_t source) const { return part * sources_ + source; }

    std::size_t sources_, size_ = 0;
    std::vector<Range> parts_;
    // Where each group of rows, of one part and source, begins. While rows are counted, group g's number lies two places
    // up, and while they are placed, its next row one place up: when all are placed, that is where group g + 1 begins.
    std::vector<std::uint32_t> offset_;
    Table<std::uint16_t> target_;
    Bitmap bits_;
};

// What a block of synapses is made from: who is connected to whom, and values by name, one for all rows or one for each.
struct Wired {
    Connectivity wires;
    std::map<std::string, Table<double>> values;
    bool single = false;   // weights that differ are kept in four bytes each,
    Table<float> weights;  // and are here already where a rule made them
};

// The synapses that arrived, sorted; empties `arrivals`.
Wired sorted(Arrivals& arrivals, std::size_t sources, const Cells& post);

}  // namespace pynn_native
