#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thimble/graph/op.hpp"

namespace thimble {

/// Labelled images of one shape.
struct Samples {
  Shape shape;
  /// [N, H, W, C], one byte a value.
  std::vector<std::uint8_t> pixels;
  /// [N], each in [0, classes).
  std::vector<std::int32_t> labels;

  std::size_t size() const { return labels.size(); }
  bool empty() const { return labels.empty(); }
  /// The bytes of one image, [H, W, C].
  std::span<const std::uint8_t> image(std::size_t index) const;

  bool operator==(const Samples&) const = default;
};

/// The samples of these indices, in their order.
Samples subset(const Samples& samples, std::span<const std::uint32_t> indices);

/// y = (x / 255 − mean[c]) / stddev[c] for the byte x of channel c.
struct Normalisation {
  std::vector<float> mean;    // [C], of x / 255
  std::vector<float> stddev;  // [C], above 0
};

/// Mean and (population) standard deviation of each channel over all pixels, summed exactly in
/// integers. A channel that never varies gets stddev 1. Needs at least one sample.
Normalisation measure_normalisation(const Samples& samples);

}  // namespace thimble
