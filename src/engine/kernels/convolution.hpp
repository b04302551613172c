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
  /// For each tile of output channels: [packed rows][packed columns][source channels][tile].
  const float* weights = nullptr;
  const float* bias = nullptr;    // [output channels], or null
  const float* addend = nullptr;  // shaped like the output, added before the activation; or null;
                                  // may be the output itself
  float* output = nullptr;
  Activation activation = Activation::kNone;
};

/// output = activation(convolution + bias + addend).
void convolve(const Convolution& task);

/// Floats in a register of the present machine.
int partial_sums_width();

/// Sums over the lanes of a kernel's gradient are taken at the end of the batch only: until then
/// every weight has a register's width of partial sums. Ordered [filters][kernel rows][kernel
/// columns][input channels][width].
struct KernelGradient {
  const Sweep* sweep = nullptr;   // the forward one
  const float* source = nullptr;  // the convolution's input
  const float* output = nullptr;  // the gradient of its output
  float* partial_sums = nullptr;  // added to
};
void accumulate(const KernelGradient& task);

/// Arrays of partial sums, one for each shard of a batch.
struct PartialSums {
  const float* first = nullptr;
  int shards = 1;
  std::int64_t pitch = 0;  // floats from one array to the next
};
/// sums[i] = the sum of the lanes of partial sum i, over all shards. `sums` may be the first array.
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums);

}  // namespace thimble::engine
