#include "rule.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace pynn_native {

namespace {

// A set of pairs of cells: a table that is never more than half full, searched from the place of a pair's hash on.
class Pairs {
public:
    explicit Pairs(std::size_t most) {
        std::size_t length = 16;
        while (length < 2 * most) length *= 2;
        table_.assign(length, kNone);
    }
    // Whether it was not there yet.
    bool add(std::uint64_t pair) {
        std::size_t place = static_cast<std::size_t>(pair * 0x9E3779B97F4A7C15ull >> 20);
        for (;; ++place) {
            std::uint64_t& found = table_[place & (table_.size() - 1)];
            if (found == pair) return false;
            if (found != kNone) continue;
            found = pair;
            return true;
        }
    }

private:
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};
    std::vector<std::uint64_t> table_;
};

void check_rows(Rows rows, std::size_t size) {
    for (std::size_t k = 0; k < rows.size; ++k) {
        if (rows[k] < -1 || rows[k] >= static_cast<std::int64_t>(size)) throw std::out_of_range("a synapse ends at no cell");
    }
}

}  // namespace

Rule::Kind rule_kind(const std::string& name) {
    if (name == "all_to_all") return Rule::Kind::all_to_all;
    if (name == "one_to_one") return Rule::Kind::one_to_one;
    if (name == "fixed_probability") return Rule::Kind::fixed_probability;
    if (name == "fixed_number_pre") return Rule::Kind::fixed_number_pre;
    if (name == "fixed_number_post") return Rule::Kind::fixed_number_post;
    if (name == "fixed_total_number") return Rule::Kind::fixed_total_number;
    throw std::invalid_argument("no rule " + name);
}

void check(const Rule& rule, std::size_t sources, std::size_t targets) {
    check_rows(rule.pre, sources);
    check_rows(rule.post, targets);
    if (rule.twins.data) {
        if (rule.twins.size != rule.post.size) throw std::invalid_argument("one twin, or none, for each target");
        check_rows(rule.twins, rule.pre.size);
    }
    const bool counted = rule.kind == Rule::Kind::fixed_number_pre || rule.by_source();
    const bool total = rule.kind == Rule::Kind::fixed_total_number;
    if ((counted || total) && rule.number.size != 1 && (total || rule.number.size != rule.groups())) {
        throw std::invalid_argument("one number of synapses, or one for each cell");
    }
    const auto pairs = static_cast<double>(rule.pre.size) * static_cast<double>(rule.post.size);
    if (total && rule.number[0] > (rule.with_replacement ? 4e9 * (pairs > 0.0) : pairs)) {
        throw std::invalid_argument("more synapses than pairs of cells");
    }
    for (std::size_t k = 0; k < rule.number.size; ++k) {
        if (!(rule.number[k] >= 0.0 && rule.number[k] < 4e9)) throw std::invalid_argument("a number of synapses, 0 or more");
    }
    if (!(rule.probability >= 0.0 && rule.probability <= 1.0)) throw std::invalid_argument("a probability, 0 to 1");
}

// -- what is shared ---------------------------------------------------------------------------------------------------

RuleTables::RuleTables(const Rule& rule, Interruption& interruption) {
    if (rule.twins.data) {
        if (rule.by_source()) {
            twins_.assign(rule.pre.size, -1);
            for (std::size_t j = 0; j < rule.twins.size; ++j) {
                if (rule.twins[j] >= 0) twins_[static_cast<std::size_t>(rule.twins[j])] = static_cast<std::int64_t>(j);
            }
        } else {
            twins_.assign(rule.twins.data, rule.twins.data + rule.twins.size);
        }
    }
    if (rule.kind == Rule::Kind::fixed_total_number) choose_pairs(rule, interruption);
}

void RuleTables::choose_pairs(const Rule& rule, Interruption& interruption) {
    constexpr std::size_t kBetweenChecks = 1 << 16;
    const std::size_t wanted = rule.number_of(0);
    std::vector<std::uint64_t> pairs;  // target in the upper half, source in the lower
    pairs.reserve(wanted);
    Pairs taken(rule.with_replacement ? 0 : wanted);
    Stream stream(rule.key, 0);
    for (std::size_t looked = 0; pairs.size() < wanted; ++looked) {
        if (looked % kBetweenChecks == 0) interruption.check();
        const Cell i = bounded(stream.next(), rule.pre.size), j = bounded(stream.next(), rule.post.size);
        if (twin(j) == static_cast<std::int64_t>(i)) continue;
        const std::uint64_t pair = std::uint64_t{j} << 32 | i;
        if (rule.with_replacement || taken.add(pair)) pairs.push_back(pair);
    }
    first_.assign(rule.post.size + 1, 0);
    const auto each_pair = [&](const auto& act) {
        for (std::size_t k = 0; k < wanted; ++k) {
            if (k % kBetweenChecks == 0) interruption.check();
            act(pairs[k]);
        }
    };
    each_pair([&](std::uint64_t pair) { ++first_[(pair >> 32) + 1]; });
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    std::vector<std::uint64_t> next(first_.begin(), first_.end() - 1);
    sources_.resize(wanted);
    each_pair([&](std::uint64_t pair) { sources_[next[pair >> 32]++] = static_cast<Cell>(pair); });
    for (std::size_t j = 0; j < rule.post.size; ++j) {
        interruption.check();
        const auto place = [&](std::size_t k) { return sources_.begin() + static_cast<std::ptrdiff_t>(first_[k]); };
        std::sort(place(j), place(j + 1));
    }
}

}  // namespace pynn_native
