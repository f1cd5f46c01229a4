#include "counting.hpp"

#include "pack.hpp"

namespace pynn_native {

namespace {

template <class W>
PYNN_NATIVE_INLINE void add(const Counted& work) {
    double* PYNN_NATIVE_RESTRICT input = work.input;
    const std::uint8_t* PYNN_NATIVE_RESTRICT counts = work.counts;
    if (work.shared) {
        const double weight = work.weight[0];
        for (std::size_t k = 0; k < work.size; ++k) input[k] += static_cast<double>(counts[k]) * weight;
    } else {
        const double* PYNN_NATIVE_RESTRICT weight = work.weight;
        for (std::size_t k = 0; k < work.size; ++k) input[k] += static_cast<double>(counts[k]) * weight[k];
    }
}

PYNN_NATIVE_KERNEL(add_all, add, Counted)

}  // namespace

void add_counted(const Counted& work) { add_all(work); }

}  // namespace pynn_native
