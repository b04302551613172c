#include "thimble/core/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace thimble::detail {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "thimble: %s:%d: a bug: %s does not hold\n", file, line, expression);
  std::abort();
}

}  // namespace thimble::detail
