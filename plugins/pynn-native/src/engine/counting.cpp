#include "counting.hpp"

#include <cstring>

#include "pack.hpp"

namespace pynn_native {

namespace {

template <class W>
PYNN_NATIVE_INLINE void add(const Counted<typename W::Number>& work) {
    using Number = typename W::Number;
    using Pack = typename W::Pack;
    const Pack common = Pack{} + static_cast<Number>(work.weight[0]);
    const std::size_t whole = work.size / W::kLanes * W::kLanes;
    Number* PYNN_NATIVE_RESTRICT input = work.input;
    const std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts;
    const double* PYNN_NATIVE_RESTRICT weights = work.weight;
    const auto several = [&](std::size_t k, const Pack& weight) {
        Pack sum;
        std::memcpy(&sum, input + k, sizeof(sum));
        sum += Tile<W>::numbers(counts + k) * weight;
        std::memcpy(input + k, &sum, sizeof(sum));
    };
    if (work.shared) {
        for (std::size_t k = 0; k < whole; k += W::kLanes) several(k, common);
    } else {
        for (std::size_t k = 0; k < whole; k += W::kLanes) {
            Pack weight;
            for (std::size_t lane = 0; lane < W::kLanes; ++lane) weight[lane] = static_cast<Number>(weights[k + lane]);
            several(k, weight);
        }
    }
    for (std::size_t k = whole; k < work.size; ++k) {
        input[k] += static_cast<Number>(counts[k]) * static_cast<Number>(weights[work.shared ? 0 : k]);
    }
}

PYNN_NATIVE_KERNELS(add_all, add, Counted)

}  // namespace

void add_counted(const Counted<double>& work) { add_all(work); }

void add_counted(const Counted<float>& work) { add_all(work); }

}  // namespace pynn_native
