#include "counting.hpp"

#include <cstring>

#include "pack.hpp"

namespace pynn_native {

namespace {

// A byte becomes a number in the lowest bits of 2^52, which is then taken away: compilers turn plain loops into much more.
template <class W>
PYNN_NATIVE_INLINE void add(const Counted<double>& work) {
    using Pack = typename W::Pack;
    using Bits = typename W::Bits;
    const Pack magic = Pack{} + 0x1p52;
    const Pack common = Pack{} + work.weight[0];
    Bits shift;
    for (std::size_t lane = 0; lane < W::kLanes; ++lane) shift[lane] = 8 * lane;
    const std::size_t whole = work.size / W::kLanes * W::kLanes;
    double* PYNN_NATIVE_RESTRICT input = work.input;
    const std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts;
    const double* PYNN_NATIVE_RESTRICT weights = work.weight;
    const auto several = [&](std::size_t k, const Pack& weight) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, counts + k, W::kLanes);
        const Bits numbers = ((Bits{} + bytes) >> shift & 0xFF) | (Bits)magic;
        Pack sum;
        std::memcpy(&sum, input + k, sizeof(sum));
        sum += ((Pack)numbers - magic) * weight;
        std::memcpy(input + k, &sum, sizeof(sum));
    };
    if (work.shared) {
        for (std::size_t k = 0; k < whole; k += W::kLanes) several(k, common);
    } else {
        for (std::size_t k = 0; k < whole; k += W::kLanes) {
            Pack weight;
            std::memcpy(&weight, weights + k, sizeof(weight));
            several(k, weight);
        }
    }
    for (std::size_t k = whole; k < work.size; ++k) {
        input[k] += static_cast<double>(counts[k]) * weights[work.shared ? 0 : k];
    }
}

template <class W>
PYNN_NATIVE_INLINE void add(const Counted<float>& work) {
    float* PYNN_NATIVE_RESTRICT input = work.input;
    const std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts;
    if (work.shared) {
        const auto weight = static_cast<float>(work.weight[0]);
        for (std::size_t k = 0; k < work.size; ++k) input[k] += static_cast<float>(counts[k]) * weight;
    } else {
        for (std::size_t k = 0; k < work.size; ++k) {
            input[k] += static_cast<float>(counts[k]) * static_cast<float>(work.weight[k]);
        }
    }
}

PYNN_NATIVE_KERNELS(add_all, add, Counted)

}  // namespace

void add_counted(const Counted<double>& work) { add_all(work); }

void add_counted(const Counted<float>& work) { add_all(work); }

}  // namespace pynn_native
