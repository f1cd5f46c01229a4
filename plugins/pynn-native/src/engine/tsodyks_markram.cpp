#include "tsodyks_markram.hpp"

#include <algorithm>
#include <cmath>

namespace pynn_native {

TsodyksMarkram::TsodyksMarkram(Wired& wired, Emitter& pre, Cells& post, std::size_t receptor, double timestep,
                               Step now)
    : Synapses(wired, pre, post, receptor, timestep, now), U_(size()), tau_rec_(size()), tau_facil_(size()),
      u_(size(), 0.0), x_(size(), 1.0), y_(size(), 0.0), last_(size(), 0.0) {
    fill("U", U_, wired);
    fill("tau_rec", tau_rec_, wired);
    fill("tau_facil", tau_facil_, wired);
    spread_state();
}

void TsodyksMarkram::spread_state() {
    // Done here and not at the first spike, where several threads meet.
    for (RowValues* column : {&u_, &x_, &y_}) column->spread();
}

void TsodyksMarkram::Passage::update(double new_interval, double new_rec, double new_facil, double new_syn) {
    if (new_interval == interval && new_rec == tau_rec && new_facil == tau_facil && new_syn == tau_syn) return;
    interval = new_interval, tau_rec = new_rec, tau_facil = new_facil, tau_syn = new_syn;
    decay_facil = tau_facil > 0.0 ? std::exp(-interval / tau_facil) : 0.0;
    decay_syn = std::exp(-interval / tau_syn);
    decay_rec = std::exp(-interval / tau_rec);
    // From y by way of z: ∫ e^(-s/tau_syn) e^(-(t-s)/tau_rec) ds / tau_syn; equal time constants are its limit.
    const double rate = 1.0 / tau_syn - 1.0 / tau_rec;
    const bool near = std::abs(rate * interval) < 1e-9;
    passed = (near ? interval * decay_rec : (decay_rec - decay_syn) / rate) / tau_syn;
}

double TsodyksMarkram::release(std::size_t row, double interval, double tau_syn, Passage& passage) {
    passage.update(interval, tau_rec_[row], tau_facil_[row], tau_syn);
    double *u = u_.spread(), *x = x_.spread(), *y = y_.spread();
    const double z = (1.0 - x[row] - y[row]) * passage.decay_rec + y[row] * passage.passed;
    const double active = y[row] * passage.decay_syn;
    const double decayed = u[row] * passage.decay_facil;
    const double recovered = 1.0 - active - z;
    u[row] = decayed + U_[row] * (1.0 - decayed);
    const double moved = u[row] * recovered;
    x[row] = recovered - moved;
    y[row] = active + moved;
    return moved;
}

void TsodyksMarkram::push(std::size_t part, Step step) {
    Inbox& inbox = post_.inbox(part);
    const std::uint16_t* target = wires_.targets();
    const std::size_t first = post_.part(part).first;
    const double now = static_cast<double>(step) * timestep_;
    Passage passage;
    each_fired(part, step, [&](Range row) {
        for (std::size_t n = row.first; n < row.last; ++n) {
            // Where input acts at once, it is inactive at once: the limit of a short time constant.
            const double tau_syn = std::max(1e-9, post_.tau_syn(receptor_, first + target[n]));
            const double moved = release(n, now - last_[n], tau_syn, passage);
            last_[n] = now;
            inbox.add(step, step + delay_[n], receptor_, target[n], weight_[n] * moved);
        }
    });
}

RowValues* TsodyksMarkram::named(const std::string& name) {
    if (name == "U") return &U_;
    if (name == "tau_rec") return &tau_rec_;
    if (name == "tau_facil") return &tau_facil_;
    if (name == "u") return &u_;
    if (name == "x") return &x_;
    if (name == "y") return &y_;
    return nullptr;
}

std::vector<double> TsodyksMarkram::get(const std::string& name, Rows rows) const {
    const RowValues* column = named(name);
    if (!column) return Synapses::get(name, rows);
    std::vector<double> all(size());
    for (std::size_t k = 0; k < size(); ++k) all[k] = (*column)[k];
    return select(size(), rows, all);
}

void TsodyksMarkram::set(const std::string& name, Values values, Rows rows, Step now) {
    if (RowValues* column = named(name)) {
        column->assign(values, rows);
        spread_state();
    } else {
        Synapses::set(name, values, rows, now);
    }
}

}  // namespace pynn_native
