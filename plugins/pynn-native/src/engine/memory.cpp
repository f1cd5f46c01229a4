#include "values.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace pynn_native {

void expect_huge([[maybe_unused]] void* place, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Wishes: without them everything works as well, and slower. The end of a table would fill a huge page only in part.
    const std::size_t whole = bytes / kHugePage * kHugePage;
    madvise(place, whole, MADV_HUGEPAGE);
    if (whole < bytes) madvise(static_cast<char*>(place) + whole, bytes - whole, MADV_NOHUGEPAGE);
#endif
}

void give_back() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

}  // namespace pynn_native
