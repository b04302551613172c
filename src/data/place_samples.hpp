#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/data/augmentation.hpp"
#include "thimble/data/samples.hpp"

namespace thimble {

/// What one thread needs to normalise and place samples; its vectors keep their memory from batch
/// to batch.
struct PlacingWorkspace {
  std::vector<std::array<float, 256>> normalised;  // [C][byte]
  std::vector<float> scale, offset;                // [C]: y = value · scale + offset
  std::vector<int> rows, columns;                  // where each output row and column is read
  std::vector<float> down, right;                  // the same in a crop, between pixels
  std::vector<float> framed;  // [H + 2, W + 2, C]: the image in a frame of zeros
};

/// For samples of bytes, or of other values whose full scale is `full`.
void prepare(const Normalisation& normalisation, bool bytes, double full, PlacingWorkspace& work);

/// Writes a sample, [H, W, C], as `placement` has it and normalised. Only images are ever turned or
/// cropped.
void place(std::span<const std::uint8_t> image, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out);
void place(std::span<const std::int16_t> sound, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out);
void place(std::span<const float> values, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out);
void place(std::span<const std::int8_t> features, Shape shape, const Placement& placement,
           PlacingWorkspace& work, float* out);

}  // namespace thimble
