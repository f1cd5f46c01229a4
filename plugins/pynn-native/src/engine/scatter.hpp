// Synapses made target by target, on their way into rows that are kept source by source.
#pragma once

#include <memory>

#include "connectivity.hpp"

namespace pynn_native {

// Where the values of rows go: into eight bytes each, or four.
struct Destination {
    double* wide;
    float* narrow;  // null: wide

    void put(std::size_t row, double value) const {
        if (narrow) {
            narrow[row] = static_cast<float>(value);
        } else {
            wide[row] = value;
        }
    }
};

// Each synapse of a target belongs to another row, and each row lies in another page and line of memory. So synapses
// wait in batches of neighbouring sources: when one is full, several go into each row at once, and all rows that are
// written at a time fit the nearest cache. Synapses of one row stay in order.
class Scatter {
public:
    // Into the rows of one part; a column for each value that differs from row to row.
    Scatter(Connectivity& wires, std::size_t part, std::size_t sources, std::vector<Destination> columns)
        : wires_(wires), part_(part), columns_(std::move(columns)), counts_(sources / kSources + 1),
          length_(std::max<std::size_t>(kShortest, std::min(kLongest, kAll / counts_.size()))),
          waiting_(new std::uint32_t[counts_.size() * length_]),
          values_(new double[counts_.size() * length_ * columns_.size()]) {}
    ~Scatter() {
        for (std::size_t batch = 0; batch < counts_.size(); ++batch) write(batch);
    }
    Scatter(const Scatter&) = delete;
    Scatter& operator=(const Scatter&) = delete;

    // value(c) is that of column c.
    template <class Value>
    void add(std::size_t source, std::uint16_t target, Value value) {
        const std::size_t batch = source / kSources, place = batch * length_ + counts_[batch];
        waiting_[place] = static_cast<std::uint32_t>(source % kSources << 16 | target);
        for (std::size_t c = 0; c < columns_.size(); ++c) values_[place * columns_.size() + c] = value(c);
        if (++counts_[batch] == length_) write(batch);
    }

private:
    static constexpr std::size_t kSources = 256;  // lines of 64 bytes: half of a cache of 32 KiB
    static constexpr std::size_t kLongest = 4096, kShortest = 64;
    static constexpr std::size_t kAll = std::size_t{1} << 20;  // 4 MiB in all

    void write(std::size_t batch) {
        const std::size_t first = batch * length_;
        for (std::size_t k = first; k < first + counts_[batch]; ++k) {
            const std::size_t source = batch * kSources + (waiting_[k] >> 16);
            const std::size_t row = wires_.place(part_, source, static_cast<std::uint16_t>(waiting_[k]));
            for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c].put(row, values_[k * columns_.size() + c]);
        }
        counts_[batch] = 0;
    }

    Connectivity& wires_;
    std::size_t part_;
    std::vector<Destination> columns_;
    std::vector<std::size_t> counts_;
    std::size_t length_;
    std::unique_ptr<std::uint32_t[]> waiting_;
    std::unique_ptr<double[]> values_;
};

}  // namespace pynn_native
