// Static synapses that are made anew whenever they are needed, and never kept.
#pragma once

#include "chooser.hpp"
#include "draws.hpp"
#include "synapses.hpp"

namespace pynn_native {

// A rule whose arrays are its own, not Python's.
class OwnRule {
public:
    explicit OwnRule(const Rule& rule);
    OwnRule(const OwnRule&) = delete;
    OwnRule& operator=(const OwnRule&) = delete;

    const Rule& rule() const { return rule_; }

private:
    std::vector<std::int64_t> pre_, post_, twins_;
    std::vector<double> number_;
    Rule rule_;
};

// StaticSynapse of a rule and one common delay, in no memory at all: the rows of each target are made again from their
// stream for every stretch of steps, as long as the delay, in which a source fired. The input is that of StaticSynapses to
// the bit: each target sums over its sources in the same order.
class ProceduralSynapses final : public Synapses {
public:
    // Values that are not drawn are in `common`; of those that are, there is the weight alone. Throws
    // std::invalid_argument where rows are not made target by target.
    ProceduralSynapses(const Rule& rule, const std::vector<Draw>& draws, Wired& common, Emitter& pre, Cells& post,
                       std::size_t receptor, double timestep, Step now);

    bool any() const override { return any_; }
    bool pulls() const override { return true; }
    void foresee(std::size_t part, Step first, Step steps, bool divided) override;
    void pull(const Strip& strip, Step step) override;
    void push(std::size_t, Step) override {}
    // Makes all rows, target by target.
    std::vector<double> get(const std::string& name, Rows rows) const override;
    // One value for all rows; throws std::invalid_argument for several.
    void set(const std::string& name, Values values, Rows rows, Step now) override;

private:
    // What arrives at the end of one step in one part, target by target.
    struct Arriving {
        std::vector<std::uint16_t> targets;  // increasing
        std::vector<double> weights;         // empty: all alike
    };
    // What was made for the coming steps of a part: those before `end`, that of step s in slot s mod their number.
    struct Ahead {
        Step end = 0;
        std::vector<Arriving> slots;
    };

    Arriving& slot(std::size_t part, Step step) {
        std::vector<Arriving>& slots = ahead_[part].slots;
        return slots[static_cast<std::size_t>(step) % slots.size()];
    }
    // Make the input of the steps [first, first + steps) of a part.
    void make(std::size_t part, Step first, Step steps);
    // Which of some steps bring a spike of each source, one bit each; a source that fires several times in a step has its
    // bit in as many of these tables. None where nothing arrives.
    using Arrivals = std::vector<std::vector<std::uint64_t>>;
    Arrivals look(Step first, Step steps) const;
    template <class Each>
    void each_arriving(std::size_t part, const Arrivals& arrivals, Each each) const;
    template <class Number>
    void deliver(const Strip& strip, Step step);
    void settle(Step now);

    OwnRule own_;
    std::vector<Draw> draws_;
    RuleTables tables_;
    bool any_;
    bool counted_;  // what arrives is counted for each target, as where rows are kept as bits
    std::vector<std::vector<Cell>> targets_;  // by part, in the order of their rows
    std::vector<Ahead> ahead_;                // by part
};

}  // namespace pynn_native
