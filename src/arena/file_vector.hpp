#pragma once

#include <cstdint>

namespace thimble::arena {

/// Of a vector of a file, which may be left out.
template <class Vector>
std::uint32_t length(const Vector* vector) {
  return vector != nullptr ? vector->size() : 0;
}

}  // namespace thimble::arena
