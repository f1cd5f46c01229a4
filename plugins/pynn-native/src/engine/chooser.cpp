#include "chooser.hpp"

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

}  // namespace

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
    const std::size_t size = rule_.partners();
    open_.assign((size + 63) / 64, ~std::uint64_t{0});
    if (size % 64) open_.back() = (std::uint64_t{1} << size % 64) - 1;
    decide(group, false);
}

const std::vector<std::uint64_t>& Chooser::choose_among(std::size_t group, const std::vector<std::uint64_t>& some) {
    if (rule_.probability >= 1.0) {
        accepted_ = some;
    } else {
        std::size_t count = 0;
        for (const std::uint64_t word : some) count += count_bits(word);
        open_ = some;
        decide(group, count < some.size() / 8);
    }
    const std::int64_t twin = tables_.twin(group);
    if (twin >= 0) {
        const auto place = static_cast<std::size_t>(twin);
        accepted_[place / 64] &= ~(std::uint64_t{1} << place % 64);
        if (!rule_.mutual) {
            std::fill(accepted_.begin(), accepted_.begin() + static_cast<std::ptrdiff_t>(place / 64), 0);
            accepted_[place / 64] &= ~((std::uint64_t{1} << place % 64) - 1);
        }
    }
    return accepted_;
}

// Decide the trials that are open: those whose digits so far are those of the threshold. Where there are few, no more
// words are made than they need.
void Chooser::decide(std::size_t group, bool few) {
    accepted_.assign(open_.size(), 0);
    const auto threshold = static_cast<std::uint64_t>(std::ldexp(rule_.probability, 64));
    if (!threshold || open_.empty()) return;
    const Stream stream(rule_.key, group);
    const unsigned digits = 64 - lowest_bit(threshold);  // those after the threshold's last 1 decide nothing
    bool undecided = true;
    for (std::uint64_t digit = 0; digit < digits && undecided; ++digit) {
        const std::uint64_t one = -(threshold >> (63 - digit) & 1);  // all bits of this digit of the threshold
        undecided = digit < kAllBlocks && !few ? decide_all(stream, digit, one) : decide_open(stream, digit, one);
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
