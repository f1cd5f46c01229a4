// Rules that connect a good part of all pairs, as a table of bits on the way.
#pragma once

#include "chooser.hpp"

namespace pynn_native {

// The choices of some targets, one bit for each pair: made once, then counted, and read source by source to be
// written. Where a sixteenth of all pairs or more is connected, that is 2 bytes or less for a synapse, until the rows are
// written; making all choices a second time would take twice as long.
class DenseChoices {
public:
    // Whether a rule connects so many pairs, and can be read as bits.
    static bool suit(const Rule& rule);

    DenseChoices(const Rule& rule, const RuleTables& tables, const std::vector<Cell>& targets,
                 Interruption& interruption);

    // How many of the targets each source is chosen for.
    std::vector<std::uint32_t> count() const;
    // each(source, k, bits) for 64 targets after the other and all their sources: bit b stands for target k + b of those
    // this was made for.
    template <class Each>
    void read(Each each, Interruption& interruption) const {
        std::uint64_t square[64];
        for (std::size_t k = 0; k < count_; k += 64) {
            interruption.check();
            for (std::size_t a = 0; a < words_; ++a) {
                turned(k, a, square);
                for (std::size_t b = 0; b < 64; ++b) {
                    if (square[b]) each(a * 64 + b, k, square[b]);
                }
            }
        }
    }

private:
    // 64 sources of 64 targets, a word for each source.
    void turned(std::size_t k, std::size_t a, std::uint64_t* square) const;

    std::size_t sources_, count_, words_;
    std::vector<std::uint64_t> bits_;  // words_ for each target
    // How often each source was chosen, 64 sources at a time: digit d of all their counts in one word, so that a word of
    // choices is added to all at once, and a carry seldom goes far. A part has no more than 65536 targets.
    static constexpr std::size_t kDigits = 18;
    std::vector<std::uint64_t> digits_;
};

}  // namespace pynn_native
