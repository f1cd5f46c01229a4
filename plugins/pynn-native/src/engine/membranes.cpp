#include "membranes.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bits.hpp"
#include "runge_kutta.hpp"

namespace pynn_native {

namespace {

using Ports = std::vector<std::vector<std::string>>;

// IF_facets_hardware1: a leaky membrane of 0.2 nF whose leak is g_leak, nS.
class Facets final : public Composed {
public:
    Facets(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), g_leak_(add("g_leak", parameter(40.0))) {}

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
    GsfaGrr(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), slow_(*this, "g_s", "tau_sfa", "e_rev_sfa", "q_sfa"),
          fast_(*this, "g_r", "tau_rr", "e_rev_rr", "q_rr") {}

private:
    struct Own {
        Column &g, &quantum;
        Own(GsfaGrr& cells, const char* state, const char* time, const char* potential, const char* step)
            : g(cells.add(state, cells.state())), quantum(cells.add(step, cells.parameter())) {
            cells.add_own(Port::Kind::exponential, 1e-3, g, cells.add(time, cells.parameter(1.0)),
                          &cells.add(potential, cells.parameter()));
        }
    };

    void reset(std::size_t k) override {
        Composed::reset(k);
        for (Own* own : {&slow_, &fast_}) own->g.put(k, own->g[k] + own->quantum[k]);
    }

    Own slow_, fast_;
};

// Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2; v counts as v_spike above it.
template <class W>
struct Adaptive {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    static constexpr std::size_t kOrder = 2;
    Pack v_rest, leak, per_cm, v_thresh, v_spike, a, delta_T, per_delta, slow;
    PYNN_NATIVE_INLINE Adaptive(const ComposedWork<double>& work, std::size_t t, std::size_t k)
        : v_rest(T::at(work.v_rest.tile(t) + k)), leak(1.0 / T::at(work.tau_m.tile(t) + k)),
          per_cm(1.0 / T::at(work.cm.tile(t) + k)), v_thresh(T::at(work.own[0].tile(t) + k)),
          v_spike(T::at(work.own[1].tile(t) + k)), a(1e-3 * T::at(work.own[2].tile(t) + k)),
          delta_T(T::at(work.own[3].tile(t) + k)), per_delta(1.0 / delta_T),
          slow(1.0 / T::at(work.own[4].tile(t) + k)) {}
    PYNN_NATIVE_INLINE Pack pull(const Pack& conductance) const { return leak + conductance * per_cm; }
    PYNN_NATIVE_INLINE Pack clamp(const Pack& v) const { return least<W>(v, v_spike); }
    PYNN_NATIVE_INLINE void slope(const Pack* y, const Pack& current, Pack* dy) const {
        const Pack v = least<W>(y[0], v_spike);
        const Pack upstroke = delta_T * exp_of<W>((v - v_thresh) * per_delta);
        dy[0] = (v_rest - v + upstroke) * leak + (current - y[1]) * per_cm;
        dy[1] = (a * (v - v_rest) - y[1]) * slow;
    }
};

template <class W>
PYNN_NATIVE_INLINE void adaptive(const ComposedWork<double>& work) {
    step_composed<W, Adaptive>(work);
}

PYNN_NATIVE_KERNEL(step_adaptive, adaptive, ComposedWork<double>)

// The adaptive exponential membrane.
class AdExp final : public Composed {
public:
    AdExp(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), v_spike_(add("v_spike", parameter(-40.0))),
          a_(add("a", parameter())), b_(add("b", parameter())), delta_T_(add("delta_T", parameter(2.0))),
          tau_w_(add("tau_w", parameter(144.0))), w_(add("w", state())) {
        more_[0] = &w_;
    }

private:
    double longest() const override { return 0.05; }
    void run(const ComposedWork<double>& work) const override { step_adaptive(work); }
    std::array<const Column*, 8> own() const override {
        return {&v_thresh_, &v_spike_, &a_, &delta_T_, &tau_w_};
    }
    const Column& level() const override { return v_spike_; }
    void reset(std::size_t k) override {
        Composed::reset(k);
        w_.put(k, w_[k] + b_[k]);
    }

    Column &v_spike_, &a_, &b_, &delta_T_, &tau_w_, &w_;
};

// Izhikevich (2003), IEEE Transactions on Neural Networks 14, 1569, eq. 1-3.
template <class W>
struct Quadratic {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    static constexpr std::size_t kOrder = 2;
    Pack a, b;
    PYNN_NATIVE_INLINE Quadratic(const ComposedWork<double>& work, std::size_t t, std::size_t k)
        : a(T::at(work.own[0].tile(t) + k)), b(T::at(work.own[1].tile(t) + k)) {}
    PYNN_NATIVE_INLINE Pack pull(const Pack&) const { return Pack{}; }
    PYNN_NATIVE_INLINE Pack clamp(const Pack& v) const { return v; }
    PYNN_NATIVE_INLINE void slope(const Pack* y, const Pack& current, Pack* dy) const {
        dy[0] = 0.04 * (y[0] * y[0]) + 5.0 * y[0] + 140.0 - y[1] + 1000.0 * current;
        dy[1] = a * (b * y[0] - y[1]);
    }
};

template <class W>
PYNN_NATIVE_INLINE void quadratic(const ComposedWork<double>& work) {
    step_composed<W, Quadratic>(work);
}

PYNN_NATIVE_KERNEL(step_quadratic, quadratic, ComposedWork<double>)

class Izhikevich final : public Composed {
public:
    Izhikevich(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), a_(add("a", parameter())), b_(add("b", parameter())),
          c_(add("c", parameter(-65.0))), d_(add("d", parameter())), u_(add("u", state())) {
        more_[0] = &u_;
        tau_refrac_.fill(0.0);
        v_thresh_.fill(30.0);
    }

private:
    double longest() const override { return 0.05; }
    void run(const ComposedWork<double>& work) const override { step_quadratic(work); }
    std::array<const Column*, 8> own() const override { return {&a_, &b_}; }
    void reset(std::size_t k) override {
        v_.put(k, c_[k]);
        u_.put(k, u_[k] + d_[k]);
    }

    Column &a_, &b_, &c_, &d_, &u_;
};

constexpr double kE3 = 20.085536923187668, kE3_25 = 25.790339917193062, kE8 = 2980.9579870417283;
constexpr double kHalfE0_25 = 0.6420127083438707, k0_128E17_18 = 0.3291372076528678;

// Traub & Miles (1991), as given in Brette et al. (2007), Appendix B, benchmark 3.
template <class W>
struct Channels {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    static constexpr std::size_t kOrder = 4;
    Pack per_cm, g_Na, g_K, g_leak, offset, e_Na, e_K, e_leak;
    PYNN_NATIVE_INLINE Channels(const ComposedWork<double>& work, std::size_t t, std::size_t k)
        : per_cm(1.0 / T::at(work.cm.tile(t) + k)), g_Na(T::at(work.own[0].tile(t) + k)),
          g_K(T::at(work.own[1].tile(t) + k)), g_leak(T::at(work.own[2].tile(t) + k)), offset(T::at(work.own[3].tile(t) + k)),
          e_Na(T::at(work.own[4].tile(t) + k)), e_K(T::at(work.own[5].tile(t) + k)),
          e_leak(T::at(work.own[6].tile(t) + k)) {}
    PYNN_NATIVE_INLINE Pack pull(const Pack& conductance) const { return conductance * per_cm; }
    PYNN_NATIVE_INLINE Pack clamp(const Pack& v) const { return v; }
    PYNN_NATIVE_INLINE void slope(const Pack* y, const Pack& current, Pack* dy) const {
        const Pack v = y[0], m = y[1], h = y[2], n = y[3], x = v - offset, n2 = n * n;
        Pack total = fused<W>(g_leak, e_leak - v, current);
        total = fused<W>(g_Na * (m * m * m) * h, e_Na - v, total);
        total = fused<W>(g_K * (n2 * n2), e_K - v, total);
        // All exponentials are powers of e^(-x/360). They are known to 1e-12 for x from -200 to 200 mV; beyond, the
        // rates are too fast for any timestep.
        const Pack base = exp_near_0<W>(x * (-1.0 / 360.0)), base2 = base * base, base4 = base2 * base2;
        const Pack base8 = base4 * base4, base20 = base8 * base8 * base4;         // e^(-x/18)
        const Pack root = base8 * base, root2 = root * root, root4 = root2 * root2;  // e^(-x/40)
        const Pack fifth = root4 * root4;                                         // e^(-x/5)
        const Pack w = (40.0 - x) * 0.2, rise = kE8 * fifth;                      // e^w
        const ExprelInverse<W> m_opens((13.0 - x) * 0.25, kE3_25 * (fifth * root2)), m_shuts(w, rise);
        const ExprelInverse<W> n_opens(w - 5.0, kE3 * fifth);
        // One division for all four fractions.
        const Pack h_shuts = 1.0 + rise, first = m_opens.below() * n_opens.below(), second = m_shuts.below() * h_shuts;
        const Pack all = 1.0 / (first * second), per_first = all * second, per_second = all * first;
        const Pack a_m = 1.28 * m_opens.above() * (per_first * n_opens.below());
        // z / (e^z - 1) is z + the same of -z, and e^-z is what is known here.
        const Pack b_m = 1.4 * fused<W>(m_shuts.above(), per_second * h_shuts, w);
        const Pack a_h = k0_128E17_18 * base20;
        const Pack b_h = 4.0 * (per_second * m_shuts.below());
        const Pack a_n = 0.16 * n_opens.above() * (per_first * m_opens.below());
        const Pack b_n = kHalfE0_25 * root;
        dy[0] = total * per_cm;
        dy[1] = fused<W>(-(a_m + b_m), m, a_m);
        dy[2] = fused<W>(-(a_h + b_h), h, a_h);
        dy[3] = fused<W>(-(a_n + b_n), n, a_n);
    }
};

template <class W>
PYNN_NATIVE_INLINE void channels(const ComposedWork<double>& work) {
    step_composed<W, Channels>(work);
}

PYNN_NATIVE_KERNEL(step_channels, channels, ComposedWork<double>)

// HH_cond_exp.
class HodgkinHuxley final : public Composed {
public:
    HodgkinHuxley(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), g_Na_(add("gbar_Na", parameter())),
          g_K_(add("gbar_K", parameter())), g_leak_(add("g_leak", parameter())), offset_(add("v_offset", parameter())),
          e_Na_(add("e_rev_Na", parameter())), e_K_(add("e_rev_K", parameter())),
          e_leak_(add("e_rev_leak", parameter())), m_(add("m", state())), h_gate_(add("h", state())),
          n_(add("n", state())), before_(padded(layout.size)), rising_(padded(layout.size), 0) {
        more_[0] = &m_, more_[1] = &h_gate_, more_[2] = &n_;
        tau_refrac_.fill(0.0);
    }

private:
    double longest() const override { return 0.034; }
    void run(const ComposedWork<double>& work) const override { step_channels(work); }
    std::array<const Column*, 8> own() const override {
        return {&g_Na_, &g_K_, &g_leak_, &offset_, &e_Na_, &e_K_, &e_leak_};
    }
    void remember(const Range& range) override {
        const double* v = v_.data<double>();
        std::copy(v + range.first, v + range.last, before_.data() + range.first);
    }
    // At the first step after a maximum above v_offset + 30 mV.
    void find(const Range& range, Step, std::vector<Cell>& found) override {
        for (std::size_t first = range.first; first < range.last; first += kTile) {
            const double *v = v_.data<double>() + first, *earlier = before_.data() + first;
            const double* offset = offset_.lane<double>().tile(first / kTile);
            const std::int64_t* rose = rising_.data() + first;
            const auto peak = [=](std::size_t k) {
                return rose[k] & bits_of(v[k] - earlier[k]) & ~bits_of(v[k] - offset[k] - 30.0);
            };
            const std::size_t count = std::min(kTile, range.last - first);
            each_negative({0, count}, peak, [&](std::size_t k) { found.push_back(static_cast<Cell>(first + k)); });
            for (std::size_t k = 0; k < count; ++k) rising_[first + k] = bits_of(earlier[k] - v[k]);
        }
    }
    void reset(std::size_t) override {}

    Column &g_Na_, &g_K_, &g_leak_, &offset_, &e_Na_, &e_K_, &e_leak_, &m_, &h_gate_, &n_;
    Doubles before_;  // v before the step
    Masks rising_;  // negative where v rose in the last step
};

// GIF_cond_exp: Pozzorini et al. (2015), PLOS Computational Biology 11, e1004275, eq. 1-5. Exponential k of a kernel is
// the columns "tau_eta.k", "a_eta.k" and "eta.k", and likewise for gamma; they are made when they are first named.
class Gif final : public Composed {
public:
    Gif(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), delta_v_(add("delta_v", parameter(0.5))),
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
            terms.push_back({&add("a_" + suffix, parameter()), &add(suffix, state())});
            add_own(eta ? Port::Kind::current : Port::Kind::silent, -1.0, *terms.back().value,
                    add("tau_" + suffix, parameter(1.0)));
        }
        return Composed::column(name);
    }

private:
    struct Term {
        Column *step, *value;
    };

    void derive() override {
        Composed::derive();
        for (std::size_t k = 0; k < size(); ++k) sum_up(k);
    }
    void sum_up(std::size_t k) {
        double current = 0.0, shift = 0.0;
        for (const Term& term : eta_) current += (*term.value)[k];
        for (const Term& term : gamma_) shift += (*term.value)[k];
        i_eta_.put(k, current);
        v_t_.put(k, v_t_star_[k] + shift);
    }
    void find(const Range& range, Step step, std::vector<Cell>& found) override {
        for (std::size_t k = range.first; k < range.last; ++k) {
            const double per_ms = 1e-3 * lambda0_[k] * std::exp(std::min((v_[k] - v_t_[k]) / delta_v_[k], 700.0));
            const std::uint64_t word = philox(key_, {static_cast<std::uint64_t>(step), k, 0, 0})[0];
            if (uniform(word) < -std::expm1(-per_ms * h_)) found.push_back(static_cast<Cell>(k));
        }
    }
    void settle(const Range& range) override {
        for (std::size_t k = range.first; k < range.last; ++k) sum_up(k);
    }
    void reset(std::size_t k) override {
        Composed::reset(k);
        for (std::vector<Term>* terms : {&eta_, &gamma_}) {
            for (Term& term : *terms) term.value->put(k, (*term.value)[k] + (*term.step)[k]);
        }
        sum_up(k);
    }

    Column &delta_v_, &v_t_star_, &lambda0_, &i_eta_, &v_t_;
    std::vector<Term> eta_, gamma_;
};

}  // namespace

std::unique_ptr<Cells> make_membrane(const std::string& name, const Layout& layout, const Ports& ports) {
    if (name == "LIF") return std::make_unique<Composed>(layout, ports);
    if (name == "Facets") return std::make_unique<Facets>(layout, ports);
    if (name == "GsfaGrr") return std::make_unique<GsfaGrr>(layout, ports);
    if (name == "GIF") return std::make_unique<Gif>(layout, ports);
    if (layout.single) throw std::invalid_argument("no 32-bit kernel of the membrane " + name);
    if (name == "AdExp") return std::make_unique<AdExp>(layout, ports);
    if (name == "Izhikevich") return std::make_unique<Izhikevich>(layout, ports);
    if (name == "HH") return std::make_unique<HodgkinHuxley>(layout, ports);
    throw std::invalid_argument("no membrane " + name);
}

}  // namespace pynn_native
