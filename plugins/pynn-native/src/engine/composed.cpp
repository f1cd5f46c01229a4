#include "composed.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bits.hpp"
#include "membranes.hpp"
#include "propagators.hpp"
#include "runge_kutta.hpp"

namespace pynn_native {

namespace {

Port::Kind kind_of(const std::string& name) {
    if (name == "CurrExp") return Port::Kind::current;
    if (name == "CondExp") return Port::Kind::exponential;
    if (name == "CondAlpha" || name == "CondBeta") return Port::Kind::fed;
    if (name == "Delta") return Port::Kind::delta;
    throw std::invalid_argument("no receptor of kind " + name);
}

// What s must be, per weight, for g to peak at the weight: with r = 1 / rise and d = 1 / decay the peak lies at
// t = ln(r / d) / (r - d), where g = e^(-r t) / d; for r = d it is the limit e / tau.
double peak_factor(double rise, double decay) {
    const double r = 1 / rise, d = 1 / decay;
    const bool near = std::abs(r - d) < 1e-7 * d;
    const double peak = near ? 1 / d : std::log(r / d) / (r - d);
    return d * std::exp(r * peak);
}

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == by) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

// The leaky membrane.
template <class W>
struct Leaky {
    using T = Tile<W>;
    using Pack = typename W::Pack;
    static constexpr std::size_t kOrder = 1;
    Pack v_rest, leak, per_cm;
    PYNN_NATIVE_INLINE Leaky(const ComposedWork<typename W::Number>& work, std::size_t t, std::size_t k)
        : v_rest(T::at(work.v_rest.tile(t) + k)), leak(1 / T::at(work.tau_m.tile(t) + k)),
          per_cm(1 / T::at(work.cm.tile(t) + k)) {}
    PYNN_NATIVE_INLINE Pack pull(const Pack& conductance) const { return leak + conductance * per_cm; }
    PYNN_NATIVE_INLINE Pack clamp(const Pack& v) const { return v; }
    PYNN_NATIVE_INLINE void slope(const Pack* y, const Pack& current, Pack* dy) const {
        dy[0] = (v_rest - y[0]) * leak + current * per_cm;
    }
};

template <class W>
PYNN_NATIVE_INLINE void step(const ComposedWork<typename W::Number>& work) {
    step_composed<W, Leaky>(work);
}

PYNN_NATIVE_KERNELS(step_leaky, step, ComposedWork)

}  // namespace

double feed_factor_of(double h, double rise, double decay) {
    return h * std::exp(-h / decay) * phi1(h * (1 / rise - 1 / decay));
}

Port::Port(std::size_t size, bool single)
    : kept(size, Column::Use::parameter, single), feed(size, Column::Use::parameter, single),
      fall(size, Column::Use::parameter, single), jump(size, Column::Use::parameter, single) {}

Composed::Composed(const Layout& layout, const std::vector<std::vector<std::string>>& ports)
    : Cells(layout, ports.size()), found_(parts()) {
    with_number(single_, [&](auto zero) { benches_.of<decltype(zero)>().resize(parts()); });
    for (const std::vector<std::string>& names : ports) {
        Port port(size(), single_);
        port.kind = kind_of(names.at(0));
        if (port.kind != Port::Kind::delta) {
            port.g = &add(names.at(1), state());
            if (!names.at(2).empty()) port.s = &add(names.at(2), state());
            if (!names.at(3).empty()) count_from_origin(*(port.reversal = &add(names.at(3), parameter())));
            if (!names.at(4).empty()) port.rise = &add(names.at(4), parameter(1.0));
            port.decay = &add(names.at(5), parameter(1.0));
        }
        ports_.push_back(std::move(port));
    }
    const auto plain = [](const Port& port) {
        return port.kind == Port::Kind::exponential || port.kind == Port::Kind::current;
    };
    if (ports_.size() == 2 && plain(ports_[0]) && plain(ports_[1])) take_at_once(*ports_[0].g, *ports_[1].g);
}

Column& Composed::add(const std::string& key, Column column) {
    const auto [where, fresh] = own_.emplace(key, std::move(column));
    if (fresh) name(key, where->second);
    return where->second;
}

void Composed::add_own(Port::Kind kind, double scale, Column& g, Column& decay, Column* reversal) {
    Port port(size(), single_);
    port.kind = kind;
    port.scale = scale;
    port.g = &g;
    port.decay = &decay;
    port.reversal = reversal;
    if (reversal) count_from_origin(*reversal);
    ports_.push_back(std::move(port));
}

double Composed::tau_syn(std::size_t receptor, std::size_t row) const {
    const Column* decay = ports_.at(receptor).decay;
    return decay ? (*decay)[row] : 0.0;
}

double Composed::usual() const { return std::max(1.0, std::ceil(h_ / longest() - 1e-9)); }

void Composed::derive() {
    const double half = 0.5 * (h_ / usual());
    for (Port& port : ports_) {
        if (port.kind == Port::Kind::delta) continue;
        const Column &decay = *port.decay, &rise = port.rise ? *port.rise : decay;
        const bool shared = decay.shared() && rise.shared();
        port.kept.derive(decay.shared(), [&](std::size_t k) { return std::exp(-half / decay[k]); });
        if (port.kind != Port::Kind::fed) continue;
        port.feed.derive(shared, [&](std::size_t k) { return feed_factor_of(half, rise[k], decay[k]); });
        port.fall.derive(rise.shared(), [&](std::size_t k) { return std::exp(-half / rise[k]); });
        port.jump.derive(shared, [&](std::size_t k) { return peak_factor(rise[k], decay[k]); });
    }
}

void Composed::run(const ComposedWork<double>& work) const { step_leaky(work); }

void Composed::run(const ComposedWork<float>& work) const { step_leaky(work); }

void Composed::receive(std::size_t receptor, std::size_t k, double weight, bool free) {
    Port& port = ports_[receptor];
    if (port.kind == Port::Kind::delta) {
        if (free) v_.put(k, v_[k] + weight);
    } else if (port.kind == Port::Kind::fed) {
        port.s->put(k, (*port.s)[k] + weight * port.jump[k]);
    } else {
        port.g->put(k, (*port.g)[k] + weight);
    }
}

void Composed::advance(const Strip& whole, Step step, Fired& fired) {
    const std::size_t part_number = whole.part;
    const Range& range = part(part_number);
    release(whole, step);
    remember(range);
    with_number(single_, [&](auto zero) {
        run_part<decltype(zero)>(part_number);
        receive_all<decltype(zero)>(part_number, step);
    });
    settle(range);
    std::vector<Cell>& found = found_[part_number];
    found.clear();
    find(range, step, found);
    for (const Cell k : found) {
        if (!free_[k]) continue;
        fired.push_back(k);
        reset(k);
        hold(part_number, k, step);
    }
}

template <class Number>
void Composed::run_part(std::size_t part_number) {
    const Range& range = part(part_number);
    Bench<Number>& room = benches_.of<Number>()[part_number];
    const auto lane = [](const Column& column) { return column.lane<Number>(); };
    const auto numbers = [](Column* column) { return column ? column->data<Number>() : nullptr; };
    room.lanes.clear();
    for (Port& port : ports_) {
        const Column& decay = port.decay ? *port.decay : v_rest_;
        const Column& rise = port.rise ? *port.rise : decay;
        const Column& reversal = port.reversal ? *port.reversal : v_rest_;
        room.lanes.push_back({port.kind, static_cast<Number>(port.scale), numbers(port.g), numbers(port.s),
                              lane(reversal), lane(rise), lane(decay), lane(port.kept), lane(port.feed),
                              lane(port.fall)});
    }
    // The lanes of two vectors of 64 bytes.
    room.scratch.resize(128 / sizeof(Number) * (4 + 2 * room.lanes.size()));
    std::array<LaneOf<Number>, 8> mine{};
    const std::array<const Column*, 8> columns = own();
    for (std::size_t i = 0; i < columns.size(); ++i) mine[i] = columns[i] ? lane(*columns[i]) : LaneOf<Number>{};
    const ComposedWork<Number> work{
        range.first / kTile, padded(range.last) / kTile, room.lanes.data(), room.lanes.size(), v_.data<Number>(),
        {numbers(more_[0]), numbers(more_[1]), numbers(more_[2])}, mine, lane(drive_), lane(v_rest_), lane(tau_m_),
        lane(cm_), free_.data<Number>(), static_cast<Number>(h_), static_cast<Number>(usual()), room.scratch.data()};
    run(work);
}

template <class Number>
void Composed::receive_all(std::size_t part_number, Step step) {
    const Range& range = part(part_number);
    Inbox& box = inbox(part_number);
    if (takes_at_once() && !box.reserved()) return;
    for (std::size_t receptor = 0; receptor < receptors(); ++receptor) {
        Number* const arrived = box.at<Number>(step, receptor);
        const auto anything = [=](std::size_t k) { return arrived[k] == 0 ? Whole<Number>{0} : Whole<Number>{-1}; };
        each_negative({0, range.size()}, anything, [&](std::size_t k) {
            receive(receptor, range.first + k, static_cast<double>(arrived[k]), free_[range.first + k]);
            arrived[k] = 0;
        });
    }
}

void Composed::find(const Range& range, Step, std::vector<Cell>& found) {
    with_number(single_, [&](auto zero) { find_above<decltype(zero)>(range, found); });
}

template <class Number>
void Composed::find_above(const Range& range, std::vector<Cell>& found) {
    const LaneOf<Number> lane = level().lane<Number>();
    for (std::size_t first = range.first; first < range.last; first += kTile) {
        const Number *v = v_.data<Number>() + first, *enough = lane.tile(first / kTile);
        const auto reached = [=](std::size_t k) { return ~bits_of(v[k] - enough[k]); };
        each_negative({0, std::min(kTile, range.last - first)}, reached, [&](std::size_t k) {
            if (v[k] >= enough[k]) found.push_back(static_cast<Cell>(first + k));  // else no number
        });
    }
}

std::unique_ptr<Cells> make_composed(const std::string& kind, const Layout& layout) {
    const std::vector<std::string> lines = split(kind, '\n');
    std::vector<std::vector<std::string>> ports;
    for (std::size_t n = 2; n < lines.size(); ++n) ports.push_back(split(lines[n], '\t'));
    return make_membrane(lines.at(1), layout, ports);
}

}  // namespace pynn_native
