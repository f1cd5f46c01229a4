#include "stochastic.hpp"

#include <algorithm>
#include <cmath>

namespace pynn_native {

Stochastic::Draws::Draws(const Stochastic& synapses, Cell source, std::size_t target, std::size_t row)
    : key_(synapses.key_), counter_{synapses.spikes_[row], source, target, synapses.nth_[row]} {}

double Stochastic::Draws::operator()(std::size_t word) {
    const std::size_t block = word / 4;
    if (block != block_) {
        block_ = block;
        words_ = philox(key_, {counter_[0], counter_[1], counter_[2], counter_[3] + (std::uint64_t{block} << 32)});
    }
    return uniform(words_[word % 4]);
}

Stochastic::Stochastic(bool quantal, Wired& wired, Emitter& pre, Cells& post, std::size_t receptor,
                       double timestep, Step now, Key key)
    : Synapses(wired, pre, post, receptor, timestep, now), quantal_(quantal), key_(key), p_(size()), U_(size()),
      sites_(size(), 1.0), tau_rec_(size()), tau_facil_(size()), u_(size(), 0.0), nth_(size(), 0), spikes_(size(), 0),
      last_(size(), 0) {
    if (quantal_) {
        if (wired.values.count("n")) fill("n", sites_, wired);
        fill("U", U_, wired);
        fill("tau_rec", tau_rec_, wired);
        fill("tau_facil", tau_facil_, wired);
        widen();
        u_.spread();
    } else {
        fill("p", p_, wired);
    }
    for (std::size_t part = 0; part < post.parts(); ++part) {
        for (std::size_t i = 0; i < pre.size(); ++i) {
            const Range row = wires_.row(part, i);
            for (std::size_t k = row.first + 1; k < row.last; ++k) {
                if (wires_.targets()[k] == wires_.targets()[k - 1]) nth_[k] = nth_[k - 1] + 1;
            }
        }
    }
}

void Stochastic::widen() {
    std::size_t width = width_;
    for (std::size_t k = 0; k < size(); ++k) width = std::max(width, static_cast<std::size_t>(std::lround(sites_[k])));
    if (width == width_) return;
    std::vector<std::uint8_t> full(width * size(), 1);
    for (std::size_t k = 0; k < size(); ++k) std::copy_n(full_.data() + k * width_, width_, full.data() + k * width);
    full_ = std::move(full);
    width_ = width;
}

double Stochastic::released(std::size_t row, double interval, Draws& draws) {
    if (!quantal_) return draws(0) < p_[row] ? weight_[row] : 0.0;
    const double tau = tau_facil_[row];
    const double kept = tau > 0.0 ? std::exp(-interval / tau) : 0.0;
    double& u = u_.spread()[row];
    u = U_[row] + u * (1.0 - U_[row]) * kept;
    const double recovers = -std::expm1(-interval / tau_rec_[row]);
    const auto sites = static_cast<std::size_t>(std::lround(sites_[row]));
    std::uint8_t* full = full_.data() + row * width_;
    double count = 0.0;
    for (std::size_t site = 0; site < sites; ++site) {
        if (!full[site]) full[site] = draws(site) < recovers;
    }
    for (std::size_t site = 0; site < sites; ++site) {
        if (!full[site] || !(draws(sites + site) < u)) continue;
        full[site] = 0;
        count += 1.0;
    }
    return count * weight_[row];
}

void Stochastic::push(std::size_t part, Step step) {
    Inbox& inbox = post_.inbox(part);
    const std::uint16_t* target = wires_.targets();
    const std::size_t first = post_.part(part).first;
    for (const History& history : pre_.histories) {
        for (const Cell source : history.at(step)) {
            const Range row = wires_.row(part, source);
            for (std::size_t k = row.first; k < row.last; ++k) {
                Draws draws(*this, source, first + target[k], k);
                const double weight = released(k, static_cast<double>(step - last_[k]) * timestep_, draws);
                last_[k] = step;
                ++spikes_[k];
                if (weight != 0.0) inbox.add(step, step + delay_[k], receptor_, target[k], weight);
            }
        }
    }
}

RowValues* Stochastic::named(const std::string& name) {
    if (name == "p") return &p_;
    if (name == "n" && quantal_) return &sites_;
    if (name == "U") return &U_;
    if (name == "tau_rec") return &tau_rec_;
    if (name == "tau_facil") return &tau_facil_;
    if (name == "u") return &u_;
    return nullptr;
}

std::vector<double> Stochastic::get(const std::string& name, Rows rows) const {
    const RowValues* column = named(name);
    if (!column) return Synapses::get(name, rows);
    std::vector<double> all(size());
    for (std::size_t k = 0; k < size(); ++k) all[k] = (*column)[k];
    return select(size(), rows, all);
}

void Stochastic::set(const std::string& name, Values values, Rows rows, Step now) {
    if (RowValues* column = named(name)) {
        column->assign(values, rows);
        if (quantal_) u_.spread();  // done here and not at the first spike, where several threads meet
        if (column == &sites_) widen();
    } else {
        Synapses::set(name, values, rows, now);
    }
}

}  // namespace pynn_native
