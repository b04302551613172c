#pragma once

#include <cstddef>
#include <span>

#include "convolution.hpp"

namespace thimble::engine {

/// Pools one block of 16 images. Positions outside the source count neither for the maximum nor for
/// the average.
struct Pooling {
  const Sweep* sweep = nullptr;  // forward; channels are equal
  PoolKind kind = PoolKind::kMax;
  const float* source = nullptr;
  /// Room for as many numbers as the window has positions.
  std::span<std::size_t> scratch;
  /// Backward: what a window's places held before is lost instead of added to. For windows that do
  /// not overlap.
  bool overwrite = false;
};
void pool(const Pooling& task, float* output);

/// Adds the output's gradient to the source's: to the first maximum of a window, or evenly.
void pool_backward(const Pooling& task, const float* output_gradient, float* source_gradient);

}  // namespace thimble::engine
