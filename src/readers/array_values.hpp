#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "thimble/files/npy.hpp"
#include "thimble/readers/reader.hpp"

namespace thimble {

/// An array, and its name for complaints.
struct NamedArray {
  NpyArray array;
  std::string place;
};

/// The first dimension, at least 1.
std::size_t rows_of(const NamedArray& named);

/// What a row is; see array_set.hpp.
Shape row_shape(const NamedArray& named, const ReadOptions& options);

/// Whole numbers, one a row of as many as there are samples.
std::vector<std::int64_t> whole_numbers(const NamedArray& named, std::size_t rows);

/// Fills `part`, whose shape is known, with the array's values: bytes as pixels, others as numbers.
void read_values(const NamedArray& named, Samples& part);

}  // namespace thimble
