// Rules made into rows, chunk after chunk, for simulators that are given rows.
#pragma once

#include "chooser.hpp"
#include "draws.hpp"
#include "interruption.hpp"

namespace pynn_native {

// Both ends of some synapses, and a column of values for each draw.
struct MadeRows {
    Table<std::int64_t> pre, post;
    std::vector<Table<double>> values;
};

// Follows a rule in the order of its cells: target by target (source by source), the partners of one increasing. Cells
// of other blocks and processes are counted, and their rows left out.
class RowMaker {
public:
    // Throws as `check` does where the arrays of a rule do not fit each other.
    RowMaker(const Rule& rule, std::vector<Draw> draws, Interruption& interruption);

    RowMaker(const RowMaker&) = delete;
    RowMaker& operator=(const RowMaker&) = delete;

    // The next rows, at most so many; none where all were made.
    MadeRows next(std::size_t most, Interruption& interruption);

private:
    bool choose_next();
    void append(std::size_t count, MadeRows& made) const;

    Rule rule_;
    std::vector<Draw> draws_;
    RuleTables tables_;
    Chooser chooser_;
    bool some_left_out_;                      // partners of other blocks or processes
    std::size_t group_ = 0, next_group_ = 0;  // the one whose partners are being given out, and the one after it
    std::vector<Cell> chosen_;                // its partners,
    std::vector<std::vector<double>> drawn_;  // what was drawn for each of them,
    std::size_t given_ = 0;                   // and how many were given out already
    std::size_t room_ = 4096;                 // rows that a chunk has room for at first: as many as the one before had
};

}  // namespace pynn_native
