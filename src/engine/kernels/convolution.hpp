#pragma once

#include "../taps.hpp"

namespace thimble::engine {

/// How a convolution (or its gradient towards the data) passes over one block of 16 images.
struct Sweep {
  Shape source;
  Shape output;
  Axis rows;
  Axis columns;
};

/// Output channels are computed in tiles of at most six, all about the same size, so that 7 or 13
/// cost what 7/8 or 13/16 would.
inline constexpr int kLargestTile = 6;
inline constexpr int tile_count(int channels) {
  return (channels + kLargestTile - 1) / kLargestTile;
}
/// The first channel of a tile; `tile_begin(channels, tile_count(channels))` is `channels`.
inline constexpr int tile_begin(int channels, int tile) {
  return static_cast<int>(static_cast<std::int64_t>(channels) * tile / tile_count(channels));
}

struct Convolution {
  const Sweep* sweep = nullptr;
  const float* source = nullptr;  // [H][W][source channels][16]
  /// For each tile of output channels: [packed rows][packed columns][source channels][tile]; where
  /// the sweep suits Winograd, all that by place: [place], then for each tile [source
  /// channels][tile].
  const float* weights = nullptr;
  const float* bias = nullptr;    // [output channels], or null
  const float* addend = nullptr;  // shaped like the output, added before the activation; or null;
                                  // may be the output itself
  float* output = nullptr;
  Activation activation = Activation::kNone;
  float* scratch = nullptr;  // `scratch_floats` of them
};
/// Floats of packed weights.
std::int64_t packed_floats(const Sweep& sweep);
std::int64_t scratch_floats(const Sweep& sweep);

/// output = activation(convolution + bias + addend).
void convolve(const Convolution& task);

}  // namespace thimble::engine
