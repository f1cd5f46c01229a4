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

    explicit Port(std::size_t size);
};

// What the kernels work on.
struct ComposedWork {
    struct PortLanes {
        Port::Kind kind;
        double scale;
        double *g, *s;
        Lane reversal, rise, decay, kept, feed, fall;
    };
    std::size_t first, last;  // tiles
    const PortLanes* ports;
    std::size_t port_count;
    double* v;
    std::array<double*, 3> more;
    std::array<Lane, 8> own;  // parameters of the membrane, in an order of its own
    Lane drive, v_rest, tau_m, cm;
    const std::int64_t* free;
    double h, usual;  // the step, and in how many substeps it is taken usually
    double* scratch;  // (4 + 2 port_count) × the lanes of two of the widest vectors
};

// The classical Runge-Kutta method of order 4 on the membrane's state; conductances are exact at the beginning, middle
// and end of each substep. A cell takes so many substeps that none is longer than the membrane allows, and that
// h (1 / tau_m + g / cm) ≤ 1. (The definition is that of the NumPy reference of pynn-core.)
class Composed : public Cells {
public:
    Composed(std::size_t size, double timestep, std::size_t threads,
             const std::vector<std::vector<std::string>>& ports);

    void advance(const Strip& strip, Step step, std::vector<Cell>& fired) override;
    bool has_strips() const override { return false; }
    double tau_syn(std::size_t receptor, std::size_t row) const override;
    void seed(Key key) override { key_ = key; }

protected:
    Column& add(const std::string& name, Column column);
    // Something of the cell's own that decays with `decay`; not a receptor.
    void add_own(Port::Kind kind, double scale, Column& g, Column& decay, Column* reversal = nullptr);
    void integrate(const Tiles&) override {}
    void derive() override;
    double drive_of(double current, std::size_t row) const override { return (void)row, current; }

    // The longest substep, ms, and the membrane's kernel.
    virtual double longest() const { return 1e300; }
    virtual void run(const ComposedWork& work) const;
    virtual std::array<Lane, 8> own() const { return {}; }
    // Where v makes a cell fire.
    virtual Lane level() const { return v_thresh_.lane(); }
    // The cells of a part that would fire if all were free; before: their v before the step.
    virtual void find(const Range& range, const double* before, Step step, std::vector<Cell>& found);
    virtual void reset(std::size_t k) { v_.data()[k] = v_reset_[k]; }
    // After the step, whether cells are free or not.
    virtual void settle(const Range&) {}

    Column* more_[3] = {nullptr, nullptr, nullptr};  // state beside v
    Key key_;

private:
    double usual() const;
    void receive(std::size_t receptor, std::size_t k, double weight, bool free);
    void receive_all(std::size_t part, Step step);

    std::map<std::string, Column> own_;
    std::vector<Port> ports_;  // receptors first
    std::vector<std::vector<ComposedWork::PortLanes>> lanes_;  // by part, as the tables may move
    std::vector<Doubles> scratch_, before_;                    // by part
    std::vector<std::vector<Cell>> found_;                     // by part
};

// `kind` is "composed", the membrane's name and the ports, each on a line of its own; a port is its kind and the names
// of g, s, reversal, rise and decay, separated by tabulators.
std::unique_ptr<Cells> make_composed(const std::string& kind, std::size_t size, double timestep, std::size_t threads);

}  // namespace pynn_native
