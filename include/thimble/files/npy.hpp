#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble {

/// An array of NumPy's file format (.npy, versions 1 to 3), C order, little-endian.
struct NpyArray {
  std::string type;                 ///< NumPy's code without the byte order: "i1", "u1", "f4", …
  std::vector<std::int64_t> shape;  ///< empty: a single number
  std::vector<std::uint8_t> bytes;

  bool operator==(const NpyArray&) const = default;
};

/// Throws DataError that begins with `place` for what is truncated, in Fortran order, big-endian,
/// of a type that is no plain number, or longer or shorter than its header says.
NpyArray parse_npy(std::span<const std::uint8_t> file, std::string_view place);

/// Version 1.0.
std::vector<std::uint8_t> write_npy(const NpyArray& array);

}  // namespace thimble
