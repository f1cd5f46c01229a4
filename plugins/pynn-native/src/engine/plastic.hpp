#pragma once

#include <cmath>

#include "synapses.hpp"

namespace pynn_native {

// STDPMechanism: every presynaptic spike is paired with every postsynaptic one, in the order in which they reach the
// synapse; f = (w - w_min) / (w_max - w_min). The definition is that of pyNN.standardmodels.stdp.
//
// Each side leaves an exponential trace at the synapse. What reaches it at the end of a step is looked at once all
// spikes of that step are known: first what the target sent over its dendritic delay, then what the source sent. Where
// there is no dendritic delay the weight is needed at once, so the source's spikes are looked at before the cells take
// that step, whose spikes none of them is paired with.
//
// Where all synapses share delays and time constants, those of one source see the same trace of it, and those onto one
// target the same of that: one for each cell is kept then, else one for each synapse.
class Plastic final : public Synapses {
public:
    Plastic(const std::string& kind, Wired& wired, Emitter& pre, Cells& post, std::size_t receptor,
            double timestep, Step now);

    bool pulls() const override { return false; }
    void pull(const Strip&, Step) override {}
    // What reaches synapses without a dendritic delay at step `first`; where there are any, steps are taken one by one.
    void foresee(std::size_t part, Step first, Step steps, bool divided) override;
    void push(std::size_t part, Step step) override;
    Step alone() const override;
    std::vector<double> get(const std::string& name, Rows rows) const override;
    void set(const std::string& name, Values values, Rows rows, Step now) override;

private:
    enum class Timing { pairs, vogels };
    enum class Bounds { additive, multiplicative, mixed, gutig };

    // The spikes of one side at one synapse: the trace before the last ones, how many those were, and when.
    struct Trace {
        double before = 0.0;
        std::uint32_t count = 0;
        Step last = -1;
        template <class Decay>
        double earlier(Step step, const Decay& decay) const {
            if (last == step) return before;
            return count ? (before + count) * decay(step - last) : 0.0;
        }
        // One spike more, where `past` is what the earlier ones have left.
        void add(Step step, double past) {
            if (last != step) {
                before = past;
                count = 0;
                last = step;
            }
            ++count;
        }
    };
    // e^(-n h / tau) for n steps; a table where all synapses share tau, since two exponentials for each spike of each
    // synapse are half the work.
    struct Decays {
        std::vector<double> table;
        void prepare(const RowValues& tau, double timestep);
        double operator()(Step steps, double timestep, double tau) const {
            if (static_cast<std::size_t>(steps) < table.size()) return table[static_cast<std::size_t>(steps)];
            return std::exp(-static_cast<double>(steps) * timestep / tau);
        }
    };
    // What arrives at a coming step, by part: the source or target that sent it to all its rows, or single rows.
    class Queue {
    public:
        std::vector<std::uint32_t>& at(Step step) { return slots_[static_cast<std::size_t>(step) & (slots_.size() - 1)]; }
        Step length() const { return static_cast<Step>(slots_.size()); }
        void reserve(Step delay, Step now);
        template <class Change>
        void change_all(Change change) {
            for (std::vector<std::uint32_t>& slot : slots_) slot = change(slot);
        }

    private:
        std::vector<std::vector<std::uint32_t>> slots_ = std::vector<std::vector<std::uint32_t>>(2);
    };

    RowValues* named(const std::string& name);
    const RowValues* named(const std::string& name) const { return const_cast<Plastic*>(this)->named(name); }
    void settle_delays(Step now);
    void sort_queues(Step now);
    bool timing_is_shared() const;
    void part_traces();
    void index_targets();
    Step behind(std::size_t row) const;
    double pre_past(std::size_t trace, std::size_t row, Step step) const;
    double post_past(std::size_t trace, std::size_t row, Step step) const;
    void sets_out(std::size_t part, Cell source, Step step);
    void sets_out_back(std::size_t part, Cell target, Step step);
    // All rows of a source or onto a target, or one row.
    void pre_arrives(std::size_t part, std::uint32_t sender, Step step);
    void post_arrives(std::size_t part, std::uint32_t sender, Step step);
    void depress(std::size_t part, std::size_t row, double past, Step step);
    void potentiate(std::size_t row, double past);
    void change(std::size_t row, double by);
    void keep_within(std::size_t row, double weight);

    Timing timing_;
    Bounds bounds_;
    RowValues fraction_, w_min_, w_max_, tau_plus_, tau_minus_, A_plus_, A_minus_, mu_plus_, mu_minus_, tau_, eta_, rho_;
    bool shared_ = false;  // one trace for each cell
    std::vector<Trace> pre_trace_, post_trace_;  // by part and source, and by target; or by row
    bool common_bounds_ = false;
    double w_least_ = 0.0, w_span_ = 0.0;  // where all rows share them
    Decays plus_, minus_;
    std::vector<Queue> pre_due_, pre_ahead_, post_due_;  // by part; ahead: at the step before they arrive
    std::vector<std::uint64_t> onto_offset_;  // rows of each target of the block
    std::vector<std::uint32_t> onto_;
    std::vector<Cell> source_;  // of each of those
    Step alone_ = 1;
};

}  // namespace pynn_native
