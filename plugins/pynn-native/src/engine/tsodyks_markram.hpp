#pragma once

#include "synapses.hpp"

namespace pynn_native {

// TsodyksMarkramSynapse: transmitter is recovered (x), active (y) or inactive (z = 1 - x - y), and u is the fraction
// that a spike releases.
//
//   du/dt = -u / tau_facil (u = 0 at once where tau_facil is 0),   dx/dt = z / tau_rec,   dy/dt = -y / tau_syn,
//   at a spike, in this order: u += U (1 - u); u x moves from x to y; the synapse acts with weight × u x.
//
// tau_syn is that of the target's receptor. Between spikes the equations are linear and solved in closed form.
// Tsodyks, Uziel & Markram (2000), Journal of Neuroscience 20, RC50, eq. 3-4.
class TsodyksMarkram final : public Synapses {
public:
    TsodyksMarkram(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep, Step now);

    bool pulls() const override { return false; }
    void pull(const Strip&, Step) override {}
    void push(std::size_t part, Step step) override;
    std::vector<double> get(const std::string& name, Rows rows) const override;
    void set(const std::string& name, Values values, Rows rows, Step now) override;

private:
    // The factors by which the state moves on; those of the last synapse are kept, as most of a row are alike.
    struct Passage {
        double interval = -1.0, tau_rec = 0.0, tau_facil = 0.0, tau_syn = 0.0;
        double decay_facil = 0.0, decay_syn = 0.0, decay_rec = 0.0, passed = 0.0;
        void update(double new_interval, double new_rec, double new_facil, double new_syn);
    };

    RowValues* named(const std::string& name);
    const RowValues* named(const std::string& name) const { return const_cast<TsodyksMarkram*>(this)->named(name); }
    void spread_state();
    double release(std::size_t row, double interval, double tau_syn, Passage& passage);

    RowValues U_, tau_rec_, tau_facil_, u_, x_, y_;
    std::vector<double> last_;  // time of each synapse's last spike, ms
};

}  // namespace pynn_native
