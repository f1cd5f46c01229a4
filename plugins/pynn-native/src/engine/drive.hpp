// Poisson trains, drawn as the clock goes on ("Random streams", section Sources).
#pragma once

#include <utility>

#include "drawing.hpp"
#include "values.hpp"

namespace pynn_native {

// Trains of a block of sources. Strong sources have a number of spikes in each step; the times of the others are drawn
// in windows of 100 ms.
struct Trains {
    std::vector<double> rate, start, stop;  // Hz, ms, ms
    Key key;
    double since = 0.0;  // ms
    // By source: which of the tables of thresholds it is drawn with, -1 for one that is not strong.
    std::vector<std::int64_t> table;
    std::vector<std::vector<std::uint64_t>> thresholds;
};

class Drive {
public:
    struct Spike {
        Step step;
        Cell row;
    };

    // Throws std::invalid_argument where the trains do not fit the number of sources or each other.
    Drive(std::size_t size, Trains trains, double timestep);

    // Spikes of the sources that are not strong, in the windows that begin before the end of `last`, and were not yet
    // given; in the order of rows within a window.
    void draw_windows(Step last, std::vector<Spike>& spikes);

    // Whether each step's spikes can be counted in bytes: some source is strong, and none so seldom drawn that more
    // than 255 of its spikes could fall into a step.
    bool counted() const { return !runs_.empty() && countable_; }
    bool strong() const { return !runs_.empty(); }
    // The spikes of the strong sources of these tiles in a step, of the others none; there must be room for whole tiles.
    // Other tiles may be counted at the same time. Meanwhile some lines are fetched at each tile.
    void count(Step step, Range tiles, std::uint8_t* counts, Fetching& fetching);
    // Before any is counted.
    void make_room();

private:
    // Neighbouring sources that are drawn with one table.
    struct Run {
        std::size_t first, last;
        const std::vector<std::uint64_t>* thresholds;
        Thresholds ready;
    };

    void find_runs();
    void draw_window(std::vector<Spike>& spikes);
    void decide(Step step, const Run& run, Range sources, std::uint8_t* counts) const;
    std::uint8_t decide(Step step, const Run& run, std::size_t source) const;
    void silence(Step step, Range sources, std::uint8_t* counts) const;

    Trains trains_;
    double timestep_;
    std::int64_t window_;  // the next
    std::vector<double> seldom_;  // rates; 0 for strong sources
    bool any_seldom_ = false, countable_ = true;
    std::vector<Run> runs_;
    std::vector<Step> begin_, end_;  // of strong sources: steps after the one, up to the other
    Step all_from_ = 0, all_to_ = 0;  // when all of them are alive
    Beginnings beginnings_;
    std::vector<std::uint8_t> found_;       // in one step
    std::vector<std::uint64_t> undecided_;  // a bit for each source of a tile
};

}  // namespace pynn_native
