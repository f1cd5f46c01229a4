// Who is connected to whom, one bit for each pair: where a good part of all pairs is, that takes less memory than a list,
// and the spikes of a step are counted for hundreds of targets at a time.
#pragma once

#include "values.hpp"

namespace pynn_native {

// A row of bits for each part of the targets and each source, in squares of 512: target 64 k + 8 w + i of a square is bit
// 8 i + k of its word w. So one shift and one mask give a byte each for 64 neighbouring targets (add_rows).
class Bitmap {
public:
    static constexpr std::size_t kSquare = 512, kWords = kSquare / 64;
    static constexpr std::size_t kTogether = 8;  // rows that are added at a time

    Bitmap() = default;
    Bitmap(std::size_t sources, const std::vector<Range>& parts);

    bool empty() const { return bits_.empty(); }
    void set(std::size_t part, std::size_t source, std::size_t target) {
        std::uint64_t* square = bits_.data() + place(part, source) + target / kSquare * kWords;
        square[target / 8 % 8] |= std::uint64_t{1} << (target % 8 * 8 + target / 64 % 8);
    }
    const std::uint64_t* row(std::size_t part, std::size_t source) const { return bits_.data() + place(part, source); }
    std::size_t squares(std::size_t part) const { return squares_[part]; }
    // each(target) in increasing order.
    template <class Each>
    void each_target(std::size_t part, std::size_t source, Each each) const {
        const std::uint64_t* words = row(part, source);
        for (std::size_t n = 0; n < squares_[part] * kSquare; n += 8) {
            const std::uint64_t byte = words[n / kSquare * kWords + n / 8 % 8] >> n / 64 % 8;
            for (std::size_t i = 0; i < 8; ++i) {
                if (byte >> 8 * i & 1) each(n + i);
            }
        }
    }

private:
    std::size_t place(std::size_t part, std::size_t source) const {
        return first_[part] + source * squares_[part] * kWords;
    }

    std::vector<std::size_t> first_, squares_;  // by part
    Table<std::uint64_t> bits_;
};

// How many of some rows, no more than this, have each bit set: as many bytes as the squares have bits.
constexpr std::size_t kRowsInBytes = 248;
void count_rows(const std::vector<const std::uint64_t*>& rows, std::size_t squares, std::uint8_t* counts);

// How many of some rows have each bit set, times the weight, is added to the input.
template <class Number>
void add_rows(const std::vector<const std::uint64_t*>& rows, std::size_t squares, double weight, Number* input,
              std::size_t size);

}  // namespace pynn_native
