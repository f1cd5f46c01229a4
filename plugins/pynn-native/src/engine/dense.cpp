#include "dense.hpp"

#include <algorithm>

namespace pynn_native {

bool DenseChoices::suit(const Rule& rule) {
    constexpr double kLeast = 1.0 / 16.0;
    const auto sources = static_cast<double>(rule.pre.size);
    if (rule.kind == Rule::Kind::fixed_probability) return rule.probability >= kLeast && rule.probability < 1.0;
    if (rule.kind != Rule::Kind::fixed_number_pre || rule.with_replacement || rule.number.size != 1) return false;
    return rule.number[0] >= kLeast * sources && rule.number[0] < sources;  // not one twice, even without a twin
}

DenseChoices::DenseChoices(const Rule& rule, const RuleTables& tables, const std::vector<Cell>& targets,
                           Interruption& interruption)
    : sources_(rule.pre.size), count_(targets.size()), words_((sources_ + 63) / 64), bits_(count_ * words_),
      digits_(words_ * kDigits) {
    Chooser chooser(rule, tables);
    for (std::size_t k = 0; k < count_; ++k) {
        interruption.check();
        const std::vector<std::uint64_t>& chosen = chooser.choose_bits(targets[k]);
        std::copy(chosen.begin(), chosen.end(), bits_.begin() + static_cast<std::ptrdiff_t>(k * words_));
        for (std::size_t a = 0; a < words_; ++a) {
            std::uint64_t* digit = digits_.data() + a * kDigits;
            for (std::uint64_t carry = chosen[a]; carry; ++digit) {
                const std::uint64_t both = *digit & carry;
                *digit ^= carry;
                carry = both;
            }
        }
    }
}

std::vector<std::uint32_t> DenseChoices::count() const {
    std::vector<std::uint32_t> counts(sources_);
    for (std::size_t i = 0; i < sources_; ++i) {
        const std::uint64_t* digits = digits_.data() + i / 64 * kDigits;
        for (std::size_t d = 0; d < kDigits; ++d) counts[i] |= static_cast<std::uint32_t>(digits[d] >> i % 64 & 1) << d;
    }
    return counts;
}

void DenseChoices::turned(std::size_t k, std::size_t a, std::uint64_t* square) const {
    const std::size_t rows = std::min<std::size_t>(64, count_ - k);
    for (std::size_t r = 0; r < rows; ++r) square[r] = bits_[(k + r) * words_ + a];
    std::fill(square + rows, square + 64, 0);
    // Warren (2013), Hacker's Delight, section 7-3: blocks change places with their mirror images, halves first.
    std::uint64_t mask = 0x00000000FFFFFFFFull;
    for (unsigned width = 32; width; width >>= 1, mask ^= mask << width) {
        for (unsigned r = 0; r < 64; r = (r + width + 1) & ~width) {
            const std::uint64_t changed = ((square[r] >> width) ^ square[r + width]) & mask;
            square[r] ^= changed << width;
            square[r + width] ^= changed;
        }
    }
}

}  // namespace pynn_native
