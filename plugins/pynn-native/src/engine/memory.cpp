#include "values.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pynn_native {

void expect_huge([[maybe_unused]] void* place, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    madvise(place, bytes, MADV_HUGEPAGE);  // a wish: without it everything works as well, and slower
#endif
}

}  // namespace pynn_native
