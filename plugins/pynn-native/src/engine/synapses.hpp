// The synapses of one projection.
#pragma once

#include <memory>

#include "connectivity.hpp"
#include "row_values.hpp"

namespace pynn_native {

// A block of synapses. A spike of step s counts if s > since(): the block did not exist, or had other values, before.
//
// Synapses either pull or push. Static ones of one common delay pull: at step t they look who fired at t - delay, so
// that nothing has to be kept for the future but the spikes. All others push: at the spike they write into the
// inboxes' coming steps. Each part is served by one thread at a time, and in the order: step of the spike, block,
// source, target; so the sums do not depend on the number of threads.
class Synapses {
public:
    Synapses(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep, Step now);
    virtual ~Synapses() = default;
    Synapses(const Synapses&) = delete;
    Synapses& operator=(const Synapses&) = delete;

    std::size_t size() const { return wires_.size(); }  // rows that are kept
    virtual bool any() const { return size() > 0; }
    Emitter& pre() const { return pre_; }
    Cells& post() const { return post_; }
    const RowDelays& delays() const { return delay_; }
    // How many steps may be simulated before what was sent must be looked at.
    virtual Step alone() const { return delay_.shortest(); }

    virtual bool pulls() const = 0;
    // Whether it is enough to know how often each source fires, without the list of those that do.
    virtual bool counts() const { return false; }
    // Whether it pays to divide between strips what arrives in this part in steps [first, first + steps).
    virtual bool divides(std::size_t, Step, Step) const { return true; }
    // These steps come next, strip by strip if `divided`, and all spikes before them are known.
    virtual void foresee(std::size_t, Step, Step, bool) {}
    // What is read from memory for what arrives in this part at the end of a step.
    virtual void expect(std::size_t, Step, Aligned<Lines>&) const {}
    // Whether all that arrives at the end of `step` without having been sent ahead can be counted, in place of `pull`;
    // then tell the cells of a strip, which must be such as add counts.
    virtual bool tallies(Step) const { return !pulls(); }
    virtual void tally(const Strip&, Step) {}
    // Deliver what arrives at the end of `step` in this strip: before its cells take the step, or after it where they
    // take input at once. Strips of a part may come in any order, and side by side; each once for each step that was
    // foreseen.
    virtual void pull(const Strip& strip, Step step) = 0;
    // Send the spikes of `step` on their way to this part.
    virtual void push(std::size_t part, Step step) = 0;

    virtual std::vector<double> get(const std::string& name, Rows rows) const;
    // From step `now` on; spikes under way keep what they were sent with.
    virtual void set(const std::string& name, Values values, Rows rows, Step now);

protected:
    // Takes the values out of `wired`.
    void fill(const std::string& name, RowValues& column, Wired& wired) const;
    template <class Each>
    void each_fired(std::size_t part, Step step, Each each) const {
        for (const History& history : pre_.histories) {
            for (const Cell source : history.at(step)) each(wires_.row(part, source));
        }
    }

    Emitter& pre_;
    Cells& post_;
    std::size_t receptor_;
    double timestep_;
    Step since_;
    Connectivity wires_;
    RowValues weight_;
    RowDelays delay_;
};

// StaticSynapse: a spike over the delay d adds the weight to the target's receptor at t + d.
class StaticSynapses final : public Synapses {
public:
    StaticSynapses(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep, Step now);

    bool pulls() const override { return delay_.shared(); }
    bool counts() const override { return pulls() && diagonal_; }
    bool divides(std::size_t part, Step first, Step steps) const override;
    void foresee(std::size_t part, Step first, Step steps, bool divided) override;
    void expect(std::size_t part, Step step, Aligned<Lines>& lines) const override;
    bool tallies(Step step) const override;
    void tally(const Strip& strip, Step step) override;
    void pull(const Strip& strip, Step step) override;
    void push(std::size_t part, Step step) override;
    void set(const std::string& name, Values values, Rows rows, Step now) override;

private:
    // How often each source fired whose spikes arrive in this step, where that is counted; else null.
    const std::uint8_t* counted(Step step) const;
    void settle(Step now);
    // each(source, how often) for those that fired.
    template <class Each>
    void each_source(std::size_t part, const History& history, Step sent, Each each) const;
    // The targets in a strip of neighbouring sources that have one each, and the row of the first.
    struct Diagonal {
        std::size_t first, last, row, source;
    };
    Diagonal diagonal_in(const Strip& strip) const;
    std::uint8_t* room(std::size_t part);
    const std::vector<const std::uint64_t*>& rows_of_bits(std::size_t part, Step step) const;
    // Number: in which the target's input is kept. A spike adds times × weight, each rounded to such a number.
    template <class Number>
    void deliver_all(const Strip& strip, Step step);
    template <class Number>
    void deliver_bits(const Strip& whole, Step step);
    template <class Number>
    void deliver_counted(const Strip& strip, Step step, const std::uint8_t* counts);
    // weight(row) is the weight of a row.
    template <class Number, class Weight>
    void deliver(const Strip& whole, Step step, Weight weight);
    template <class Number>
    void deliver_divided(const Strip& strip, Step step);
    template <class Number, class Delay>
    void push_row(Inbox& inbox, Range row, Step step, const Delay* delay) const;

    bool diagonal_;
    std::vector<std::vector<std::uint8_t, CacheLines<std::uint8_t>>> counts_;  // by part: of its cells
    std::vector<DividedTargets> ahead_;  // by part: of the coming steps; empty where they are not taken strip by strip
};

std::unique_ptr<Synapses> make_synapses(const std::string& kind, Wired& wired, Emitter& pre, Cells& post,
                                        std::size_t receptor, double timestep, Step now, Key key);

std::vector<double> select(std::size_t size, Rows rows, std::vector<double> all);

}  // namespace pynn_native
