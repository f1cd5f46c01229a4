#include "composed.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "membranes.hpp"
#include "propagators.hpp"

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

double feed_factor(double h, double rise, double decay) {
    return h * std::exp(-h / decay) * phi1(h * (1 / rise - 1 / decay));
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

}  // namespace

Port::Port(std::size_t size)
    : kept(size, Column::Use::parameter), feed(size, Column::Use::parameter), fall(size, Column::Use::parameter),
      jump(size, Column::Use::parameter) {}

Composed::Composed(std::size_t size, double timestep, std::size_t threads,
                   const std::vector<std::vector<std::string>>& ports)
    : Cells(size, timestep, threads, ports.size()) {
    for (const std::vector<std::string>& names : ports) {
        Port port(size);
        port.kind = kind_of(names.at(0));
        if (port.kind != Port::Kind::delta) {
            port.g = &add(names.at(1), state());
            if (!names.at(2).empty()) port.s = &add(names.at(2), state());
            if (!names.at(3).empty()) port.reversal = &add(names.at(3), parameter());
            if (!names.at(4).empty()) port.rise = &add(names.at(4), parameter(1.0));
            port.decay = &add(names.at(5), parameter(1.0));
        }
        ports_.push_back(std::move(port));
    }
}

Column& Composed::add(const std::string& key, Column column) {
    const auto [where, fresh] = own_.emplace(key, std::move(column));
    if (fresh) name(key, where->second);
    return where->second;
}

Column& Composed::column(const std::string& key) { return Cells::column(key); }

double Composed::tau_syn(std::size_t receptor, std::size_t row) const {
    const Column* decay = ports_.at(receptor).decay;
    return decay ? (*decay)[row] : 0.0;
}

void Composed::derive() {
    const double count = std::max(1.0, std::ceil(h_ / longest() - 1e-9));
    const double half = 0.5 * (h_ / count);
    for (Port& port : ports_) {
        if (port.kind == Port::Kind::delta) continue;
        const Column &decay = *port.decay, &rise = port.rise ? *port.rise : decay;
        const bool shared = decay.shared() && rise.shared();
        port.kept.derive(decay.shared(), [&](std::size_t k) { return std::exp(-half / decay[k]); });
        if (port.kind != Port::Kind::fed) continue;
        port.feed.derive(shared, [&](std::size_t k) { return feed_factor(half, rise[k], decay[k]); });
        port.fall.derive(rise.shared(), [&](std::size_t k) { return std::exp(-half / rise[k]); });
        port.jump.derive(shared, [&](std::size_t k) { return peak_factor(rise[k], decay[k]); });
    }
}

void Composed::slope(std::size_t k, const double* y, double current, double* dy) const {
    dy[0] = (v_rest_[k] - y[0]) / tau_m_[k] + current / cm_[k];
}

Flow Composed::flow(std::size_t k) const {
    Flow total{0.0, 0.0};
    for (const Port& port : ports_) {
        if (port.kind == Port::Kind::delta) continue;
        const double g = (*port.g)[k];
        if (port.kind == Port::Kind::current) {
            total.current += g;
        } else {
            total.conductance += g;
            total.current += g * (*port.reversal)[k];
        }
    }
    act(k, total);
    return total;
}

void Composed::half(std::size_t k, double h, bool usual) {
    for (Port& port : ports_) {
        if (port.kind == Port::Kind::delta) continue;
        double& g = port.g->data()[k];
        const double tau = (*port.decay)[k];
        if (port.kind == Port::Kind::fed) {
            const double rise = port.rise ? (*port.rise)[k] : tau;
            double& s = port.s->data()[k];
            g = g * (usual ? port.kept[k] : std::exp(-h / tau)) + s * (usual ? port.feed[k] : feed_factor(h, rise, tau));
            s *= usual ? port.fall[k] : std::exp(-h / rise);
        } else {
            g *= usual ? port.kept[k] : std::exp(-h / tau);
        }
    }
    decay(k, h);
}

void Composed::substep(std::size_t k, double h, bool free, bool usual) {
    const std::size_t n = order();
    double y[kMost], moved[kMost], k1[kMost], k2[kMost], k3[kMost], k4[kMost];
    y[0] = v_[k];
    for (std::size_t i = 1; i < n; ++i) y[i] = (*more_[i - 1])[k];
    const Flow begin = flow(k);
    half(k, 0.5 * h, usual);
    const Flow middle = flow(k);
    half(k, 0.5 * h, usual);
    const Flow end = flow(k);
    const auto at = [&](double* state, const Flow& now, double* dy) {
        state[0] = free ? clamp(k, state[0]) : state[0];
        slope(k, state, now.current - now.conductance * state[0] + drive_[k], dy);
        if (!free) dy[0] = 0.0;
    };
    const auto move = [&](const double* by, double factor) {
        for (std::size_t i = 0; i < n; ++i) moved[i] = y[i] + factor * by[i];
    };
    move(y, 0.0);
    at(moved, begin, k1);
    move(k1, 0.5 * h);
    at(moved, middle, k2);
    move(k2, 0.5 * h);
    at(moved, middle, k3);
    move(k3, h);
    at(moved, end, k4);
    for (std::size_t i = 0; i < n; ++i) y[i] = y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    v_.data()[k] = y[0];
    for (std::size_t i = 1; i < n; ++i) more_[i - 1]->data()[k] = y[i];
}

void Composed::integrate_cell(std::size_t k, bool free) {
    const double usual = std::max(1.0, std::ceil(h_ / longest() - 1e-9));
    const double count = std::max(usual, std::ceil(pull(k, flow(k).conductance) * h_));
    const double h = h_ / count;
    for (double n = 0.0; n < count; ++n) substep(k, h, free, count == usual);
}

void Composed::receive(std::size_t receptor, std::size_t k, double weight, bool free) {
    Port& port = ports_[receptor];
    switch (port.kind) {
        case Port::Kind::delta:
            if (free) v_.data()[k] += weight;
            break;
        case Port::Kind::fed:
            port.s->data()[k] += weight * port.jump[k];
            break;
        default:
            port.g->data()[k] += weight;
    }
}

void Composed::advance(std::size_t part_number, Step step, std::vector<Cell>& fired) {
    fired.clear();
    const Range& range = part(part_number);
    if (range.size() == 0) return;
    release(part_number, step);
    Inbox& box = inbox(part_number);
    for (std::size_t k = range.first; k < range.last; ++k) {
        const bool free = free_[k] != 0;
        const double before = v_[k];
        integrate_cell(k, free);
        for (std::size_t receptor = 0; receptor < receptors(); ++receptor) {
            double& arrived = box.at(step, receptor)[k - range.first];
            if (arrived != 0.0) receive(receptor, k, arrived, free);
            arrived = 0.0;
        }
        settle(k);
        if (!free || !fires(k, before, step)) continue;
        fired.push_back(static_cast<Cell>(k));
        reset(k);
        hold(part_number, static_cast<Cell>(k), step);
    }
}

std::unique_ptr<Cells> make_composed(const std::string& kind, std::size_t size, double timestep, std::size_t threads) {
    const std::vector<std::string> lines = split(kind, '\n');
    std::vector<std::vector<std::string>> ports;
    for (std::size_t n = 2; n < lines.size(); ++n) ports.push_back(split(lines[n], '\t'));
    return make_membrane(lines.at(1), size, timestep, threads, ports);
}

}  // namespace pynn_native
