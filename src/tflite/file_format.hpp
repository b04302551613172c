#pragma once

#include <cstdint>

namespace thimble::tflite {

/// The only version of the schema that is in use.
inline constexpr std::uint32_t kSchemaVersion = 3;

/// Of a vector of a file, which may be left out.
template <class Vector>
std::uint32_t length(const Vector* vector) {
  return vector != nullptr ? vector->size() : 0;
}

}  // namespace thimble::tflite
