// How the inner loops are compiled: once for each width of vectors that a processor may have, chosen at run time.
//
// All of them compute the same bits: there is no arithmetic across lanes, and contraction into fused operations is
// off for the whole engine (CMakeLists.txt).
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
#define PYNN_NATIVE_KERNEL __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define PYNN_NATIVE_KERNEL
#endif

#if defined(__GNUC__) || defined(__clang__)
#define PYNN_NATIVE_RESTRICT __restrict__
#define PYNN_NATIVE_INLINE inline __attribute__((always_inline))
#define PYNN_NATIVE_PREFETCH(address) __builtin_prefetch(address)
#else
#define PYNN_NATIVE_RESTRICT __restrict
#define PYNN_NATIVE_INLINE inline
#define PYNN_NATIVE_PREFETCH(address)
#endif
