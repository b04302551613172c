#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quant/window.hpp"
#include "thimble/quant/scales.hpp"

/// The kernels of the int8 interpreter. A tensor of sixteen samples lies in memory as
///
///     [height][width][pairs of channels][16 samples][2 channels]   of int16: q − zero_point,
///
/// so that one multiply-add of int16 pairs (pmaddwd) serves two channels of several samples at
/// once, a zero is a real 0, and border and odd channel cost nothing but a skipped tap or a weight
/// of 0. What stands in the second half of an odd tensor's last pair is never used.
namespace thimble::int8 {

constexpr int kLanes = 16;
/// int16 values in the two channels of sixteen samples.
constexpr std::size_t kPairLength = 2 * kLanes;

constexpr int pairs(int channels) { return (channels + 1) / 2; }
constexpr std::size_t packed_length(Shape shape) {
  return static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width) *
         static_cast<std::size_t>(pairs(shape.channels)) * kPairLength;
}

/// A Multiplier with its shift taken apart.
struct Rescaling {
  std::int32_t mantissa = 0;
  std::int32_t left = 0;
  std::int32_t right = 0;

  Rescaling() = default;
  explicit Rescaling(Multiplier m)
      : mantissa(m.mantissa), left(std::max(m.shift, 0)), right(std::max(-m.shift, 0)) {}
};

/// From the sum of products of one output channel to its value.
struct ChannelOutput {
  std::int32_t bias = 0;
  Rescaling rescaling;
};

/// At most this many output channels are summed at once; blocks are 2, 4 or 6 wide.
constexpr int kWidestBlock = 6;

/// Conv2D, and Dense as a convolution whose kernel is the whole image.
struct Convolution {
  Window window;
  std::vector<int> blocks;  // widths; they add up to 2 · pairs(out.channels)
  /// Block after block [kernel.height][kernel.width][pairs of input channels][block width]: the
  /// weights of two input channels, the first in the lower half.
  std::vector<std::int32_t> weights;
  std::vector<ChannelOutput> outputs;  // 2 · pairs(out.channels)
  Clamp clamp;                         // less the output's zero point
};

struct DepthwiseConvolution {
  Window window;
  /// [pairs of output channels][kernel.height][kernel.width][2]: the weight in the half where its
  /// input channel stands.
  std::vector<std::int32_t> weights;
  std::vector<int> inputs;  // the input channel of each output channel; as long as outputs
  std::vector<ChannelOutput> outputs;  // 2 · pairs(out.channels)
  Clamp clamp;
};

struct Pooling {
  PoolKind kind = PoolKind::kMax;
  Window window;
  std::int32_t zero_point = 0;
};

struct Addition {
  Rescaling first;
  Rescaling second;
  Rescaling output;
  Clamp clamp;
};

/// ReLU with a scale of its own.
struct Relu {
  Rescaling rescaling;
  Clamp clamp;
};

/// A ReLU6 keeps its input's scale, so it is a clamp only.
struct Relu6 {
  Clamp clamp;
};

/// The mean of all pixels.
struct Averaging {
  Shape in;
  Rescaling rescaling;
  Clamp clamp;
};

/// Along an axis where it is 1 long a factor serves for the whole of the other.
struct Product {
  Shape first;
  Shape second;
  Shape out;
  Rescaling rescaling;
  Clamp clamp;
};

void run(const Convolution& plan, const std::int16_t* in, std::int16_t* out);
void run(const DepthwiseConvolution& plan, const std::int16_t* in, std::int16_t* out);
void run(const Pooling& plan, const std::int16_t* in, std::int16_t* out);
void run(const Averaging& plan, const std::int16_t* in, std::int16_t* out);
void run(const Product& plan, const std::int16_t* first, const std::int16_t* second,
         std::int16_t* out);
/// The rest works value by value on packed tensors of equal length.
void run(const Addition& plan, std::span<const std::int16_t> first,
         std::span<const std::int16_t> second, std::int16_t* out);
void run(const Relu& plan, std::span<const std::int16_t> in, std::int16_t* out);
void run(const Relu6& plan, std::span<const std::int16_t> in, std::int16_t* out);

}  // namespace thimble::int8
