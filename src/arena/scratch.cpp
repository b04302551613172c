#include <algorithm>

#include "alignment.hpp"
#include "refusal.hpp"
#include "thimble/arena/lifetimes.hpp"

// Scratch buffers of CMSIS-NN 4ab83cc, the commit that TensorFlow Lite Micro 90b983c pins, compiled
// with GCC. The rows for convolutions in general, depthwise convolutions and average pools were
// checked against the heads that emulated cores reported; 1×N convolutions and depthwise
// convolutions of a single channel follow the library's source alone. The reference kernels ask for
// no scratch memory in int8, but MEAN's; its three buffers are those of the package on x86-64. So
// is what they ask for to unpack int4 weights; what CMSIS-NN's do with those nobody has measured.

namespace thimble {
namespace {

using arena::align_up;
using arena::refuse;

std::int64_t patch(const ArenaGeometry& g) {
  return std::int64_t{g.kernel.height} * g.kernel.width * g.input.channels;
}

/// im2col of two columns of int16, or of four of int8 in whole vectors.
std::int64_t columns(const ArenaGeometry& g, const ArenaTarget& target) {
  return target.library == KernelLibrary::kCmsisHelium ? 4 * align_up(patch(g), 16)
                                                       : 4 * align_up(patch(g), 4);
}

bool has_no_dilation(const ArenaGeometry& g) { return g.dilation == Extent{1, 1}; }

std::int64_t one_row(const ArenaOperator& op, const ArenaTarget& target) {
  const ArenaGeometry& g = op.geometry;
  // Where no output lies clear of the padding, newer sources fall back to the general way.
  const int total =
      std::max(0, (g.output.width - 1) * g.stride.width + g.kernel.width - g.input.width);
  const auto outputs = [&](int pad) { return (pad + g.stride.width - 1) / g.stride.width; };
  if (outputs(g.padding.width) + outputs(total - g.padding.width) > g.output.width) {
    refuse(op, target, "a kernel wide for its single row");
  }
  return std::int64_t{g.kernel.width + g.padding.width} * g.input.channels;
}

std::int64_t convolution(const ArenaOperator& op, const ArenaTarget& target) {
  const ArenaGeometry& g = op.geometry;
  if (g.kernel == Extent{1, 1} && g.padding == Extent{0, 0} && has_no_dilation(g)) return 0;
  const bool is_row = g.input.height == 1 && g.kernel.height == 1 && g.dilation.width == 1 &&
                      g.stride.width * g.input.channels % 4 == 0;
  if (is_row && target.library == KernelLibrary::kCmsisHelium) return one_row(op, target);
  return columns(g, target);
}

std::int64_t depthwise(const ArenaOperator& op, const ArenaTarget& target) {
  constexpr std::int64_t kHeliumBlock = 124;  // channels at a time
  const ArenaGeometry& g = op.geometry;
  const std::int64_t area = std::int64_t{g.kernel.height} * g.kernel.width;
  const bool helium = target.library == KernelLibrary::kCmsisHelium;
  if (helium && g.input.channels == 1 && g.output.channels > 1) {
    // Runs as a convolution, with its weights turned round.
    if (g.kernel.height == 1) refuse(op, target, "one channel and a kernel of one row");
    return columns(g, target) + area * g.output.channels;
  }
  if (g.input.channels != g.output.channels || !has_no_dilation(g)) return 0;
  if (helium) return 4 * kHeliumBlock * area;
  const bool is_3x3 = g.kernel == Extent{3, 3} && g.padding.height <= 1 && g.padding.width <= 1;
  return is_3x3 ? 0 : 2 * area * g.input.channels;
}

/// The reference kernels unpack an int4 kernel, a byte to a weight.
Bytes unpacked_weights(const ArenaOperator& op) {
  const ArenaGeometry& g = op.geometry;
  if (g.weights != WeightType::kInt4) return {};
  const std::int64_t area = std::int64_t{g.kernel.height} * g.kernel.width;
  switch (op.kernel) {
    case TflmKernel::kConv2D:
      return Bytes(patch(g) * g.output.channels);
    case TflmKernel::kDepthwiseConv2D:
      return Bytes(area * g.output.channels);
    case TflmKernel::kFullyConnected:
      return Bytes(g.input.elements() * g.output.channels);
    default:
      return {};
  }
}

Bytes cmsis_size(const ArenaOperator& op, const ArenaTarget& target) {
  const ArenaGeometry& g = op.geometry;
  if (g.weights == WeightType::kInt4) refuse(op, target, "int4 weights");
  switch (op.kernel) {
    case TflmKernel::kConv2D:
      return Bytes(convolution(op, target));
    case TflmKernel::kDepthwiseConv2D:
      return Bytes(depthwise(op, target));
    case TflmKernel::kFullyConnected:
      // Would run as a 1×1 convolution, with arrays of its own that nobody has measured.
      if (g.output_axes > 2 && g.input.elements() % 4 == 0) {
        refuse(op, target, "an output of more than two axes");
      }
      return {};
    case TflmKernel::kAveragePool2D:
      return target.library == KernelLibrary::kCmsisDsp ? Bytes(std::int64_t{4} * g.input.channels)
                                                        : 0_B;  // a sum for each channel
    default:
      return {};
  }
}

/// A sum for each channel, an index for each axis and the axes over which it goes.
ScratchSizes mean(const ArenaGeometry& g) {
  constexpr int kWord = 4;
  return {.sizes = {Bytes(std::int64_t{kWord} * g.output.channels), Bytes(kWord * g.input_axes),
                    Bytes(kWord * (g.input_axes - 2))},
          .count = 3};
}

}  // namespace

ScratchSizes scratch_sizes(const ArenaOperator& op, const ArenaTarget& target) {
  if (op.kernel == TflmKernel::kMean) return mean(op.geometry);
  const bool reference = target.library == KernelLibrary::kReference;
  const Bytes size = reference ? unpacked_weights(op) : cmsis_size(op, target);
  return size == 0_B ? ScratchSizes{} : ScratchSizes{.sizes = {size}, .count = 1};
}

}  // namespace thimble
