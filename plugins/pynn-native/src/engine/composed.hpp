// Cells put together from a membrane and any number of receptors.
#pragma once

#include <array>

#include "cells.hpp"

namespace pynn_native {

// One receptor, or something of the cell's own that decays: moved on exactly, over half a substep at a time.
//
//   exponential: a conductance, dg/dt = -g / decay; a spike adds the weight to g.
//   fed: dg/dt = s - g / decay, ds/dt = -s / rise; a spike adds to s what lets g peak at the weight (alpha and beta).
//   current: as exponential, but a current.   silent: decays, and acts on nothing.   delta: the weight adds to v.
struct Port {
    enum class Kind { exponential, fed, current, silent, delta };
    Kind kind = Kind::delta;
    double scale = 1.0;  // of what acts on the membrane
    Column *g = nullptr, *s = nullptr, *reversal = nullptr, *rise = nullptr, *decay = nullptr;
    Column kept, feed, fall, jump;  // factors of half a substep of the usual length, and s for each weight

    Port(std::size_t size, bool single);
};

// What the kernels work on.
template <class Number>
struct ComposedWork {
    using Lane = LaneOf<Number>;
    struct PortLanes {
        Port::Kind kind;
        Number scale;
        Number *g, *s;
        Lane reversal, rise, decay, kept, feed, fall;
    };
    std::size_t first, last;  // tiles
    const PortLanes* ports;
    std::size_t port_count;
    Number* v;
    std::array<Number*, 3> more;
    std::array<Lane, 8> own;  // parameters of the membrane, in an order of its own
    Lane drive, v_rest, tau_m, cm;
    const Whole<Number>* free;
    Number h, usual;  // the step, and in how many substeps it is taken usually
    Number* scratch;  // (4 + 2 port_count) × the lanes of two of the widest vectors
};

// The classical Runge-Kutta method of order 4 on the membrane's state; conductances are exact at the beginning, middle
// and end of each substep. A cell takes so many substeps that none is longer than the membrane allows, and that
// h (1 / tau_m + g / cm) ≤ 1. (The definition is that of the NumPy reference of pynn-core.)
class Composed : public Cells {
public:
    Composed(const Layout& layout, const std::vector<std::vector<std::string>>& ports);

    void advance(const Strip& strip, Step step, Fired& fired) override;
    bool has_strips() const override { return false; }
    double tau_syn(std::size_t receptor, std::size_t row) const override;
    void seed(Key key) override { key_ = key; }

protected:
    Column& add(const std::string& name, Column column);
    // Something of the cell's own that decays with `decay`; not a receptor.
    void add_own(Port::Kind kind, double scale, Column& g, Column& decay, Column* reversal = nullptr);
    void derive() override;
    double drive_of(double current, std::size_t row) const override { return (void)row, current; }

    // The longest substep, ms, and the membrane's kernel.
    virtual double longest() const { return 1e300; }
    virtual void run(const ComposedWork<double>& work) const;
    virtual void run(const ComposedWork<float>& work) const;
    virtual std::array<const Column*, 8> own() const { return {}; }
    // Where v makes a cell fire.
    virtual const Column& level() const { return v_thresh_; }
    // Keep of a part what `find` needs to know of the time before the step.
    virtual void remember(const Range&) {}
    // The cells of a part that would fire if all were free.
    virtual void find(const Range& range, Step step, std::vector<Cell>& found);
    virtual void reset(std::size_t k) { v_.put(k, v_reset_[k]); }
    // After the step, whether cells are free or not.
    virtual void settle(const Range&) {}

    Column* more_[3] = {nullptr, nullptr, nullptr};  // state beside v
    Key key_;

private:
    // What the kernels need of memory, for one part.
    template <class Number>
    struct Bench {
        std::vector<typename ComposedWork<Number>::PortLanes> lanes;  // the tables may move
        Aligned<Number> scratch;
    };

    template <class Number>
    using Benches = std::vector<Bench<Number>>;  // by part

    double usual() const;
    template <class Number>
    void run_part(std::size_t part);
    void receive(std::size_t receptor, std::size_t k, double weight, bool free);
    template <class Number>
    void receive_all(std::size_t part, Step step);
    template <class Number>
    void find_above(const Range& range, std::vector<Cell>& found);

    std::map<std::string, Column> own_;
    std::vector<Port> ports_;  // receptors first
    Either<Benches> benches_;
    std::vector<std::vector<Cell>> found_;  // by part
};

// `kind` is "composed", the membrane's name and the ports, each on a line of its own; a port is its kind and the names
// of g, s, reversal, rise and decay, separated by tabulators.
std::unique_ptr<Cells> make_composed(const std::string& kind, const Layout& layout);

}  // namespace pynn_native
