#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pixel_kernels.hpp"
#include "thimble/samples/augmentation.hpp"
#include "thimble/samples/samples.hpp"

namespace thimble {

/// Pixels of a row from `first` on, to the right (step 1) or to the left (−1).
struct PixelRun {
  int first = 0;
  int step = 1;
  int count = 0;
};

/// What one thread needs to normalise and place samples; its vectors keep their memory from batch
/// to batch.
struct PlacingWorkspace {
  ChannelPatterns patterns;
  std::vector<int> rows, columns;  // where each output row and column is read
  std::vector<PixelRun> runs;      // the columns again
  std::vector<std::byte> picked;   // the stored values in their new places
  std::vector<float> down, right;  // rows and columns of what is cropped or turned
  std::vector<float> upright;      // an image before it is
  std::vector<float> row;          // the last ones of it behind
  FramedImage framed;
};

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
