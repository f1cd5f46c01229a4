#include "recording.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace pynn_native {

SpikeTap::SpikeTap(const Emitter& block, Rows rows) : block_(block), chosen_(block.size()) {
    check({nullptr, 1}, rows, block.size());
    std::size_t count = 0;
    for (std::size_t k = 0; k < rows.size; ++k) {
        count += !chosen_[static_cast<std::size_t>(rows[k])];
        chosen_[static_cast<std::size_t>(rows[k])] = true;
    }
    whole_ = count == block.size();
}

void SpikeTap::gather(Step first, Step last) {
    for (Step step = first; step <= last; ++step) {
        const std::size_t before = rows_.size();
        for (const History& history : block_.histories) {
            const Fired& fired = history.at(step);
            const auto chosen = [&](Cell row) { return chosen_[row]; };
            if (whole_) {
                rows_.insert(rows_.end(), fired.begin(), fired.end());
            } else {
                std::copy_if(fired.begin(), fired.end(), std::back_inserter(rows_), chosen);
            }
        }
        if (rows_.size() > before) steps_.push_back({step, rows_.size()});
    }
}

void SpikeTap::take(std::vector<std::int64_t>& rows, std::vector<double>& times, double timestep) {
    rows.assign(rows_.begin(), rows_.end());
    times.clear();
    times.reserve(rows_.size());
    for (const Gathered& some : steps_) times.resize(some.end, static_cast<double>(some.step) * timestep);
    std::vector<Cell>().swap(rows_);
    std::vector<Gathered>().swap(steps_);
}

SampleTap::SampleTap(Cells& cells, const std::string& variable, Rows rows, Step every, Step now)
    : cells_(cells), column_(cells.column(variable)), channels_(rows.size), every_(every), first_(now),
      parts_(cells.parts()) {
    check({nullptr, 1}, rows, cells.size());
    if (every < 1) throw std::invalid_argument("an interval of less than one step");
    for (std::size_t k = 0; k < rows.size; ++k) {
        const Cell row = static_cast<Cell>(rows[k]);
        parts_[cells.part_of(row)].push_back({k, row});
    }
}

void SampleTap::reserve(Step until) {
    if (until <= first_) return;
    count_ = (until - 1 - first_) / every_ + 1;
    values_.resize(static_cast<std::size_t>(count_) * channels_);
}

void SampleTap::sample(std::size_t part, Step step) {
    if (step < first_ || (step - first_) % every_ != 0) return;
    double* row = values_.data() + static_cast<std::size_t>((step - first_) / every_) * channels_;
    for (const Channel& channel : parts_[part]) row[channel.place] = column_[channel.row];
}

void SampleTap::sample_all(Step step) {
    const Step due = first_ + count_ * every_;
    if (step != due) return;  // it is not due, or was taken already
    reserve(step + 1);
    for (std::size_t part = 0; part < parts_.size(); ++part) sample(part, step);
}

Step SampleTap::take(Doubles& values) {
    const Step first = first_;
    first_ += count_ * every_;
    count_ = 0;
    values = std::exchange(values_, Doubles());
    return first;
}

}  // namespace pynn_native
