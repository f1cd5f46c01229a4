// Cells put together from a membrane and any number of receptors.
#pragma once

#include "cells.hpp"

namespace pynn_native {

// One receptor: a conductance or current that is moved on exactly, over half a substep at a time.
//
//   exponential: dg/dt = -g / tau; a spike adds the weight to g.
//   fed: dg/dt = s - g / decay, ds/dt = -s / rise; a spike adds to s what lets g peak at the weight (alpha and beta).
//   delta: the weight adds to v.
struct Port {
    enum class Kind { current, exponential, fed, delta };
    Kind kind = Kind::delta;
    Column *g = nullptr, *s = nullptr, *reversal = nullptr, *rise = nullptr, *decay = nullptr;
    Column kept, feed, fall, jump;  // factors of half a substep of the usual length, and s for each weight

    explicit Port(std::size_t size);
};

// What a substep works on for one cell.
struct Flow {
    double conductance, current;  // µS, and nA at v = 0
};

// The classical Runge-Kutta method of order 4 on the membrane's state; conductances are exact at the beginning, middle
// and end of each substep. A cell takes so many substeps that none is longer than the membrane allows, and that
// h (1 / tau_m + g / cm) ≤ 1. (The definition is that of the NumPy reference of pynn-core.)
class Composed : public Cells {
public:
    Composed(std::size_t size, double timestep, std::size_t threads, const std::vector<std::vector<std::string>>& ports);

    Column& column(const std::string& name) override;
    void advance(std::size_t part, Step step, std::vector<Cell>& fired) override;
    double tau_syn(std::size_t receptor, std::size_t row) const override;
    void seed(Key key) override { key_ = key; }

protected:
    static constexpr std::size_t kMost = 4;  // state variables of a membrane

    Column& add(const std::string& name, Column column);
    void integrate(const Tiles&) override {}
    void derive() override;
    double drive_of(double current, std::size_t row) const override { return (void)row, current; }

    // The membrane: how many state variables, the longest substep (ms), and dy/dt for a current into the cell (nA).
    virtual std::size_t order() const { return 1; }
    virtual double longest() const { return 1e300; }
    virtual double pull(std::size_t k, double conductance) const { return 1.0 / tau_m_[k] + conductance / cm_[k]; }
    virtual void slope(std::size_t k, const double* y, double current, double* dy) const;
    virtual double clamp(std::size_t, double v) const { return v; }
    // More than the receptors: conductances and currents of the cell itself, and how they decay.
    virtual void act(std::size_t, Flow&) const {}
    virtual void decay(std::size_t, double) {}
    // After the step, whether the cell is free or not.
    virtual void settle(std::size_t) {}
    virtual bool fires(std::size_t k, double before, Step) { return (void)before, v_[k] >= v_thresh_[k]; }
    virtual void reset(std::size_t k) { v_.data()[k] = v_reset_[k]; }

    Column* more_[kMost - 1] = {nullptr, nullptr, nullptr};  // state beside v
    Key key_;

private:
    Flow flow(std::size_t k) const;
    void half(std::size_t k, double h, bool usual);
    void integrate_cell(std::size_t k, bool free);
    void substep(std::size_t k, double h, bool free, bool usual);
    void receive(std::size_t receptor, std::size_t k, double weight, bool free);

    std::map<std::string, Column> own_;
    std::vector<Port> ports_;
};

// `kind` is "composed", the membrane's name and the ports, each on a line of its own; a port is its kind and the names
// of g, s, reversal, rise and decay, separated by tabulators.
std::unique_ptr<Cells> make_composed(const std::string& kind, std::size_t size, double timestep, std::size_t threads);

}  // namespace pynn_native
