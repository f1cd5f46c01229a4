#pragma once

#include "synapses.hpp"

namespace pynn_native {

// Synapses that release by chance: word k of spike n of the m-th synapse from i to j is word k mod 4 of Philox with the
// block's key for the counter (n, i, j, m + 2^32 (k div 4)).
//
// SimpleStochasticSynapse: a spike passes where word 0 < p.
// MultiQuantalSynapse (n sites), StochasticTsodyksMarkramSynapse (one): u ← U + u (1 - U) e^(-dt/tau_facil); site s has
// filled where word s < 1 - e^(-dt/tau_rec), and a full one releases, and acts with the weight, where word n + s < u.
// Fuhrmann et al. (2002), Journal of Neurophysiology 87, 140, eq. 6-8.
class Stochastic final : public Synapses {
public:
    Stochastic(bool quantal, Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep,
               Step now, Key key);

    bool pulls() const override { return false; }
    void pull(const Strip&, Step) override {}
    void push(std::size_t part, Step step) override;
    std::vector<double> get(const std::string& name, Rows rows) const override;
    void set(const std::string& name, Values values, Rows rows, Step now) override;

private:
    // The numbers of one spike of one synapse.
    class Draws {
    public:
        Draws(const Stochastic& synapses, Cell source, std::size_t target, std::size_t row);
        double operator()(std::size_t word);

    private:
        Key key_;
        std::array<std::uint64_t, 4> counter_, words_{};
        std::size_t block_ = ~std::size_t{0};
    };

    RowValues* named(const std::string& name);
    const RowValues* named(const std::string& name) const { return const_cast<Stochastic*>(this)->named(name); }
    double released(std::size_t row, double interval, Draws& draws);
    void widen();  // room for all sites; those that are added are full

    bool quantal_;
    Key key_;
    RowValues p_, U_, sites_, tau_rec_, tau_facil_, u_;
    std::vector<std::uint32_t> nth_, spikes_;  // synapses of the same pair before it, spikes so far
    std::vector<std::uint8_t> full_;           // width_ sites for each synapse
    std::size_t width_ = 0;
    std::vector<Step> last_;
};

}  // namespace pynn_native
