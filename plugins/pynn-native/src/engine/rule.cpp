#include "rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "bits.hpp"

namespace pynn_native {

namespace {

// After so many digits, most blocks of 64 trials have none that is still open (each digit decides half of the rest).
constexpr std::uint64_t kAllBlocks = 6;

// Where one in so many is chosen, looking through a set of bits is faster than looking at every number.
constexpr std::size_t kDense = 16;

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

RuleTables::RuleTables(const Rule& rule) {
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
    if (rule.kind == Rule::Kind::fixed_total_number) choose_pairs(rule);
}

void RuleTables::choose_pairs(const Rule& rule) {
    const std::size_t wanted = rule.number_of(0);
    std::vector<std::uint64_t> pairs;  // target in the upper half, source in the lower: sorted as rows are
    pairs.reserve(wanted);
    Pairs taken(rule.with_replacement ? 0 : wanted);
    Stream stream(rule.key, 0);
    while (pairs.size() < wanted) {
        const Cell i = bounded(stream.next(), rule.pre.size), j = bounded(stream.next(), rule.post.size);
        if (twin(j) == static_cast<std::int64_t>(i)) continue;
        const std::uint64_t pair = std::uint64_t{j} << 32 | i;
        if (rule.with_replacement || taken.add(pair)) pairs.push_back(pair);
    }
    std::sort(pairs.begin(), pairs.end());
    first_.assign(rule.post.size + 1, 0);
    sources_.reserve(wanted);
    for (const std::uint64_t pair : pairs) {
        ++first_[(pair >> 32) + 1];
        sources_.push_back(static_cast<Cell>(pair));
    }
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
}

// -- one cell after the other -----------------------------------------------------------------------------------------

Chooser::Chooser(const Rule& rule, const RuleTables& tables) : rule_(rule), tables_(tables) {}

const std::vector<Cell>& Chooser::choose(std::size_t group, bool in_order) {
    chosen_.clear();
    switch (rule_.kind) {
        case Rule::Kind::all_to_all:
            everyone(rule_.partners());
            leave_out_twin(group);
            break;
        case Rule::Kind::one_to_one:
            if (group < rule_.partners()) chosen_.push_back(static_cast<Cell>(group));
            break;
        case Rule::Kind::fixed_probability:
            trials(group);
            leave_out_twin(group);
            break;
        case Rule::Kind::fixed_number_pre:
        case Rule::Kind::fixed_number_post:
            number(group, in_order);
            break;
        case Rule::Kind::fixed_total_number: {
            const Range range = tables_.sources_of(group);
            const auto from = tables_.sources().begin();
            chosen_.assign(from + static_cast<std::ptrdiff_t>(range.first), from + static_cast<std::ptrdiff_t>(range.last));
            break;
        }
    }
    return chosen_;
}

void Chooser::everyone(std::size_t count) {
    chosen_.resize(count);
    std::iota(chosen_.begin(), chosen_.end(), Cell{0});
}

void Chooser::leave_out_twin(std::size_t group) {
    const std::int64_t twin = tables_.twin(group);
    if (twin < 0) return;
    const auto place = std::lower_bound(chosen_.begin(), chosen_.end(), static_cast<Cell>(twin));
    const bool there = place != chosen_.end() && *place == static_cast<Cell>(twin);
    if (!rule_.mutual) {
        chosen_.erase(chosen_.begin(), place + there);
    } else if (there) {
        chosen_.erase(place);
    }
}

const std::vector<std::uint64_t>& Chooser::choose_bits(std::size_t group) {
    const std::int64_t twin = tables_.twin(group);
    if (rule_.kind == Rule::Kind::fixed_probability && twin < 0 && rule_.probability < 1.0) {
        trials_as_bits(group);
        return accepted_;
    }
    const std::size_t size = rule_.partners(), n = rule_.kind == Rule::Kind::fixed_number_pre ? rule_.number_of(group) : 0;
    if (n && twin < 0 && !rule_.with_replacement && 2 * n <= size) {
        mark(Stream(rule_.key, group), size, n);
        return bits_;
    }
    choose(group, false);
    bits_.assign((size + 63) / 64, 0);
    for (const Cell k : chosen_) bits_[k / 64] |= std::uint64_t{1} << k % 64;
    return bits_;
}

void Chooser::trials(std::size_t group) {
    if (rule_.probability >= 1.0) return everyone(rule_.partners());
    trials_as_bits(group);
    collect_bits(accepted_, rule_.partners(), false);
}

void Chooser::trials_as_bits(std::size_t group) {
    const std::size_t size = rule_.partners(), blocks = (size + 63) / 64;
    accepted_.assign(blocks, 0);
    const auto threshold = static_cast<std::uint64_t>(std::ldexp(rule_.probability, 64));
    if (!threshold || !size) return;
    const Stream stream(rule_.key, group);
    open_.assign(blocks, ~std::uint64_t{0});  // trials whose digits so far are those of the threshold
    if (size % 64) open_.back() = (std::uint64_t{1} << size % 64) - 1;
    const unsigned digits = 64 - lowest_bit(threshold);  // those after the threshold's last 1 decide nothing
    bool undecided = true;
    for (std::uint64_t digit = 0; digit < digits && undecided; ++digit) {
        const std::uint64_t one = -(threshold >> (63 - digit) & 1);  // all bits of this digit of the threshold
        undecided = digit < kAllBlocks ? decide_all(stream, digit, one) : decide_open(stream, digit, one);
    }
}

bool Chooser::decide_all(const Stream& stream, std::uint64_t digit, std::uint64_t one) {
    const std::size_t blocks = open_.size();
    const std::uint64_t first = digit * blocks;
    words_.resize(blocks + 8);
    stream.blocks(first / 4, (first + blocks + 3) / 4, words_.data());
    const std::uint64_t* words = words_.data() + first % 4;
    for (std::size_t b = 0; b < blocks; ++b) {
        accepted_[b] |= open_[b] & ~words[b] & one;
        open_[b] &= words[b] ^ ~one;
    }
    return true;
}

bool Chooser::decide_open(const Stream& stream, std::uint64_t digit, std::uint64_t one) {
    const std::size_t blocks = open_.size();
    const std::uint64_t first = digit * blocks;
    std::uint64_t undecided = 0;
    for (std::size_t a = 0; a < blocks;) {
        const std::size_t lane = (first + a) % 4, last = std::min(blocks, a + 4 - lane);
        std::uint64_t waiting = 0;
        for (std::size_t b = a; b < last; ++b) waiting |= open_[b];
        if (waiting) {
            const auto words = stream.block((first + a) / 4);
            for (std::size_t b = a; b < last; ++b) {
                const std::uint64_t word = words[lane + b - a];
                accepted_[b] |= open_[b] & ~word & one;
                open_[b] &= word ^ ~one;
                undecided |= open_[b];
            }
        }
        a = last;
    }
    return undecided != 0;
}

void Chooser::number(std::size_t group, bool in_order) {
    const std::int64_t twin = tables_.twin(group);
    const std::size_t size = rule_.partners() - (twin >= 0), n = rule_.number_of(group);
    if (!n) return;
    if (!size) throw std::invalid_argument("synapses are asked for a cell that has nobody to connect to");
    Stream stream(rule_.key, group);
    const std::size_t sets = rule_.with_replacement || n <= size ? 0 : n / size, rest = n - sets * size;
    if (rule_.with_replacement) {
        chosen_.resize(n);
        for (Cell& k : chosen_) k = bounded(stream.next(), size);
    } else if (2 * rest > size) {
        among_many(stream, size, size - rest, true);
    } else if (size < kDense * rest) {
        among_many(stream, size, rest, false);
    } else {
        few(stream, size, rest);
        if (in_order) std::sort(chosen_.begin(), chosen_.end());
    }
    for (std::size_t set = 0; set < sets; ++set) {
        for (std::size_t k = 0; k < size; ++k) chosen_.push_back(static_cast<Cell>(k));
    }
    if (in_order && (rule_.with_replacement || sets)) std::sort(chosen_.begin(), chosen_.end());
    if (twin < 0) return;
    for (Cell& k : chosen_) k += k >= static_cast<Cell>(twin);
}

void Chooser::few(Stream stream, std::size_t size, std::size_t n) {
    // Words are made ahead: about as many as it takes, since some are numbers that were seen before.
    words_.resize((n + n / 8 + 8) / 4 * 4);
    stream.blocks(0, words_.size() / 4, words_.data());
    if (seen_.size() < size) seen_.assign(size, 0);
    chosen_.resize(n + 1);  // a number seen before is written too, and written over
    std::size_t count = 0;
    std::uint8_t* const seen = seen_.data();  // a byte might lie anywhere for a compiler, even in our members
    Cell* const chosen = chosen_.data();
    const auto take = [=](std::uint64_t word, std::size_t& count) {
        const Cell k = bounded(word, size);
        chosen[count] = k;
        count += !seen[k];
        seen[k] = 1;
    };
    const std::uint64_t *word = words_.data(), *const last = word + words_.size();
    for (; count < n && word < last; ++word) take(*word, count);
    for (std::uint64_t b = words_.size() / 4; count < n; ++b) {
        const auto four = stream.block(b);
        for (std::size_t w = 0; w < 4 && count < n; ++w) take(four[w], count);
    }
    chosen_.resize(n);
    for (const Cell k : chosen_) seen_[k] = 0;
}

void Chooser::among_many(Stream stream, std::size_t size, std::size_t n, bool left_out) {
    mark(stream, size, n);
    collect_bits(bits_, size, left_out);
}

void Chooser::mark(Stream stream, std::size_t size, std::size_t n) {
    // The first n words give n different numbers or fewer, whatever their order, so they are only marked; then words
    // are looked at one by one until there are n.
    words_.resize((n + 3) / 4 * 4);
    stream.blocks(0, words_.size() / 4, words_.data());
    const std::size_t padded = (size + 63) / 64 * 64;
    if (seen_.size() < padded) seen_.assign(padded, 0);
    std::uint8_t* const seen = seen_.data();  // a byte might lie anywhere for a compiler, even in our members
    const std::uint64_t* const words = words_.data();
    for (std::size_t w = 0; w < n; ++w) seen[bounded(words[w], size)] = 1;
    std::size_t count = pack_seen(padded);
    for (std::uint64_t w = n; count < n; ++w) {
        const Cell k = bounded(w < words_.size() ? words_[w] : stream.word(w), size);
        const std::uint64_t bit = std::uint64_t{1} << k % 64;
        count += !(bits_[k / 64] & bit);
        bits_[k / 64] |= bit;
    }
    std::fill(seen_.begin(), seen_.begin() + static_cast<std::ptrdiff_t>(padded), std::uint8_t{0});
}

std::size_t Chooser::pack_seen(std::size_t padded) {
    // Eight bytes of 0 or 1 times this number have their bits in the uppermost byte, the first in the lowest place.
    constexpr std::uint64_t kGather = 0x0102040810204080ull;
    bits_.resize(padded / 64);
    std::size_t count = 0;
    for (std::size_t a = 0; a < bits_.size(); ++a) {
        std::uint64_t word = 0;
        for (std::size_t b = 0; b < 8; ++b) {
            std::uint64_t eight;
            std::memcpy(&eight, seen_.data() + a * 64 + b * 8, 8);
            word |= eight * kGather >> 56 << b * 8;
        }
        bits_[a] = word;
        count += count_bits(word);
    }
    return count;
}

void Chooser::collect_bits(const std::vector<std::uint64_t>& bits, std::size_t size, bool zeros) {
    const std::size_t words = (size + 63) / 64;
    const auto word_at = [&](std::size_t a) {
        std::uint64_t word = zeros ? ~bits[a] : bits[a];
        if (zeros && a + 1 == words && size % 64) word &= (std::uint64_t{1} << size % 64) - 1;
        return word;
    };
    std::size_t count = 0;
    for (std::size_t a = 0; a < words; ++a) count += count_bits(word_at(a));
    chosen_.resize(count);
    Cell* next = chosen_.data();
    for (std::size_t a = 0; a < words; ++a) {
        for (std::uint64_t word = word_at(a); word; word &= word - 1) {
            *next++ = static_cast<Cell>(a * 64 + lowest_bit(word));
        }
    }
}

}  // namespace pynn_native
