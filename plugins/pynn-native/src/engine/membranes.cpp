#include "membranes.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pynn_native {

namespace {

using Ports = std::vector<std::vector<std::string>>;

// IF_facets_hardware1: a leaky membrane of 0.2 nF whose leak is g_leak, nS.
class Facets final : public Composed {
public:
    Facets(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), g_leak_(add("g_leak", parameter(40.0))) {}

private:
    void derive() override {
        cm_.fill(0.2);
        tau_refrac_.fill(1.0);
        tau_m_.derive(g_leak_.shared(), [&](std::size_t k) { return 200.0 / g_leak_[k]; });
        Composed::derive();
    }

    Column& g_leak_;
};

// IF_cond_exp_gsfa_grr: two more conductances, nS, that the cell's own spikes feed.
class GsfaGrr final : public Composed {
public:
    GsfaGrr(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), slow_(*this, "g_s", "tau_sfa", "e_rev_sfa", "q_sfa"),
          fast_(*this, "g_r", "tau_rr", "e_rev_rr", "q_rr") {}

private:
    struct Own {
        Column &g, &tau, &reversal, &quantum;
        Own(GsfaGrr& cells, const char* state, const char* time, const char* potential, const char* step)
            : g(cells.add(state, cells.state())), tau(cells.add(time, cells.parameter(1.0))),
              reversal(cells.add(potential, cells.parameter())), quantum(cells.add(step, cells.parameter())) {}
    };

    void act(std::size_t k, Flow& total) const override {
        for (const Own* own : {&slow_, &fast_}) {
            const double g = 1e-3 * own->g[k];
            total.conductance += g;
            total.current += g * own->reversal[k];
        }
    }
    void decay(std::size_t k, double h) override {
        for (Own* own : {&slow_, &fast_}) own->g.data()[k] *= std::exp(-h / own->tau[k]);
    }
    void reset(std::size_t k) override {
        Composed::reset(k);
        for (Own* own : {&slow_, &fast_}) own->g.data()[k] += own->quantum[k];
    }

    Own slow_, fast_;
};

// The adaptive exponential membrane: Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2.
class AdExp final : public Composed {
public:
    AdExp(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), v_spike_(add("v_spike", parameter(-40.0))),
          a_(add("a", parameter())), b_(add("b", parameter())), delta_T_(add("delta_T", parameter(2.0))),
          tau_w_(add("tau_w", parameter(144.0))), w_(add("w", state())) {
        more_[0] = &w_;
    }

private:
    std::size_t order() const override { return 2; }
    double longest() const override { return 0.02; }
    double clamp(std::size_t k, double v) const override { return std::min(v, v_spike_[k]); }
    void slope(std::size_t k, const double* y, double current, double* dy) const override {
        const double v = std::min(y[0], v_spike_[k]);
        const double upstroke = delta_T_[k] * std::exp((v - v_thresh_[k]) / delta_T_[k]);
        dy[0] = (v_rest_[k] - v + upstroke) / tau_m_[k] + (current - y[1]) / cm_[k];
        dy[1] = (1e-3 * a_[k] * (v - v_rest_[k]) - y[1]) / tau_w_[k];
    }
    bool fires(std::size_t k, double, Step) override { return v_[k] >= v_spike_[k]; }
    void reset(std::size_t k) override {
        Composed::reset(k);
        w_.data()[k] += b_[k];
    }

    Column &v_spike_, &a_, &b_, &delta_T_, &tau_w_, &w_;
};

// Izhikevich (2003), IEEE Transactions on Neural Networks 14, 1569, eq. 1-3.
class Izhikevich final : public Composed {
public:
    Izhikevich(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), a_(add("a", parameter())), b_(add("b", parameter())),
          c_(add("c", parameter(-65.0))), d_(add("d", parameter())), u_(add("u", state())) {
        more_[0] = &u_;
        tau_refrac_.fill(0.0);
    }

private:
    std::size_t order() const override { return 2; }
    double longest() const override { return 0.05; }
    double pull(std::size_t, double) const override { return 0.0; }
    void slope(std::size_t k, const double* y, double current, double* dy) const override {
        dy[0] = 0.04 * (y[0] * y[0]) + 5 * y[0] + 140 - y[1] + 1000.0 * current;
        dy[1] = a_[k] * (b_[k] * y[0] - y[1]);
    }
    bool fires(std::size_t k, double, Step) override { return v_[k] >= 30.0; }
    void reset(std::size_t k) override {
        v_.data()[k] = c_[k];
        u_.data()[k] += d_[k];
    }

    Column &a_, &b_, &c_, &d_, &u_;
};

// x / (e^x - 1), 1 at 0.
double exprel_inverse(double x) { return x == 0.0 ? 1.0 : x / std::expm1(x); }

// HH_cond_exp: Traub & Miles (1991), as given in Brette et al. (2007), Appendix B, benchmark 3.
class HodgkinHuxley final : public Composed {
public:
    HodgkinHuxley(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), g_Na_(add("gbar_Na", parameter())),
          g_K_(add("gbar_K", parameter())), g_leak_(add("g_leak", parameter())), offset_(add("v_offset", parameter())),
          e_Na_(add("e_rev_Na", parameter())), e_K_(add("e_rev_K", parameter())),
          e_leak_(add("e_rev_leak", parameter())), m_(add("m", state())), h_gate_(add("h", state())),
          n_(add("n", state())), rising_(size, 0) {
        more_[0] = &m_, more_[1] = &h_gate_, more_[2] = &n_;
        tau_refrac_.fill(0.0);
    }

private:
    std::size_t order() const override { return 4; }
    double longest() const override { return 0.02; }
    double pull(std::size_t k, double conductance) const override { return conductance / cm_[k]; }
    void slope(std::size_t k, const double* y, double current, double* dy) const override {
        const double v = y[0], m = y[1], h = y[2], n = y[3], x = v - offset_[k];
        double ionic = g_leak_[k] * (e_leak_[k] - v);
        ionic += g_Na_[k] * (m * m * m) * h * (e_Na_[k] - v) + g_K_[k] * (n * n * n * n) * (e_K_[k] - v);
        const double a_m = 0.32 * 4 * exprel_inverse((13 - x) / 4), b_m = 0.28 * 5 * exprel_inverse((x - 40) / 5);
        const double a_h = 0.128 * std::exp((17 - x) / 18), b_h = 4 / (1 + std::exp((40 - x) / 5));
        const double a_n = 0.032 * 5 * exprel_inverse((15 - x) / 5), b_n = 0.5 * std::exp((10 - x) / 40);
        dy[0] = (ionic + current) / cm_[k];
        dy[1] = a_m * (1 - m) - b_m * m;
        dy[2] = a_h * (1 - h) - b_h * h;
        dy[3] = a_n * (1 - n) - b_n * n;
    }
    // At the first step after a maximum above v_offset + 30 mV.
    bool fires(std::size_t k, double before, Step) override {
        const bool peak = rising_[k] && v_[k] < before && v_[k] >= offset_[k] + 30.0;
        rising_[k] = v_[k] > before;
        return peak;
    }
    void reset(std::size_t) override {}

    Column &g_Na_, &g_K_, &g_leak_, &offset_, &e_Na_, &e_K_, &e_leak_, &m_, &h_gate_, &n_;
    std::vector<std::uint8_t> rising_;
};

// GIF_cond_exp: Pozzorini et al. (2015), PLOS Computational Biology 11, e1004275, eq. 1-5. Exponential k of a kernel is
// the columns "tau_eta.k", "a_eta.k" and "eta.k", and likewise for gamma; they are made when they are first named.
class Gif final : public Composed {
public:
    Gif(std::size_t size, double timestep, std::size_t threads, const Ports& ports)
        : Composed(size, timestep, threads, ports), delta_v_(add("delta_v", parameter(0.5))),
          v_t_star_(add("v_t_star", parameter(-48.0))), lambda0_(add("lambda0", parameter())),
          i_eta_(add("i_eta", state())), v_t_(add("v_t", state())) {}

    Column& column(const std::string& name) override {
        const std::size_t dot = name.find('.');
        if (dot == std::string::npos) return Composed::column(name);
        const std::string kernel = name.substr(0, dot);
        const bool eta = kernel == "tau_eta" || kernel == "a_eta" || kernel == "eta";
        if (!eta && kernel != "tau_gamma" && kernel != "a_gamma" && kernel != "gamma") return Composed::column(name);
        const std::size_t number = std::stoul(name.substr(dot + 1));
        std::vector<Term>& terms = eta ? eta_ : gamma_;
        while (terms.size() <= number) {
            const std::string suffix = (eta ? "eta." : "gamma.") + std::to_string(terms.size());
            terms.push_back({&add("tau_" + suffix, parameter(1.0)), &add("a_" + suffix, parameter()),
                             &add(suffix, state())});
        }
        return Composed::column(name);
    }

private:
    struct Term {
        Column *tau, *step, *value;
    };

    void derive() override {
        Composed::derive();
        for (std::size_t k = 0; k < size(); ++k) sum_up(k);
    }
    void sum_up(std::size_t k) {
        double current = 0.0, shift = 0.0;
        for (const Term& term : eta_) current += (*term.value)[k];
        for (const Term& term : gamma_) shift += (*term.value)[k];
        i_eta_.data()[k] = current;
        v_t_.data()[k] = v_t_star_[k] + shift;
    }
    void act(std::size_t k, Flow& total) const override {
        for (const Term& term : eta_) total.current -= (*term.value)[k];
    }
    void decay(std::size_t k, double h) override {
        for (const std::vector<Term>* terms : {&eta_, &gamma_}) {
            for (const Term& term : *terms) term.value->data()[k] *= std::exp(-h / (*term.tau)[k]);
        }
    }
    bool fires(std::size_t k, double, Step step) override {
        const double per_ms = 1e-3 * lambda0_[k] * std::exp(std::min((v_[k] - v_t_[k]) / delta_v_[k], 700.0));
        const std::uint64_t word = philox(key_, {static_cast<std::uint64_t>(step), k, 0, 0})[0];
        return uniform(word) < -std::expm1(-per_ms * h_);
    }
    void settle(std::size_t k) override { sum_up(k); }
    void reset(std::size_t k) override {
        Composed::reset(k);
        for (std::vector<Term>* terms : {&eta_, &gamma_}) {
            for (Term& term : *terms) term.value->data()[k] += (*term.step)[k];
        }
        sum_up(k);
    }

    Column &delta_v_, &v_t_star_, &lambda0_, &i_eta_, &v_t_;
    std::vector<Term> eta_, gamma_;
};

}  // namespace

std::unique_ptr<Cells> make_membrane(const std::string& name, std::size_t size, double timestep, std::size_t threads,
                                     const Ports& ports) {
    if (name == "LIF") return std::make_unique<Composed>(size, timestep, threads, ports);
    if (name == "Facets") return std::make_unique<Facets>(size, timestep, threads, ports);
    if (name == "GsfaGrr") return std::make_unique<GsfaGrr>(size, timestep, threads, ports);
    if (name == "AdExp") return std::make_unique<AdExp>(size, timestep, threads, ports);
    if (name == "Izhikevich") return std::make_unique<Izhikevich>(size, timestep, threads, ports);
    if (name == "HH") return std::make_unique<HodgkinHuxley>(size, timestep, threads, ports);
    if (name == "GIF") return std::make_unique<Gif>(size, timestep, threads, ports);
    throw std::invalid_argument("no membrane " + name);
}

}  // namespace pynn_native
