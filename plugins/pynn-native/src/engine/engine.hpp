// One simulation: everything that was built, and the clock.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cells.hpp"
#include "currents.hpp"
#include "custom.hpp"
#include "expansion.hpp"
#include "gaps.hpp"
#include "pieces.hpp"
#include "ranks.hpp"
#include "recording.hpp"
#include "sources.hpp"
#include "synapses.hpp"
#include "watch.hpp"
#include "workers.hpp"

namespace pynn_native {

// Objects are known by their numbers, in the order in which they were made. Numbers out of range and values that do
// not fit throw before anything changes.
class Engine {
public:
    using Pulse = std::function<bool()>;

    // A block of cells that sends to itself, directly or not, and whose mean rate is above `max_rate` (Hz) ends a run.
    // Static synapses keep weights that differ in four bytes each where `single_weights`, else in eight. Each process
    // computes some parts of every block, and knows the spikes of all.
    // State and input of cells are 32-bit numbers where `single_state`.
    Engine(double timestep, unsigned threads, double max_rate, bool single_weights, bool single_state, Ranks ranks);

    double timestep() const { return timestep_; }
    unsigned threads() const { return workers_.shares(); }
    Step step() const { return step_; }

    std::size_t create_cells(const std::string& kind, std::size_t size);
    std::size_t create_cells(const CustomKind& kind, std::size_t size);
    std::size_t create_sources(std::size_t size);
    std::size_t create_current();

    // The cells of a block that this process computes.
    Range local(std::size_t block) const;
    // The key of what these cells draw by chance.
    void seed_cells(std::size_t cells, Key key);
    void set_cells(std::size_t cells, const std::string& name, Values values, Rows rows);
    std::vector<double> get_cells(std::size_t cells, const std::string& name, Rows rows) const;
    void set_spike_times(std::size_t sources, Values data, Rows splits, Rows rows);
    void drive(std::size_t sources, Trains trains);
    void set_current(std::size_t current, Values times, Values amplitudes);
    void inject(std::size_t current, std::size_t cells, Rows rows);

    // Synapses arrive in chunks, then become a block; `common` is what all rows share.
    struct Ends {
        bool from_sources;
        std::size_t pre, post, receptor;
    };
    void arrive(const Ends& ends, Arrivals& arrivals, Rows pre, Rows post, const std::map<std::string, Values>& values);
    std::size_t connect(const std::string& kind, const Ends& ends, Arrivals& arrivals,
                        const std::map<std::string, double>& common, Key key);
    // Or a rule makes them: now or, where they are procedural, anew each time that they are needed.
    std::size_t connect(const std::string& kind, const Ends& ends, const Rule& rule, const std::vector<Draw>& draws,
                        const std::map<std::string, double>& common, Key key, Interruption& interruption);
    std::size_t connect_procedural(const Ends& ends, const Rule& rule, const std::vector<Draw>& draws,
                                   const std::map<std::string, double>& common);
    std::size_t connect_gaps(const Ends& ends, Arrivals& arrivals, const std::map<std::string, double>& common);
    std::vector<double> get_gaps(std::size_t gaps, const std::string& name, Rows rows) const;
    void set_gaps(std::size_t gaps, const std::string& name, Values values, Rows rows);
    std::size_t count_synapses(std::size_t synapses) const { return synapses_.at(synapses)->size(); }
    std::vector<double> get_synapses(std::size_t synapses, const std::string& name, Rows rows) const;
    void set_synapses(std::size_t synapses, const std::string& name, Values values, Rows rows);

    SpikeTap& record_spikes(bool of_sources, std::size_t block, Rows rows);
    SampleTap& record_samples(std::size_t cells, const std::string& variable, Rows rows, Step every);
    void look(SampleTap& tap) { tap.sample_all(step_); }
    void stop(const SpikeTap& tap);
    void stop(const SampleTap& tap);

    // To step `goal`, or to where the pulse, which is called about five times a second, says false, or where something is
    // wrong: then the state can be looked at, and what is wrong is told.
    enum class Outcome { arrived, stopped, trouble };
    Outcome advance(Step goal, const Pulse& pulse);
    const Trouble& trouble() const { return trouble_.value(); }

private:
    Layout layout(std::size_t size) const { return {size, timestep_, threads() * ranks_.size, single_state_}; }
    std::size_t adopt(std::unique_ptr<Cells> cells);
    Emitter& emitter(bool sources, std::size_t number) const;
    // The present step, or -1 while spikes of step 0 are still to come.
    Step now() const { return begun_ ? step_ : -1; }
    std::size_t connect(const std::string& kind, const Ends& ends, Wired wired,
                        const std::map<std::string, double>& common, Key key);
    bool single(const std::string& kind) const { return single_weights_ && kind == "StaticSynapse"; }
    std::size_t take(const Ends& ends, std::unique_ptr<Synapses> synapses);
    void make_room(const Synapses& synapses);
    void begin();
    void couple();
    Step slice(Step goal) const;
    // `look`: at all membranes, at the end.
    void run(Step steps, bool look);
    void simulate(unsigned share, Step first, Step steps, bool look);
    // What must be known before pieces of a part take these steps; then its pieces.
    void foresee(std::size_t cells, std::size_t part, Step first, Step steps, Share& share);
    void simulate(Piece& piece, Step first, Step steps, bool look, Fetching* fetching);
    // What a share reads from memory in the slice that begins with `first`, and whether it is fetched from before that step
    // on, while sources are drawn. Threads write these side by side, so none shares a line of the cache.
    struct alignas(Lines::kBytes) Ahead {
        Step first = -1;
        bool early = false;
        Fetching fetching;
    };
    Ahead& look_ahead(unsigned share, Step first, Step steps);
    void gather(Step first);
    // Whether a part takes the steps strip by strip.
    bool divides(std::size_t cells, std::size_t part, Step first, Step steps) const;
    void take_step(std::size_t cells, const Strip& strip, Step step, Fired& fired);
    void send(unsigned share, Step first, Step last);
    bool all_is_well(Step first, bool look);
    Range parts_of(std::size_t block, std::size_t rank) const;
    Range rows_of(std::size_t block, std::size_t rank) const;
    void share_spikes(Step first, Step last);
    void share_potentials();
    void share_trouble();
    Step shortest_delay_of_all() const;

    double timestep_;
    Step step_ = 0;
    bool begun_ = false;
    bool sends_ = false;  // some synapses push, or did
    Step shortest_delay_;
    std::size_t load_ = 0;  // cells

    Ranks ranks_;
    Step alone_ = 1;  // as many steps may be simulated before processes must meet
    double max_rate_;
    bool single_weights_, single_state_;
    Step looked_ = 0;  // at all membranes, at this step
    std::vector<Watch> watches_;                 // one for each block of cells
    std::vector<Watch::Membranes> membranes_;    // the same, after the present slice
    Paths paths_;
    std::optional<Trouble> trouble_;

    std::vector<std::unique_ptr<Cells>> cells_;
    std::vector<std::unique_ptr<Sources>> sources_;
    std::vector<std::unique_ptr<Current>> currents_;
    std::vector<std::unique_ptr<Synapses>> synapses_;
    std::vector<std::unique_ptr<Gaps>> gaps_;
    std::vector<std::vector<double>> coupling_;        // by block of cells: what flows through gap junctions, nA
    std::vector<std::vector<Synapses*>> onto_;         // by block of cells
    std::vector<std::vector<Injections>> injections_;  // by block of cells and part
    std::vector<std::unique_ptr<SpikeTap>> spike_taps_;
    std::vector<std::unique_ptr<SampleTap>> sample_taps_;
    std::vector<Share> shares_;  // of the present slice
    std::vector<Ahead> ahead_;   // by share
    Fetching nothing_;
    Workers workers_;
};

}  // namespace pynn_native
