#include <gtest/gtest.h>

#include "kernels/packing.hpp"
#include "lanes.hpp"
#include "parameters.hpp"
#include "thimble/core/rng.hpp"

// The convolutions' kernels against the definition, in double, for one block of images.

namespace thimble::engine {
namespace {

AlignedFloats random_floats(Rng& rng, std::int64_t count) {
  AlignedFloats memory(count);
  for (std::int64_t i = 0; i < count; ++i) {
    memory.data()[i] = static_cast<float>(rng.uniform(-1, 1));
  }
  return memory;
}

struct Layer {
  Shape in;
  Shape out;
  Extent kernel;
  Window window;

  std::int64_t weights() const {
    return std::int64_t{kernel.height} * kernel.width * in.channels * out.channels;
  }
  std::int64_t weight(int filter, int position, int channel) const {
    return (std::int64_t{filter} * kernel.height * kernel.width + position) * in.channels + channel;
  }
};

int output_of(int input, int kernel, int stride, int dilation, Padding padding) {
  if (padding == Padding::kSame) return (input + stride - 1) / stride;
  return (input - (kernel - 1) * dilation - 1) / stride + 1;
}

int integer(Rng& rng, int low, int high) { return static_cast<int>(rng.uniform_int(low, high)); }

/// Half of them 3×3 at stride 1, which have kernels of their own.
Layer random_layer(Rng& rng) {
  const bool plain = rng.chance(0.5);
  const auto extent = [&](int most) {
    return Extent{integer(rng, 1, most), integer(rng, 1, most)};
  };
  const Extent kernel = plain ? Extent{3, 3} : extent(5);
  const Extent stride = plain ? Extent{1, 1} : extent(2);
  const Extent dilation = plain ? Extent{1, 1} : extent(2);
  const Padding padding = rng.chance(0.5) ? Padding::kSame : Padding::kValid;
  const Shape in{integer(rng, 9, 14), integer(rng, 9, 14), integer(rng, 1, 30)};
  const Shape out{output_of(in.height, kernel.height, stride.height, dilation.height, padding),
                  output_of(in.width, kernel.width, stride.width, dilation.width, padding),
                  integer(rng, 1, 30)};
  return {in, out, kernel, window_of(in, out, kernel, stride, dilation, padding)};
}

/// Calls use(output pixel, kernel position, input pixel) for all that meet.
template <class Use>
void for_meetings(const Layer& layer, const Use& use) {
  for (const Run& rows : runs_of_taps(layer.window.rows)) {
    for (const Run& columns : runs_of_taps(layer.window.columns)) {
      for (int y = 0; y < rows.outputs; ++y) {
        for (int x = 0; x < columns.outputs; ++x) {
          use((rows.first_output + y) * layer.out.width + columns.first_output + x,
              rows.kernel * layer.kernel.width + columns.kernel,
              (rows.first_source + y * rows.stride) * layer.in.width + columns.first_source +
                  x * columns.stride);
        }
      }
    }
  }
}

std::size_t place(Shape shape, int pixel, int channel, int lane) {
  return static_cast<std::size_t>((std::int64_t{pixel} * shape.channels + channel) * kLanes + lane);
}

/// The addend and, for all that meet, the product of weight and source: forward, or, with `back`,
/// towards the data.
std::vector<double> expected(const Layer& layer, bool back, const float* kernel,
                             const float* source, const float* addend) {
  const Shape to = back ? layer.in : layer.out;
  std::vector<double> sums(addend, addend + to.elements() * kLanes);
  for_meetings(layer, [&](int output, int position, int input) {
    for (int filter = 0; filter < layer.out.channels; ++filter) {
      for (int channel = 0; channel < layer.in.channels; ++channel) {
        const double weight = double{kernel[layer.weight(filter, position, channel)]};
        for (int lane = 0; lane < kLanes; ++lane) {
          const std::size_t y = place(layer.out, output, filter, lane);
          const std::size_t x = place(layer.in, input, channel, lane);
          sums[back ? x : y] += weight * double{source[back ? y : x]};
        }
      }
    }
  });
  return sums;
}

constexpr int kLayers = 60;

void expect_convolution(bool back) {
  Rng rng(back ? 2 : 1);
  int of_winograd = 0;
  for (int i = 0; i < kLayers; ++i) {
    const Layer layer = random_layer(rng);
    const Shape from = back ? layer.out : layer.in;
    const Shape to = back ? layer.in : layer.out;
    const Sweep sweep =
        back
            ? Sweep{from, to, backward_axis(layer.window.rows), backward_axis(layer.window.columns)}
            : Sweep{from, to, forward_axis(layer.window.rows), forward_axis(layer.window.columns)};
    of_winograd += suits_winograd(sweep) ? 1 : 0;
    AlignedFloats kernel = random_floats(rng, layer.weights());
    AlignedFloats source = random_floats(rng, from.elements() * kLanes);
    AlignedFloats output = random_floats(rng, to.elements() * kLanes);
    const auto sums = expected(layer, back, kernel.data(), source.data(), output.data());
    AlignedFloats packed(packed_floats(sweep));
    pack_weights(
        sweep,
        [&](int o, int p, int c) {
          return kernel.data()[layer.weight(back ? c : o, p, back ? o : c)];
        },
        packed.data());
    AlignedFloats scratch(scratch_floats(sweep));
    convolve({.sweep = &sweep,
              .source = source.data(),
              .weights = packed.data(),
              .addend = output.data(),
              .output = output.data(),
              .activation = Activation::kRelu,
              .scratch = scratch.data()});
    for (std::size_t at = 0; at < sums.size(); ++at) {
      ASSERT_NEAR(output.data()[at], std::max(0.0, sums[at]), 1e-4)
          << "layer " << i << " at " << at;
    }
  }
  EXPECT_GT(of_winograd, kLayers / 10);
  EXPECT_LT(of_winograd, kLayers / 2);
}

TEST(ConvolutionKernels, ConvolveAsTheDefinitionSays) { expect_convolution(false); }
TEST(ConvolutionKernels, PassGradientsToTheDataAsTheDefinitionSays) { expect_convolution(true); }

TEST(ConvolutionKernels, PassGradientsToTheKernelAsTheDefinitionSays) {
  Rng rng(3);
  int of_winograd = 0;
  for (int i = 0; i < kLayers; ++i) {
    const Layer layer = random_layer(rng);
    const WeightSweep sweep(layer.in, layer.out, layer.window);
    of_winograd += sweep.winograd ? 1 : 0;
    AlignedFloats input = random_floats(rng, layer.in.elements() * kLanes);
    AlignedFloats gradient = random_floats(rng, layer.out.elements() * kLanes);
    std::vector<double> sums(static_cast<std::size_t>(layer.weights()));
    for_meetings(layer, [&](int output, int position, int pixel) {
      for (int filter = 0; filter < layer.out.channels; ++filter) {
        for (int channel = 0; channel < layer.in.channels; ++channel) {
          double& sum = sums[static_cast<std::size_t>(layer.weight(filter, position, channel))];
          for (int lane = 0; lane < kLanes; ++lane) {
            sum += double{gradient.data()[place(layer.out, output, filter, lane)]} *
                   double{input.data()[place(layer.in, pixel, channel, lane)]};
          }
        }
      }
    });
    AlignedFloats partial(sweep.sums() * partial_sums_width());
    AlignedFloats scratch(scratch_floats(sweep));
    accumulate({.sweep = &sweep,
                .source = input.data(),
                .output = gradient.data(),
                .partial_sums = partial.data(),
                .scratch = scratch.data()});
    std::vector<float> found(sums.size());
    finish_kernel_gradient(sweep, {.first = partial.data(), .shards = 1, .pitch = 0}, found.data());
    for (std::size_t at = 0; at < sums.size(); ++at) {
      ASSERT_NEAR(double{found[at]}, sums[at], 2e-3) << "layer " << i << " at " << at;
    }
  }
  EXPECT_GT(of_winograd, kLayers / 10);
  EXPECT_LT(of_winograd, kLayers / 2);
}

}  // namespace
}  // namespace thimble::engine
