#include "connectivity.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "bits.hpp"

namespace pynn_native {

namespace {

void append(std::vector<Cell>& to, Rows rows, std::size_t size) {
    const std::size_t before = to.size();
    to.resize(before + rows.size);
    for (std::size_t k = 0; k < rows.size; ++k) {
        if (rows[k] < 0 || static_cast<std::size_t>(rows[k]) >= size) {
            to.resize(before);
            throw std::out_of_range("a synapse ends at no cell");
        }
        to[before + k] = static_cast<Cell>(rows[k]);
    }
}

// Numbers of the arrivals, sorted by target where they did not come so; equal targets stay in their order.
std::vector<std::uint32_t> by_target(const std::vector<Cell>& post, std::size_t targets) {
    std::vector<std::uint32_t> order(post.size());
    if (std::is_sorted(post.begin(), post.end())) {
        std::iota(order.begin(), order.end(), 0u);
        return order;
    }
    std::vector<std::uint32_t> place(targets + 1);
    for (const Cell j : post) ++place[j + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (std::uint32_t k = 0; k < post.size(); ++k) order[place[post[k]]++] = k;
    return order;
}

}  // namespace

void Arrivals::add(Rows pre_rows, Rows post_rows, const std::map<std::string, Values>& chunk, std::size_t sources,
                   std::size_t targets) {
    if (pre_rows.size != post_rows.size) throw std::invalid_argument("as many sources as targets");
    if (pre.size() + pre_rows.size > std::numeric_limits<std::uint32_t>::max()) {
        throw std::length_error("more than 4e9 synapses in one block: make several projections");
    }
    for (const auto& [name, value] : chunk) {
        if (value.size != pre_rows.size) throw std::invalid_argument("as many values as synapses: " + name);
    }
    append(pre, pre_rows, sources);
    append(post, post_rows, targets);
    for (const auto& [name, value] : chunk) {
        values[name].insert(values[name].end(), value.data, value.data + value.size);
    }
}

Connectivity::Connectivity(std::size_t sources, const Cells& post)
    : sources_(sources), offset_(post.parts() * sources + 2) {
    for (std::size_t p = 0; p < post.parts(); ++p) parts_.push_back(post.part(p));
}

void Connectivity::lay_out(bool as_bits) {
    const std::uint64_t total = std::accumulate(offset_.begin(), offset_.end(), std::uint64_t{0});
    if (total > std::numeric_limits<std::uint32_t>::max()) {
        throw std::length_error("more than 4e9 synapses in one block: make several projections");
    }
    std::partial_sum(offset_.begin(), offset_.end(), offset_.begin());
    size_ = total;
    if (as_bits) {
        bits_ = Bitmap(sources_, parts_);
    } else {
        target_.resize(total);
    }
}

void Connectivity::place_several(std::size_t part, std::size_t source, const std::uint16_t* targets,
                                 std::uint64_t chosen) {
    std::uint32_t& next = offset_[group(part, source) + 1];
    if (bits_.empty()) {
        for (; chosen; chosen &= chosen - 1) target_[next++] = targets[lowest_bit(chosen)];
        return;
    }
    next += count_bits(chosen);
    for (; chosen; chosen &= chosen - 1) bits_.set(part, source, targets[lowest_bit(chosen)]);
}

void Connectivity::unpack() {
    if (bits_.empty()) return;
    target_.resize(size_);
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        for (std::size_t i = 0; i < sources_; ++i) {
            std::uint16_t* next = target_.data() + row(p, i).first;
            bits_.each_target(p, i, [&](std::size_t target) { *next++ = static_cast<std::uint16_t>(target); });
        }
    }
    bits_ = Bitmap();
}

Wired sorted(Arrivals& arrivals, std::size_t sources, const Cells& post) {
    Wired wired{Connectivity(sources, post), {}, false, {}};
    const std::vector<std::uint32_t> by_post = by_target(arrivals.post, post.size());
    for (const std::uint32_t k : by_post) wired.wires.count(post.part_of(arrivals.post[k]), arrivals.pre[k]);
    wired.wires.lay_out();
    std::vector<std::uint32_t> order(by_post.size());
    for (const std::uint32_t k : by_post) {
        const std::size_t part = post.part_of(arrivals.post[k]);
        const auto target = static_cast<std::uint16_t>(arrivals.post[k] - post.part(part).first);
        order[wired.wires.place(part, arrivals.pre[k], target)] = k;
    }
    std::vector<Cell>().swap(arrivals.pre);
    std::vector<Cell>().swap(arrivals.post);
    for (auto& [name, given] : arrivals.values) {
        if (given.size() != order.size()) throw std::invalid_argument("some chunks have no values: " + name);
        Table<double>& values = wired.values[name];
        values.resize(order.size());
        for (std::size_t row = 0; row < order.size(); ++row) values[row] = given[order[row]];
        std::vector<double>().swap(given);
    }
    return wired;
}

Range Connectivity::diagonal_sources(std::size_t part) const {
    const auto begin = offset_.begin() + static_cast<std::ptrdiff_t>(group(part, 0));
    const auto end = begin + static_cast<std::ptrdiff_t>(sources_) + 1;
    const auto first = std::upper_bound(begin, end, *begin), last = std::lower_bound(begin, end, *(end - 1));
    if (first == end) return {};
    return {static_cast<std::size_t>(first - begin) - 1, static_cast<std::size_t>(last - begin)};
}

bool Connectivity::diagonal() const {
    if (!bits_.empty() || size() > parts_.size() * sources_) return false;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const Range some = diagonal_sources(p);
        for (std::size_t i = some.first; i < some.last; ++i) {
            const Range one = row(p, i);
            if (one.size() != 1 || target_[one.first] != target_[row(p, some.first).first] + (i - some.first)) return false;
        }
    }
    return true;
}

std::vector<double> Connectivity::sources() const {
    std::vector<double> result(size());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        for (std::size_t i = 0; i < sources_; ++i) {
            const Range range = row(p, i);
            std::fill(result.begin() + static_cast<std::ptrdiff_t>(range.first),
                      result.begin() + static_cast<std::ptrdiff_t>(range.last), static_cast<double>(i));
        }
    }
    return result;
}

std::vector<double> Connectivity::targets_in_block() const {
    std::vector<double> result(size());
    if (!bits_.empty()) {
        Connectivity lists(*this);
        lists.unpack();
        return lists.targets_in_block();
    }
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        const std::size_t first = row(p, 0).first, last = row(p, sources_).first;
        for (std::size_t k = first; k < last; ++k) result[k] = static_cast<double>(parts_[p].first + target_[k]);
    }
    return result;
}

}  // namespace pynn_native
