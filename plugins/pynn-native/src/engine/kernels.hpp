// How the inner loops are compiled: once for each width of vectors that a processor may have, chosen at run time.
//
// All of them compute the same bits: there is no arithmetic across lanes, contraction into fused operations is off for
// the whole engine (CMakeLists.txt), and where a product and a sum are fused, the code says so (`fused`, pack.hpp).
#pragma once

#if !defined(__GNUC__) && !defined(__clang__)
#error "The engine needs the vector extensions of GCC or Clang (on Windows: clang-cl)."
#endif

#define PYNN_NATIVE_RESTRICT __restrict__
#define PYNN_NATIVE_INLINE inline __attribute__((always_inline))
#define PYNN_NATIVE_PREFETCH(address) __builtin_prefetch(address)
// Not into the innermost cache.
#define PYNN_NATIVE_PREFETCH_FAR(address) __builtin_prefetch(address, 0, 2)

namespace pynn_native {
// Bytes of the widest vectors that this processor computes with: 64 (of small integers too), 32 (with fused operations)
// or 16; fewer where the environment variable PYNN_NATIVE_VECTOR_BITS says so (512, 256 or 128), by which tests compare
// them.
unsigned vector_bytes();
// Whether those are 64, and their products have 104 bits.
bool long_products();
}  // namespace pynn_native

// PYNN_NATIVE_KERNEL_OF(name, body, Work, Number) defines void name(const Work&), which calls body<Wide<n, Number>>(work)
// with the widest vectors of n bytes that this processor computes with. A body is always inlined, so that it is compiled
// for them. PYNN_NATIVE_KERNEL does so for doubles, PYNN_NATIVE_KERNELS for Work<double> and Work<float>.
#if defined(__x86_64__)
#define PYNN_NATIVE_KERNEL_OF(name, body, Work, Number)                                                         \
    __attribute__((target("avx512f,avx512bw"))) void name##_512(const Work& work) { body<Wide<64, Number>>(work); } \
    __attribute__((target("avx2,fma"))) void name##_256(const Work& work) { body<Wide<32, Number>>(work); }     \
    void name##_128(const Work& work) { body<Wide<16, Number>>(work); }                                         \
    void name(const Work& work) {                                                                               \
        using Kernel = void (*)(const Work&);                                                                   \
        static const Kernel chosen = vector_bytes() == 64   ? static_cast<Kernel>(name##_512)                   \
                                     : vector_bytes() == 32 ? static_cast<Kernel>(name##_256)                   \
                                                            : static_cast<Kernel>(name##_128);                  \
        chosen(work);                                                                                           \
    }
// The same, with a body<W, true> for processors that compute long products too; else body<W, false>.
#define PYNN_NATIVE_KERNEL_OF_PRODUCTS(name, body, Work)                                                           \
    template <class W>                                                                                          \
    PYNN_NATIVE_INLINE void name##_others(const Work& work) {                                                   \
        body<W, false>(work);                                                                                   \
    }                                                                                                           \
    PYNN_NATIVE_KERNEL(name##_any, name##_others, Work)                                                         \
    __attribute__((target("avx512f,avx512bw,avx512ifma"))) void name##_products(const Work& work) {                      \
        body<Wide<64>, true>(work);                                                                             \
    }                                                                                                           \
    void name(const Work& work) {                                                                               \
        static const auto chosen = long_products() ? name##_products : name##_any;                                \
        chosen(work);                                                                                           \
    }
#else
#define PYNN_NATIVE_KERNEL_OF_PRODUCTS(name, body, Work) \
    void name(const Work& work) { body<Wide<16>, false>(work); }
#define PYNN_NATIVE_KERNEL_OF(name, body, Work, Number) \
    void name(const Work& work) { body<Wide<16, Number>>(work); }
#endif
#define PYNN_NATIVE_KERNEL(name, body, Work) PYNN_NATIVE_KERNEL_OF(name, body, Work, double)
#define PYNN_NATIVE_KERNELS(name, body, Work)               \
    PYNN_NATIVE_KERNEL_OF(name, body, Work<double>, double) \
    PYNN_NATIVE_KERNEL_OF(name, body, Work<float>, float)
