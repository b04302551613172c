#pragma once

#include <span>

#include "quant/window.hpp"
#include "thimble/graph/model.hpp"

/// The kernels of the float interpreter. A tensor of sixteen samples lies in memory as
/// [height][width][channels][16 samples]. Products and sums are rounded one by one, in an order
/// that does not depend on the target.
namespace thimble::real {

constexpr int kLanes = 16;

inline std::size_t length(Shape shape) {
  return static_cast<std::size_t>(shape.elements()) * kLanes;
}

/// Conv2D, and Dense as a convolution whose kernel is the whole image.
void convolve(const Window& window, const NodeWeights& weights, Activation activation,
              const float* in, float* out);
void convolve_depthwise(const Window& window, const NodeWeights& weights, Activation activation,
                        const float* in, float* out);
void pool(const Window& window, PoolKind kind, const float* in, float* out);
void add(std::span<const float> first, std::span<const float> second, Activation activation,
         float* out);
void activate(std::span<const float> in, Activation activation, float* out);
void concatenate(std::span<const float* const> in, std::span<const Shape> shapes, float* out);
void pad(const Pad& amounts, Shape in_shape, Shape out_shape, const float* in, float* out);
void softmax(Shape shape, const float* in, float* out);
void mean(Shape shape, const float* in, float* out);
void multiply(Shape first_shape, Shape second_shape, Shape out_shape, Activation activation,
              const float* first, const float* second, float* out);
void resize(const ResizeNearest& op, Shape in_shape, const float* in, float* out);
void apply(std::span<const float> in, Function function, float* out);

}  // namespace thimble::real
