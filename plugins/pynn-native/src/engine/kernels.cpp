#include "kernels.hpp"

#include <algorithm>
#include <cstdlib>

#if defined(_WIN32) && defined(__x86_64__)
#define NOMINMAX
#include <windows.h>
#endif

namespace pynn_native {

namespace {

unsigned widest() {
#if defined(_WIN32) && defined(__x86_64__)
    // What __builtin_cpu_supports asks is in a library that clang-cl does not link. Processors with AVX2 fuse.
    if (IsProcessorFeaturePresent(PF_AVX512F_INSTRUCTIONS_AVAILABLE)) return 64;
    if (IsProcessorFeaturePresent(PF_AVX2_INSTRUCTIONS_AVAILABLE)) return 32;
#elif defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return 64;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 32;
#endif
    return 16;
}

}  // namespace

unsigned vector_bytes() {
    static const unsigned bytes = [] {
        const char* const asked = std::getenv("PYNN_NATIVE_VECTOR_BITS");
        return asked ? std::min(widest(), static_cast<unsigned>(std::atoi(asked)) / 8) : widest();
    }();
    return bytes;
}

bool long_products() {
#if defined(__x86_64__) && !defined(__clang__)
    return vector_bytes() == 64 && __builtin_cpu_supports("avx512ifma");
#else
    return false;
#endif
}

}  // namespace pynn_native
