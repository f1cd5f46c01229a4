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
    using Number = typename W::Number;
    static constexpr std::size_t kOrder = 2;
    Pack v_rest, leak, per_cm, v_thresh, v_spike, a, delta_T, per_delta, slow;
    PYNN_NATIVE_INLINE Adaptive(const ComposedWork<Number>& work, std::size_t t, std::size_t k)
        : v_rest(T::at(work.v_rest.tile(t) + k)), leak(1 / T::at(work.tau_m.tile(t) + k)),
          per_cm(1 / T::at(work.cm.tile(t) + k)), v_thresh(T::at(work.own[0].tile(t) + k)),
          v_spike(T::at(work.own[1].tile(t) + k)), a(pack_of<W>(1e-3) * T::at(work.own[2].tile(t) + k)),
          delta_T(T::at(work.own[3].tile(t) + k)), per_delta(1 / delta_T),
          slow(1 / T::at(work.own[4].tile(t) + k)) {}
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
PYNN_NATIVE_INLINE void adaptive(const ComposedWork<typename W::Number>& work) {
    step_composed<W, Adaptive>(work);
}

PYNN_NATIVE_KERNELS(step_adaptive, adaptive, ComposedWork)

// The adaptive exponential membrane.
class AdExp final : public Composed {
public:
    AdExp(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), v_spike_(add("v_spike", parameter(-40.0))),
          a_(add("a", parameter())), b_(add("b", parameter())), delta_T_(add("delta_T", parameter(2.0))),
          tau_w_(add("tau_w", parameter(144.0))), w_(add("w", state())) {
        more_[0] = &w_;
        count_from_origin(v_spike_);
    }

private:
    double longest() const override { return 0.05; }
    void run(const ComposedWork<double>& work) const override { step_adaptive(work); }
    void run(const ComposedWork<float>& work) const override { step_adaptive(work); }
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

// The potential at which 0.04 v² + 5 v + 140 is least, mV; the least is -16.25.
constexpr double kVertex = -62.5;

// Izhikevich (2003), IEEE Transactions on Neural Networks 14, 1569, eq. 1-3. In 32 bits v counts from the vertex, where
// 0.04 v² - 16.25 is the same without three large numbers that cancel.
template <class W>
struct Quadratic {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Number = typename W::Number;
    static constexpr std::size_t kOrder = 2;
    Pack a, b;
    PYNN_NATIVE_INLINE Quadratic(const ComposedWork<Number>& work, std::size_t t, std::size_t k)
        : a(T::at(work.own[0].tile(t) + k)), b(T::at(work.own[1].tile(t) + k)) {}
    PYNN_NATIVE_INLINE Pack pull(const Pack&) const { return Pack{}; }
    PYNN_NATIVE_INLINE Pack clamp(const Pack& v) const { return v; }
    PYNN_NATIVE_INLINE void slope(const Pack* y, const Pack& current, Pack* dy) const {
        const Pack square = pack_of<W>(0.04) * (y[0] * y[0]), flowing = 1000 * current;
        if constexpr (sizeof(Number) == 8) {
            dy[0] = square + 5 * y[0] + 140 - y[1] + flowing;
            dy[1] = a * (b * y[0] - y[1]);
        } else {
            dy[0] = square - pack_of<W>(16.25) - y[1] + flowing;
            dy[1] = a * (b * (y[0] + pack_of<W>(kVertex)) - y[1]);
        }
    }
};

template <class W>
PYNN_NATIVE_INLINE void quadratic(const ComposedWork<typename W::Number>& work) {
    step_composed<W, Quadratic>(work);
}

PYNN_NATIVE_KERNELS(step_quadratic, quadratic, ComposedWork)

class Izhikevich final : public Composed {
public:
    Izhikevich(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), a_(add("a", parameter())), b_(add("b", parameter())),
          c_(add("c", parameter(-65.0))), d_(add("d", parameter())), u_(add("u", state())) {
        more_[0] = &u_;
        tau_refrac_.fill(0.0);
        v_thresh_.fill(30.0);
        count_from(kVertex);
    }

private:
    double longest() const override { return 0.05; }
    void run(const ComposedWork<double>& work) const override { step_quadratic(work); }
    void run(const ComposedWork<float>& work) const override { step_quadratic(work); }
    std::array<const Column*, 8> own() const override { return {&a_, &b_}; }
    void reset(std::size_t k) override {
        v_.put(k, c_[k]);
        u_.put(k, u_[k] + d_[k]);
    }

    Column &a_, &b_, &c_, &d_, &u_;
};

constexpr double kE3 = 20.085536923187668, kE3_25 = 25.790339917193062, kE8 = 2980.9579870417283;
constexpr double kHalfE0_25 = 0.6420127083438707, k0_128E17_18 = 0.3291372076528678;

// The exponentials of the rates of channels, for x mV above v_offset.
template <class W>
struct Powers {
    using Pack = typename W::Pack;
    Pack eighteenth, fortieth, fifth, fourth;  // e^(-x/18), e^(-x/40), e^(-x/5), e^(-x/4)
    PYNN_NATIVE_INLINE explicit Powers(const Pack& x) {
        if constexpr (sizeof(typename W::Number) == 8) {
            // All are powers of e^(-x/360). They are known to 1e-12 for x from -200 to 200 mV; beyond, the rates are too
            // fast for any timestep.
            const Pack base = exp_near_0<W>(x * pack_of<W>(-1.0 / 360.0)), base2 = base * base, base4 = base2 * base2;
            const Pack base8 = base4 * base4;
            eighteenth = base8 * base8 * base4;
            fortieth = base8 * base;
        } else {
            // A power multiplies the rounding of its base, so that none is higher than the tenth: known to 1e-6.
            eighteenth = exp_of<W>(x * pack_of<W>(-1.0 / 18.0));
            fortieth = exp_of<W>(x * pack_of<W>(-1.0 / 40.0));
        }
        const Pack twentieth = fortieth * fortieth, tenth = twentieth * twentieth;
        fifth = tenth * tenth;
        fourth = fifth * twentieth;
    }
};

// 1 / (a b) and 1 / (c d): by one division, where no product of all four is beyond what numbers there are.
template <class W>
struct Inverses {
    using Pack = typename W::Pack;
    Pack first, second;
    PYNN_NATIVE_INLINE Inverses(const Pack& ab, const Pack& cd) {
        if constexpr (sizeof(typename W::Number) == 8) {
            const Pack all = 1 / (ab * cd);
            first = all * cd;
            second = all * ab;
        } else {
            first = 1 / ab;
            second = 1 / cd;
        }
    }
};

// Traub & Miles (1991), as given in Brette et al. (2007), Appendix B, benchmark 3.
template <class W>
struct Channels {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    using Number = typename W::Number;
    static constexpr std::size_t kOrder = 4;
    Pack per_cm, g_Na, g_K, g_leak, offset, e_Na, e_K, e_leak;
    PYNN_NATIVE_INLINE Channels(const ComposedWork<Number>& work, std::size_t t, std::size_t k)
        : per_cm(1 / T::at(work.cm.tile(t) + k)), g_Na(T::at(work.own[0].tile(t) + k)),
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
        const Powers<W> powers(x);
        const Pack w = (40 - x) * pack_of<W>(0.2), rise = pack_of<W>(kE8) * powers.fifth;  // e^w
        const ExprelInverse<W> m_opens((13 - x) * pack_of<W>(0.25), pack_of<W>(kE3_25) * powers.fourth), m_shuts(w, rise);
        const ExprelInverse<W> n_opens(w - 5, pack_of<W>(kE3) * powers.fifth);
        const Pack h_shuts = 1 + rise;
        const Inverses<W> per(m_opens.below() * n_opens.below(), m_shuts.below() * h_shuts);
        const Pack a_m = pack_of<W>(1.28) * m_opens.above() * (per.first * n_opens.below());
        // z / (e^z - 1) is z + the same of -z, and e^-z is what is known here.
        const Pack b_m = pack_of<W>(1.4) * fused<W>(m_shuts.above(), per.second * h_shuts, w);
        const Pack a_h = pack_of<W>(k0_128E17_18) * powers.eighteenth;
        const Pack b_h = 4 * (per.second * m_shuts.below());
        const Pack a_n = pack_of<W>(0.16) * n_opens.above() * (per.first * m_opens.below());
        const Pack b_n = pack_of<W>(kHalfE0_25) * powers.fortieth;
        dy[0] = total * per_cm;
        dy[1] = fused<W>(-(a_m + b_m), m, a_m);
        dy[2] = fused<W>(-(a_h + b_h), h, a_h);
        dy[3] = fused<W>(-(a_n + b_n), n, a_n);
    }
};

template <class W>
PYNN_NATIVE_INLINE void channels(const ComposedWork<typename W::Number>& work) {
    step_composed<W, Channels>(work);
}

PYNN_NATIVE_KERNELS(step_channels, channels, ComposedWork)

// HH_cond_exp.
class HodgkinHuxley final : public Composed {
public:
    HodgkinHuxley(const Layout& layout, const Ports& ports)
        : Composed(layout, ports), g_Na_(add("gbar_Na", parameter())),
          g_K_(add("gbar_K", parameter())), g_leak_(add("g_leak", parameter())), offset_(add("v_offset", parameter())),
          e_Na_(add("e_rev_Na", parameter())), e_K_(add("e_rev_K", parameter())),
          e_leak_(add("e_rev_leak", parameter())), m_(add("m", state())), h_gate_(add("h", state())),
          n_(add("n", state())) {
        more_[0] = &m_, more_[1] = &h_gate_, more_[2] = &n_;
        tau_refrac_.fill(0.0);
        for (Column* potential : {&offset_, &e_Na_, &e_K_, &e_leak_}) count_from_origin(*potential);
        count_from_first(offset_);
        with_number(single_, [&](auto zero) {
            before_.of<decltype(zero)>().resize(padded(size()));
            rising_.of<decltype(zero)>().assign(padded(size()), 0);
        });
    }

private:
    double longest() const override { return 0.034; }
    void run(const ComposedWork<double>& work) const override { step_channels(work); }
    void run(const ComposedWork<float>& work) const override { step_channels(work); }
    std::array<const Column*, 8> own() const override {
        return {&g_Na_, &g_K_, &g_leak_, &offset_, &e_Na_, &e_K_, &e_leak_};
    }
    void remember(const Range& range) override {
        with_number(single_, [&](auto zero) {
            using Number = decltype(zero);
            const Number* v = v_.data<Number>();
            std::copy(v + range.first, v + range.last, before_.of<Number>().data() + range.first);
        });
    }
    void find(const Range& range, Step, std::vector<Cell>& found) override {
        with_number(single_, [&](auto zero) { find_peaks<decltype(zero)>(range, found); });
    }
    // At the first step after a maximum above v_offset + 30 mV. In 32 bits, changes that may be rounding are none, so that
    // a potential that stands still has no maxima, and one that stands still for a step has risen up to there.
    template <class Number>
    void find_peaks(const Range& range, std::vector<Cell>& found) {
        constexpr Number least = sizeof(Number) == 8 ? Number(0) : Number(0x1p-14);  // mV: 8 times the last bit of 100 mV
        for (std::size_t first = range.first; first < range.last; first += kTile) {
            const Number *v = v_.data<Number>() + first, *earlier = before_.of<Number>().data() + first;
            const Number* offset = offset_.lane<Number>().tile(first / kTile);
            Whole<Number>* const rose = rising_.of<Number>().data() + first;
            const auto fell = [=](std::size_t k) { return bits_of(v[k] - earlier[k] + least); };
            const auto peak = [=](std::size_t k) {
                return rose[k] & fell(k) & ~bits_of(v[k] - offset[k] - Number(30));
            };
            const std::size_t count = std::min(kTile, range.last - first);
            each_negative({0, count}, peak, [&](std::size_t k) { found.push_back(static_cast<Cell>(first + k)); });
            for (std::size_t k = 0; k < count; ++k) {
                const Whole<Number> still = sizeof(Number) == 8 ? 0 : rose[k] & ~fell(k);
                rose[k] = bits_of(earlier[k] - v[k] + least) | still;
            }
        }
    }
    void reset(std::size_t) override {}

    Column &g_Na_, &g_K_, &g_leak_, &offset_, &e_Na_, &e_K_, &e_leak_, &m_, &h_gate_, &n_;
    Either<Aligned> before_;  // v before the step
    Either<Masks> rising_;    // negative where v rose in the last step
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
    if (name == "AdExp") return std::make_unique<AdExp>(layout, ports);
    if (name == "Izhikevich") return std::make_unique<Izhikevich>(layout, ports);
    if (name == "HH") return std::make_unique<HodgkinHuxley>(layout, ports);
    throw std::invalid_argument("no membrane " + name);
}

}  // namespace pynn_native
