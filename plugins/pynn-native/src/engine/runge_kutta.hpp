// The step of composed cells, as wide as the processor: one function for each kind of membrane.
#pragma once

#include <algorithm>
#include <cmath>

#include "composed.hpp"
#include "vmath.hpp"

namespace pynn_native {

// A membrane is a policy: how many variables (kOrder), which parameters of a pack of cells (load), dy/dt for a current
// into the cells (slope), how fast they are pulled (pull), and what v counts as in the equations (clamp).
template <class W, class Membrane>
class RungeKutta {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    static constexpr std::size_t kOrder = Membrane::kOrder;

public:
    PYNN_NATIVE_INLINE RungeKutta(const ComposedWork& work, std::size_t tile, std::size_t k)
        : work_(work), tile_(tile), k_(k), here_(tile * kTile + k), membrane_(work, tile, k),
          drive_(T::at(work.drive.tile(tile) + k)) {}

    // How fast the pack is pulled, per ms.
    PYNN_NATIVE_INLINE Pack pull() const {
        Pack conductance = {}, current = {};
        flow(conductance, current);
        return membrane_.pull(conductance);
    }

    PYNN_NATIVE_INLINE void step(double count, bool usual) const {
        const double h = work_.h / count;
        for (double n = 0.0; n < count; ++n) substep(h, usual);
    }

private:
    PYNN_NATIVE_INLINE void flow(Pack& conductance, Pack& current) const {
        for (std::size_t p = 0; p < work_.port_count; ++p) {
            const ComposedWork::PortLanes& port = work_.ports[p];
            if (port.kind == Port::Kind::delta || port.kind == Port::Kind::silent) continue;
            const Pack g = port.scale * T::at(port.g + here_);
            if (port.kind == Port::Kind::current) {
                current = current + g;
            } else {
                conductance = conductance + g;
                current = current + g * T::at(port.reversal.tile(tile_) + k_);
            }
        }
    }

    // e^(-h / tau), where no table has it: lane by lane.
    PYNN_NATIVE_INLINE Pack decay(const Lane& tau, double h) const {
        Pack result = {};
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) result[lane] = std::exp(-h / tau.tile(tile_)[k_ + lane]);
        return result;
    }

    PYNN_NATIVE_INLINE void half(double h, bool usual) const {
        for (std::size_t p = 0; p < work_.port_count; ++p) {
            const ComposedWork::PortLanes& port = work_.ports[p];
            if (port.kind == Port::Kind::delta) continue;
            Pack& g = T::at(port.g + here_);
            const Pack kept = usual ? T::at(port.kept.tile(tile_) + k_) : decay(port.decay, h);
            if (port.kind != Port::Kind::fed) {
                g = g * kept;
                continue;
            }
            Pack& s = T::at(port.s + here_);
            g = g * kept + s * (usual ? T::at(port.feed.tile(tile_) + k_) : fed(port, h));
            s = s * (usual ? T::at(port.fall.tile(tile_) + k_) : decay(port.rise, h));
        }
    }

    PYNN_NATIVE_INLINE Pack fed(const ComposedWork::PortLanes& port, double h) const {
        Pack result = {};
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
            result[lane] = feed_factor(h, port.rise.tile(tile_)[k_ + lane], port.decay.tile(tile_)[k_ + lane]);
        }
        return result;
    }

    PYNN_NATIVE_INLINE void slope(const Pack* state, const Pack& conductance, const Pack& current, Pack* dy) const {
        Pack y[kOrder];
        for (std::size_t i = 0; i < kOrder; ++i) y[i] = state[i];
        const auto free = T::at(work_.free + here_);
        y[0] = T::select(free, membrane_.clamp(y[0]), y[0]);
        membrane_.slope(y, current - conductance * y[0] + drive_, dy);
        dy[0] = T::select(free, dy[0], Pack{});
    }

    PYNN_NATIVE_INLINE void substep(double h, bool usual) const {
        Pack y[kOrder], moved[kOrder], k1[kOrder], k2[kOrder], k3[kOrder], k4[kOrder];
        Pack conductance = {}, current = {};
        y[0] = T::at(work_.v + here_);
        for (std::size_t i = 1; i < kOrder; ++i) y[i] = T::at(work_.more[i - 1] + here_);
        flow(conductance, current);
        slope(y, conductance, current, k1);
        half(0.5 * h, usual);
        conductance = current = Pack{};
        flow(conductance, current);
        for (std::size_t i = 0; i < kOrder; ++i) moved[i] = y[i] + (0.5 * h) * k1[i];
        slope(moved, conductance, current, k2);
        for (std::size_t i = 0; i < kOrder; ++i) moved[i] = y[i] + (0.5 * h) * k2[i];
        slope(moved, conductance, current, k3);
        half(0.5 * h, usual);
        conductance = current = Pack{};
        flow(conductance, current);
        for (std::size_t i = 0; i < kOrder; ++i) moved[i] = y[i] + h * k3[i];
        slope(moved, conductance, current, k4);
        for (std::size_t i = 0; i < kOrder; ++i) y[i] = y[i] + (h / 6) * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
        T::at(work_.v + here_) = y[0];
        for (std::size_t i = 1; i < kOrder; ++i) T::at(work_.more[i - 1] + here_) = y[i];
    }

    static double feed_factor(double h, double rise, double decay);

    const ComposedWork& work_;
    std::size_t tile_, k_, here_;
    Membrane membrane_;
    Pack drive_;
};

double feed_factor_of(double h, double rise, double decay);

template <class W, class Membrane>
double RungeKutta<W, Membrane>::feed_factor(double h, double rise, double decay) {
    return feed_factor_of(h, rise, decay);
}

// Copy the state of one lane to or from the scratch.
template <bool kBack, class Membrane>
PYNN_NATIVE_INLINE void keep_lane(const ComposedWork& work, std::size_t row, double* place) {
    const auto copy = [&](double& state) {
        if (kBack) {
            state = *place++;
        } else {
            *place++ = state;
        }
    };
    copy(work.v[row]);
    for (std::size_t i = 1; i < Membrane::kOrder; ++i) copy(work.more[i - 1][row]);
    for (std::size_t p = 0; p < work.port_count; ++p) {
        if (work.ports[p].kind == Port::Kind::delta) continue;
        copy(work.ports[p].g[row]);
        if (work.ports[p].s) copy(work.ports[p].s[row]);
    }
}

// All cells of some tiles. Where a cell is pulled so fast that it needs more substeps than usual, it is computed again,
// alone; so what a cell does never depends on its neighbours.
template <class W, template <class> class Membrane>
PYNN_NATIVE_INLINE void step_composed(const ComposedWork& work) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    const std::size_t width = 4 + 2 * work.port_count;
    for (std::size_t t = work.first; t < work.last; ++t) {
        for (std::size_t k = 0; k < kTile; k += W::kLanes) {
            const RungeKutta<W, Membrane<W>> cells(work, t, k);
            const Pack wanted = cells.pull() * work.h;
            const bool stiff = T::any_negative(T::bits(work.usual - wanted));
            for (std::size_t lane = 0; stiff && lane < W::kLanes; ++lane) {
                keep_lane<false, Membrane<W>>(work, t * kTile + k + lane, work.scratch + lane * width);
            }
            cells.step(work.usual, true);
            for (std::size_t lane = 0; stiff && lane < W::kLanes; ++lane) {
                if (!(wanted[lane] > work.usual)) continue;
                keep_lane<true, Membrane<W>>(work, t * kTile + k + lane, work.scratch + lane * width);
                RungeKutta<Wide<8>, Membrane<Wide<8>>>(work, t, k + lane).step(std::ceil(wanted[lane]), false);
            }
        }
    }
}

}  // namespace pynn_native
