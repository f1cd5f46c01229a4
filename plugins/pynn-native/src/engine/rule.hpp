// Connection rules as keyed data, and which cells they connect ("Random streams", section Rules).
#pragma once

#include <string>
#include <vector>

#include "interruption.hpp"
#include "stream.hpp"
#include "values.hpp"

namespace pynn_native {

// A rule between two groups of cells, each counted from 0 in its group. Arrays are Python's, and live as long.
struct Rule {
    enum class Kind { all_to_all, one_to_one, fixed_probability, fixed_number_pre, fixed_number_post, fixed_total_number };

    Kind kind;
    Rows pre, post;  // the row of each cell in its block; -1: of another block or process
    Rows twins;      // for each target its number among the sources, -1 for none; no data: twins are nothing special
    double probability = 0.0;
    Values number;   // one, or one for each target (source)
    bool with_replacement = false;
    bool mutual = true;  // false: of two cells that are in both groups, only the earlier receives from the later
    Key key;

    // Whether rows are made source by source, and not target by target.
    bool by_source() const { return kind == Kind::fixed_number_post; }
    std::size_t groups() const { return by_source() ? pre.size : post.size; }
    std::size_t partners() const { return by_source() ? post.size : pre.size; }
    std::size_t number_of(std::size_t group) const {
        return static_cast<std::size_t>(number[number.size == 1 ? 0 : group]);
    }
};

// By its name in the interface; throws std::invalid_argument for another.
Rule::Kind rule_kind(const std::string& name);
// Throws std::out_of_range or std::invalid_argument where the arrays of a rule do not fit each other or the blocks.
void check(const Rule& rule, std::size_t sources, std::size_t targets);

// What all threads that expand a rule share: computed once.
class RuleTables {
public:
    RuleTables(const Rule& rule, Interruption& interruption);

    // The number, among its partners, of the cell that is `group`; -1 for none.
    std::int64_t twin(std::size_t group) const { return twins_.empty() ? -1 : twins_[group]; }
    // All pairs of fixed_total_number, sorted: the sources of one target.
    Range sources_of(std::size_t target) const { return {first_[target], first_[target + 1]}; }
    const std::vector<Cell>& sources() const { return sources_; }

private:
    void choose_pairs(const Rule& rule, Interruption& interruption);

    std::vector<std::int64_t> twins_;
    std::vector<std::uint64_t> first_;
    std::vector<Cell> sources_;
};

}  // namespace pynn_native
