// Whom a rule connects, one cell after the other ("Random streams", section Rules).
#pragma once

#include "rule.hpp"

namespace pynn_native {

// Chooses the partners of one cell after the other; one for each thread.
class Chooser {
public:
    Chooser(const Rule& rule, const RuleTables& tables);

    // The sources of a target (targets of a source), the same one several times where the rule takes it several times;
    // in order: increasing.
    const std::vector<Cell>& choose(std::size_t group, bool in_order);
    // The same as bits, where nobody is chosen twice: bit k mod 64 of word k div 64.
    const std::vector<std::uint64_t>& choose_bits(std::size_t group);
    // Of fixed_probability: those that are chosen among `some`, for the price of these alone.
    const std::vector<std::uint64_t>& choose_among(std::size_t group, const std::vector<std::uint64_t>& some);

private:
    void everyone(std::size_t count);
    void trials(std::size_t group);
    bool decide_all(const Stream& stream, std::uint64_t digit, std::uint64_t one);
    bool decide_open(const Stream& stream, std::uint64_t digit, std::uint64_t one);
    void number(std::size_t group, bool in_order);
    // n different numbers, in the order in which they are chosen.
    void few(Stream stream, std::size_t size, std::size_t n);
    // n different numbers, or all others, increasing.
    void among_many(Stream stream, std::size_t size, std::size_t n, bool left_out);
    void mark(Stream stream, std::size_t size, std::size_t n);
    std::size_t pack_seen(std::size_t padded);
    void leave_out_twin(std::size_t group);
    void trials_as_bits(std::size_t group);
    void decide(std::size_t group, bool few);
    void collect_bits(const std::vector<std::uint64_t>& bits, std::size_t size, bool zeros);

    const Rule& rule_;
    const RuleTables& tables_;
    std::vector<Cell> chosen_;
    std::vector<std::uint64_t> open_, accepted_, words_, bits_;
    std::vector<std::uint8_t> seen_;  // 1 where a number was seen for the present cell
};

}  // namespace pynn_native
