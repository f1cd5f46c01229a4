// Blocks of cells: parameters and state as columns, one step of the clock at a time.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "ahead.hpp"
#include "column.hpp"
#include "counting.hpp"
#include "emitter.hpp"
#include "inbox.hpp"
#include "philox.hpp"
#include "strips.hpp"

namespace pynn_native {

// What every block of cells must know: its size, the timestep, ms, for how many threads it is divided, and whether state
// and input are 32-bit numbers.
struct Layout {
    std::size_t size;
    double timestep;
    std::size_t threads;
    bool single;
};

// A block of integrate-and-fire cells.
//
// In the step from t to t + h a cell integrates with the current that flows from t on, then takes the synaptic
// input that arrives at t + h, then fires at t + h where v ≥ v_thresh. A cell that fires is held at v_reset for the
// number of steps nearest to tau_refrac. (The definition is that of the NumPy reference of pynn-core.)
class Cells : public Emitter {
public:
    explicit Cells(const Layout& layout, std::size_t receptors = 2);

    bool single() const { return single_; }

    // Parameters and state by PyNN's names; throws std::out_of_range where there is no such name.
    virtual Column& column(const std::string& name);
    void assign(const std::string& name, Values values, Rows rows);
    // Compute what follows from the parameters, where they changed.
    void prepare();

    // One step of a strip, to the end of `step`; appends the rows that fire.
    virtual void advance(const Strip& strip, Step step, Fired& fired);
    // Whether a part can be taken strip by strip; else a strip is always the whole part.
    virtual bool has_strips() const { return true; }
    // The key of what the cells draw by chance.
    virtual void seed(Key) {}

    // Current from sources, nA, for each cell; once there is some, each cell has a drive of its own.
    void inject(Cell row, double current);
    void expect_injection();
    // Current from gap junctions, nA, the same way.
    void couple(Cell row, double current);
    double potential(Cell row) const { return v_[row]; }
    // Whether all potentials of a strip are finite numbers.
    bool finite(const Strip& strip) const;
    // As another process knows it.
    void set_potential(Cell row, double v) { v_.put(row, v); }

    std::size_t part_of(std::size_t row) const { return part_of_tile_[row / kTile]; }
    const Range& part(std::size_t p) const { return parts_[p]; }
    std::size_t parts() const { return parts_.size(); }
    // The number of strips; cells in each but the last; the strip of a cell is its place in the part, shifted.
    std::size_t strips(std::size_t p) const { return (parts_[p].size() + strip_length() - 1) >> strip_shift_; }
    std::size_t strip_length() const { return std::size_t{1} << strip_shift_; }
    unsigned strip_shift() const { return strip_shift_; }
    std::size_t receptors() const { return receptors_; }
    Inbox& inbox(std::size_t p) { return inboxes_[p]; }
    // Whether what arrives in a step adds to the state itself, after the step; else it waits in the inbox before the
    // step, as everything does that was sent ahead.
    bool takes_at_once() const { return taking_[0] != nullptr; }
    // Where what arrives in this step in a strip adds, cell by cell of its part.
    template <class Number>
    Number* arriving(const Strip& strip, Step step, std::size_t receptor) {
        if (takes_at_once()) return taking_[receptor]->data<Number>() + parts_[strip.part].first;
        touched(strip, receptor) = 1;
        return inboxes_[strip.part].at<Number>(step, receptor);
    }
    // Whether the kernel itself adds what was counted: then it is told so before a strip takes a step.
    bool adds_counts() const { return adds_counts_; }
    void count(const Strip& strip, std::size_t receptor, const Counts& counts) {
        counted(strip)[receptor].push_back(counts);
    }
    // Whether the kernel fetches what coming steps read from memory, and with what a part does so; null: not now.
    bool fetches() const { return fetches_; }
    void fetch_with(std::size_t p, Fetching* fetching) { fetching_[p].now = fetching; }
    // The time constant of a receptor's input, ms; 0 where it acts at once.
    virtual double tau_syn(std::size_t receptor, std::size_t row) const {
        return (receptor ? tau_syn_I_ : tau_syn_E_)[row];
    }

protected:
    // What a kernel works on: the tiles [first, last) of the block. The input lies in arrays that begin with tile
    // `first`, or there is none (null); kernels clear it, and mark the tiles in which a cell is at its threshold, be it
    // free or not.
    template <class Number>
    struct Tiles {
        std::size_t first, last;
        Number *exc, *inh;
        std::uint8_t* reached;
        View<Counts> exc_counts, inh_counts;  // from tile `first` on; only for kernels that add counts
        Fetching* fetching;                   // only for kernels that fetch
    };

    // Cells whose `advance` is their own need none.
    virtual void integrate(const Tiles<double>&) {}
    virtual void integrate(const Tiles<float>&) {}
    // Compute the columns of the model from its parameters.
    virtual void derive() = 0;
    // What a constant current adds to the model's equation in one step.
    virtual double drive_of(double current, std::size_t row) const = 0;
    // Whether all that it depends on beside the current is the same for all cells.
    virtual bool drives_alike() const { return v_rest_.shared() && cm_.shared() && tau_m_.shared(); }

    void name(const std::string& name, Column& column) { columns_[name] = &column; }
    // For cells whose input changes these and nothing else in the step in which it arrives.
    void take_at_once(Column& exc, Column& inh) { taking_ = {&exc, &inh}; }
    void add_counts() { adds_counts_ = true; }
    void fetch() { fetches_ = true; }
    Column parameter(double value = 0.0) const { return Column(size(), Column::Use::parameter, single_, value); }
    Column state() const { return Column(size(), Column::Use::state, single_); }
    // Potentials in 32 bits count from an origin: this value, or the first cell's of a parameter, which is v_rest where
    // nothing else is said.
    void count_from_origin(Column& potential) { potentials_.push_back(&potential); }
    void count_from(double origin);
    void count_from_first(Column& potential) { anchor_ = &potential; }
    // v_rest, counted as the kernels count.
    double resting(std::size_t row) const { return v_rest_[row] - origin_; }
    void release(const Strip& strip, Step step);
    // Hold a cell that has fired for the number of steps nearest to tau_refrac.
    void hold(std::size_t part, Cell row, Step step);

    double h_;
    bool single_;
    Column held_;  // tau_refrac in whole steps
    Column v_rest_, cm_, tau_m_, tau_refrac_, v_thresh_, v_reset_, i_offset_, tau_syn_E_, tau_syn_I_;
    Column v_;
    Column drive_;
    Flags free_;  // which cells are not refractory
    std::vector<std::uint64_t> awake_;  // the same, a bit for each cell of a tile: for kernels that memory holds up
    Doubles injected_;  // empty while no source is attached
    Doubles coupled_;   // empty while there is no gap junction

private:
    // A refractory cell and the step from which on it is free again.
    struct Release {
        Step step;
        Cell row;
        bool operator<(const Release& other) const { return step > other.step; }  // the earliest on top of a heap
    };

    // Cells that wait to be free again: those that come later than all before stand in a queue, others in a heap.
    struct alignas(Lines::kBytes) Waiting {
        std::deque<Release> queue;
        std::vector<Release> heap;
    };

    // What waits in the inbox of a strip, or null where nothing can.
    template <class Number>
    Number* waiting(const Strip& strip, Step step, std::size_t receptor);
    std::uint8_t& touched(const Strip& strip, std::size_t receptor) {
        return touched_[(parts_[strip.part].first + strip.first) / kTile * receptors_ + receptor];
    }
    std::array<Aligned<Counts>, 2>& counted(const Strip& strip) {
        return counted_[strip.part][strip.first >> strip_shift_].by_receptor;
    }
    void set_free(Cell row, bool free);
    template <class Number>
    void move_on(const Strip& strip, Step step, Fired& fired);
    template <class Number>
    void fire(std::size_t part, std::size_t tile, Step step, Fired& fired);

    std::size_t receptors_;
    unsigned strip_shift_;
    bool changed_ = true;
    double origin_ = 0.0;  // of potentials, mV
    const Column* anchor_ = &v_rest_;
    std::vector<Column*> potentials_;
    std::array<Column*, 2> taking_{};
    bool adds_counts_ = false, fetches_ = false;
    // By a strip's first tile and receptor: something was added in the inbox since the last step.
    std::vector<std::uint8_t> touched_;
    // Threads write what follows side by side, so none shares a line of the cache. By part and strip: what arrives in the
    // next step.
    struct alignas(Lines::kBytes) Arrived {
        std::array<Aligned<Counts>, 2> by_receptor;
    };
    std::vector<std::vector<Arrived>> counted_;
    // By part.
    struct alignas(Lines::kBytes) Fetches {
        Fetching* now = nullptr;
    };
    std::vector<Fetches> fetching_;
    std::vector<Range> parts_;
    std::vector<std::uint32_t> part_of_tile_;
    std::vector<Inbox> inboxes_;
    // By part, from a line of the cache on, and tile.
    std::uint8_t* reached(std::size_t p) { return reached_.data() + p * Lines::kBytes; }
    Aligned<std::uint8_t> reached_;
    std::vector<std::vector<Waiting>> waiting_;  // by part and strip
    std::map<std::string, Column*> columns_;
};

// By the name of the standard model; throws std::invalid_argument for another.
std::unique_ptr<Cells> make_cells(const std::string& kind, const Layout& layout);

// How many parts a block of this size has: as many for each thread, none larger than kPartLimit.
std::size_t count_parts(std::size_t size, std::size_t threads);

}  // namespace pynn_native
