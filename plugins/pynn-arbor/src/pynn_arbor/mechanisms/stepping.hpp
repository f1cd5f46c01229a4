// One step of cells of any membrane.
#pragma once

#include "membranes.hpp"

namespace cawan {

// How many substeps a cell takes that is not pulled fast.
template <class M>
double usual_steps(const Block& b) {
    return std::max(1.0, std::ceil(b.h / M::longest - 1e-9));
}

// From s into g in a stretch of h.
inline double fed_in(double h, double rise, double decay) { return h * std::exp(-h / decay) * phi1(h * (1 / rise - 1 / decay)); }

template <class M>
class RungeKutta {
public:
    static void prepare(Block& b) {
        const double half = 0.5 * (b.h / usual_steps<M>(b));
        for (Port& port : b.ports) {
            if (port.kind == Port::delta) continue;
            port.kept_g.resize(b.size);
            for (std::size_t k = 0; k < b.size; ++k) port.kept_g[k] = std::exp(-half / port.decay[k]);
            if (!port.fed()) continue;
            for (auto* column : {&port.kept_s, &port.from_s, &port.to_s}) column->resize(b.size);
            for (std::size_t k = 0; k < b.size; ++k) {
                port.kept_s[k] = std::exp(-half / port.rise[k]);
                port.from_s[k] = fed_in(half, port.rise[k], port.decay[k]);
                port.to_s[k] = peak_factor(port.rise[k], port.decay[k]);
            }
        }
    }

    static void integrate(Block& b, std::size_t k, double current, bool free) {
        const double usual = usual_steps<M>(b), wanted = std::ceil(M::pull(b, k, act(b, k).g) * b.h);
        const double steps = std::max(usual, wanted);
        for (double n = 0.0; n < steps; ++n) substep(b, k, b.h / steps, steps == usual, current, free);
    }

private:
    static Flow act(const Block& b, std::size_t k) {
        Flow flow;
        for (const Port& port : b.ports) {
            if (port.kind == Port::delta) continue;
            if (port.current()) {
                flow.i += port.g[k];
            } else {
                flow.g += port.g[k];
                flow.i += port.g[k] * port.e_rev[k];
            }
        }
        M::act(b, k, flow);
        return flow;
    }

    static void decay(Block& b, std::size_t k, double half, bool usual) {
        for (Port& port : b.ports) {
            if (port.kind == Port::delta) continue;
            const double kept = usual ? port.kept_g[k] : std::exp(-half / port.decay[k]);
            if (!port.fed()) {
                port.g[k] *= kept;
                continue;
            }
            const double from_s = usual ? port.from_s[k] : fed_in(half, port.rise[k], port.decay[k]);
            port.g[k] = port.g[k] * kept + port.s[k] * from_s;
            port.s[k] *= usual ? port.kept_s[k] : std::exp(-half / port.rise[k]);
        }
        M::decay(b, k, half);
    }

    static void slope(const Block& b, std::size_t k, const double* y, const Flow& flow, double current, bool free, double* dy) {
        double held[M::order];
        for (std::size_t i = 0; i < M::order; ++i) held[i] = y[i];
        held[0] = M::clamp(b, k, y[0], free);
        M::slope(b, k, held, flow.i - flow.g * held[0] + b.col[I_OFFSET][k] + current, dy);
        if (!free) dy[0] = 0.0;
    }

    static void substep(Block& b, std::size_t k, double h, bool usual, double current, bool free) {
        constexpr std::size_t N = M::order;
        double y[N], moved[N], k1[N], k2[N], k3[N], k4[N];
        for (std::size_t i = 0; i < N; ++i) y[i] = b.col[M::states[i]][k];
        const Flow begin = act(b, k);
        decay(b, k, 0.5 * h, usual);
        const Flow middle = act(b, k);
        decay(b, k, 0.5 * h, usual);
        const Flow end = act(b, k);
        slope(b, k, y, begin, current, free, k1);
        for (std::size_t i = 0; i < N; ++i) moved[i] = y[i] + 0.5 * h * k1[i];
        slope(b, k, moved, middle, current, free, k2);
        for (std::size_t i = 0; i < N; ++i) moved[i] = y[i] + 0.5 * h * k2[i];
        slope(b, k, moved, middle, current, free, k3);
        for (std::size_t i = 0; i < N; ++i) moved[i] = y[i] + h * k3[i];
        slope(b, k, moved, end, current, free, k4);
        for (std::size_t i = 0; i < N; ++i) b.col[M::states[i]][k] = y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
};

// Cells first ... end - 1, to the end of `step`. `coupled`: current of a cell through gap junctions, nA; `fire` is told of
// the cells that fire.
template <class M, class Integrator, class Coupled, class Fire>
void move(Block& b, std::size_t first, std::size_t end, Step step, Coupled coupled, Fire fire) {
    for (std::size_t k = first; k < end; ++k) {
        const double before = b.col[V][k];
        const bool free = b.held[k] == 0;
        Integrator::integrate(b, k, b.injected(k, step - 1) + coupled(k), free);
        if (!free) --b.held[k];
        b.receive(k, free);
        if (!M::fires(b, k, before, step) || !free) continue;
        M::reset(b, k);
        b.note(k, step, 1);
        fire(k);
    }
}

template <class Fire>
void fire_sources(Block& b, std::size_t first, std::size_t end, Step step, Fire fire) {
    for (std::size_t k = first; k < end; ++k) {
        std::int64_t& next = b.cursor[k];
        while (next < b.splits[k + 1] && b.steps[next] < step) ++next;
        std::int64_t times = 0;
        while (next < b.splits[k + 1] && b.steps[next] == step) ++next, ++times;
        if (!times) continue;
        b.note(k, step, times);
        fire(k);
    }
}

// Step 0 moves nothing: what it is for is that sources fire at time 0.
template <class Coupled, class Fire>
void advance(Block& b, std::size_t first, std::size_t end, Step step, Coupled coupled, Fire fire) {
    if (b.membrane == Membrane::source) return fire_sources(b, first, end, step, fire);
    if (step > 0) {
        switch (b.membrane) {
            case Membrane::exact: move<Exact, Exact>(b, first, end, step, coupled, fire); break;
            case Membrane::lif: move<Lif, RungeKutta<Lif>>(b, first, end, step, coupled, fire); break;
            case Membrane::adexp: move<AdExp, RungeKutta<AdExp>>(b, first, end, step, coupled, fire); break;
            case Membrane::izhikevich: move<Izhikevich, RungeKutta<Izhikevich>>(b, first, end, step, coupled, fire); break;
            case Membrane::hh: move<HodgkinHuxley, RungeKutta<HodgkinHuxley>>(b, first, end, step, coupled, fire); break;
            case Membrane::gif: move<Gif, RungeKutta<Gif>>(b, first, end, step, coupled, fire); break;
            case Membrane::source: break;
        }
    }
    b.sample(first, end, step);
}

inline void prepare(Block& b) {
    switch (b.membrane) {
        case Membrane::exact: Exact::prepare(b); break;
        case Membrane::lif: RungeKutta<Lif>::prepare(b); break;
        case Membrane::adexp: RungeKutta<AdExp>::prepare(b); break;
        case Membrane::izhikevich: RungeKutta<Izhikevich>::prepare(b); break;
        case Membrane::hh: RungeKutta<HodgkinHuxley>::prepare(b); break;
        case Membrane::gif:
            RungeKutta<Gif>::prepare(b);
            for (std::size_t k = 0; k < b.size; ++k) Gif::sum_up(b, k);
            break;
        case Membrane::source: break;
    }
}

}  // namespace cawan
