#pragma once

#include "convolution.hpp"

namespace thimble::engine {

/// A depthwise convolution of one block of 16 images, or its gradient towards the data. Output
/// channel c reads the source channels (c / fan_out) · fan_in … + fan_in − 1; one of the two
/// factors is the multiplier, the other is 1.
struct DepthwiseConvolution {
  const Sweep* sweep = nullptr;
  int fan_out = 1;
  int fan_in = 1;
  const float* source = nullptr;
  const float* weights = nullptr;  // [output channels · fan_in][packed rows][packed columns]
  const float* bias = nullptr;     // [output channels], or null
  const float* addend = nullptr;   // as in Convolution
  float* output = nullptr;
  Activation activation = Activation::kNone;
};
void convolve_depthwise(const DepthwiseConvolution& task);

/// Partial sums as in KernelGradient, ordered [output channels][kernel rows][kernel
/// columns][width].
struct DepthwiseGradient {
  const Sweep* sweep = nullptr;  // the forward one
  int multiplier = 1;
  const float* source = nullptr;
  const float* output = nullptr;
  float* partial_sums = nullptr;
};
void accumulate_depthwise(const DepthwiseGradient& task);

}  // namespace thimble::engine
