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
    using Number = typename W::Number;
    using Work = ComposedWork<Number>;
    using PortLanes = typename Work::PortLanes;
    static constexpr std::size_t kOrder = Membrane::kOrder;

public:
    PYNN_NATIVE_INLINE RungeKutta(const Work& work, std::size_t tile, std::size_t k)
        : work_(work), tile_(tile), k_(k), here_(tile * kTile + k), membrane_(work, tile, k),
          drive_(T::at(work.drive.tile(tile) + k)) {}

    // How fast the pack is pulled, per ms.
    PYNN_NATIVE_INLINE Pack pull() {
        flow();
        return membrane_.pull(conductance_);
    }

    // The four slopes of a substep of length h, one function each, so that several packs can take turns.
    PYNN_NATIVE_INLINE void first(Number h) {
        y_[0] = T::at(work_.v + here_);
        for (std::size_t i = 1; i < kOrder; ++i) y_[i] = T::at(work_.more[i - 1] + here_);
        for (std::size_t i = 0; i < kOrder; ++i) moved_[i] = y_[i];
        flow();
        slope(sum_);
        move(h / 2, sum_);
    }
    PYNN_NATIVE_INLINE void second(Number h, bool usual) {
        half(h / 2, usual);
        flow();
        inner(h / 2);
    }
    PYNN_NATIVE_INLINE void third(Number h) { inner(h); }
    PYNN_NATIVE_INLINE void fourth(Number h, bool usual) {
        half(h / 2, usual);
        flow();
        Pack k[kOrder];
        slope(k);
        for (std::size_t i = 0; i < kOrder; ++i) y_[i] = fused<W>(Pack{} + h / 6, sum_[i] + k[i], y_[i]);
        T::at(work_.v + here_) = y_[0];
        for (std::size_t i = 1; i < kOrder; ++i) T::at(work_.more[i - 1] + here_) = y_[i];
    }

private:
    // Conductance and current of the ports as they are now.
    PYNN_NATIVE_INLINE void flow() {
        Pack conductance = {}, current = {};
        for (std::size_t p = 0; p < work_.port_count; ++p) {
            const PortLanes& port = work_.ports[p];
            if (port.kind == Port::Kind::delta || port.kind == Port::Kind::silent) continue;
            const Pack g = port.scale * T::at(port.g + here_);
            if (port.kind == Port::Kind::current) {
                current = current + g;
            } else {
                conductance = conductance + g;
                current = fused<W>(g, T::at(port.reversal.tile(tile_) + k_), current);
            }
        }
        conductance_ = conductance;
        current_ = current;
    }

    // e^(-h / tau), where no table has it: lane by lane.
    PYNN_NATIVE_INLINE Pack decay(const LaneOf<Number>& tau, Number h) const {
        Pack result = {};
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) result[lane] = std::exp(-h / tau.tile(tile_)[k_ + lane]);
        return result;
    }

    PYNN_NATIVE_INLINE void half(Number h, bool usual) const {
        for (std::size_t p = 0; p < work_.port_count; ++p) {
            const PortLanes& port = work_.ports[p];
            if (port.kind == Port::Kind::delta) continue;
            Pack& g = T::at(port.g + here_);
            const Pack kept = usual ? T::at(port.kept.tile(tile_) + k_) : decay(port.decay, h);
            if (port.kind != Port::Kind::fed) {
                g = g * kept;
                continue;
            }
            Pack& s = T::at(port.s + here_);
            g = fused<W>(s, usual ? T::at(port.feed.tile(tile_) + k_) : fed(port, h), g * kept);
            s = s * (usual ? T::at(port.fall.tile(tile_) + k_) : decay(port.rise, h));
        }
    }

    PYNN_NATIVE_INLINE Pack fed(const PortLanes& port, Number h) const {
        Pack result = {};
        for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
            const Number rise = port.rise.tile(tile_)[k_ + lane], decay = port.decay.tile(tile_)[k_ + lane];
            result[lane] = static_cast<Number>(feed_factor(h, rise, decay));
        }
        return result;
    }

    PYNN_NATIVE_INLINE void slope(Pack* dy) const {
        Pack y[kOrder];
        for (std::size_t i = 0; i < kOrder; ++i) y[i] = moved_[i];
        const auto free = T::at(work_.free + here_);
        y[0] = T::select(free, membrane_.clamp(y[0]), y[0]);
        membrane_.slope(y, fused<W>(-conductance_, y[0], current_) + drive_, dy);
        dy[0] = T::select(free, dy[0], Pack{});
    }
    PYNN_NATIVE_INLINE void move(Number h, const Pack* k) {
        for (std::size_t i = 0; i < kOrder; ++i) moved_[i] = fused<W>(Pack{} + h, k[i], y_[i]);
    }
    PYNN_NATIVE_INLINE void inner(Number h) {
        Pack k[kOrder];
        slope(k);
        for (std::size_t i = 0; i < kOrder; ++i) sum_[i] = fused<W>(Pack{} + Number{2}, k[i], sum_[i]);
        move(h, k);
    }

    static double feed_factor(double h, double rise, double decay);

    const Work& work_;
    std::size_t tile_, k_, here_;
    Membrane membrane_;
    Pack drive_, conductance_, current_;
    Pack y_[kOrder], moved_[kOrder], sum_[kOrder];  // at the beginning, where a slope is asked for, of the slopes
};

// So many substeps of some packs. They take turns: while one waits for a result, another is computed.
template <class Cells, std::size_t kPacks, class Number>
PYNN_NATIVE_INLINE void step_packs(Cells (&packs)[kPacks], Number step, Number count, bool usual) {
    const Number h = step / count;
    for (Number n = 0; n < count; ++n) {
        for (Cells& cells : packs) cells.first(h);
        for (Cells& cells : packs) cells.second(h, usual);
        for (Cells& cells : packs) cells.third(h);
        for (Cells& cells : packs) cells.fourth(h, usual);
    }
}

double feed_factor_of(double h, double rise, double decay);

template <class W, class Membrane>
double RungeKutta<W, Membrane>::feed_factor(double h, double rise, double decay) {
    return feed_factor_of(h, rise, decay);
}

// Copy the state of one lane to or from the scratch.
template <bool kBack, class Membrane, class Number>
PYNN_NATIVE_INLINE void keep_lane(const ComposedWork<Number>& work, std::size_t row, Number* place) {
    const auto copy = [&](Number& state) {
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

// Take the step again with the lanes of a pack that are pulled so fast that they need more substeps than usual, each
// alone; so what a cell does never depends on its neighbours.
template <class W, template <class> class Membrane>
PYNN_NATIVE_INLINE void step_stiff(const ComposedWork<typename W::Number>& work, std::size_t t, std::size_t k,
                                   const typename W::Pack& wanted, typename W::Number* kept, std::size_t width) {
    using One = Wide<sizeof(typename W::Number), typename W::Number>;
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) {
        if (!(wanted[lane] > work.usual)) continue;
        keep_lane<true, Membrane<W>>(work, t * kTile + k + lane, kept + lane * width);
        RungeKutta<One, Membrane<One>> cell[] = {{work, t, k + lane}};
        step_packs(cell, work.h, std::ceil(wanted[lane]), false);
    }
}

// All cells of some tiles.
template <class W, template <class> class Membrane>
PYNN_NATIVE_INLINE void step_composed(const ComposedWork<typename W::Number>& work) {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    constexpr std::size_t kPacks = 2;
    const std::size_t width = 4 + 2 * work.port_count;
    for (std::size_t t = work.first; t < work.last; ++t) {
        for (std::size_t k = 0; k < kTile; k += kPacks * W::kLanes) {
            RungeKutta<W, Membrane<W>> packs[kPacks] = {{work, t, k}, {work, t, k + W::kLanes}};
            const Pack wanted[kPacks] = {packs[0].pull() * work.h, packs[1].pull() * work.h};
            const bool stiff = T::any_negative(T::bits(work.usual - wanted[0]) | T::bits(work.usual - wanted[1]));
            for (std::size_t lane = 0; stiff && lane < kPacks * W::kLanes; ++lane) {
                keep_lane<false, Membrane<W>>(work, t * kTile + k + lane, work.scratch + lane * width);
            }
            step_packs(packs, work.h, work.usual, true);
            for (std::size_t p = 0; stiff && p < kPacks; ++p) {
                const std::size_t lanes = p * W::kLanes;
                step_stiff<W, Membrane>(work, t, k + lanes, wanted[p], work.scratch + lanes * width, width);
            }
        }
    }
}

}  // namespace pynn_native
