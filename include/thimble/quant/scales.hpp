#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "thimble/quant/fixed_point.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// An interval of real numbers, both ends included.
struct Range {
  float low = 0;
  float high = 0;

  bool operator==(const Range&) const = default;
};

/// The smallest scale that an activation gets. Below it TFLM could not hold 6 / scale (ReLU6) in an
/// int32 nor set up a softmax.
constexpr float kSmallestScale = 0x1p-24F;

/// int8 parameters for a range, which is first widened to hold 0: scale = (high − low) / 255 and
/// the zero point nudged to an integer, as TFLite's converter does. A range without width gets
/// scale 1/255.
QuantParams quant_params(Range range);

/// What a softmax's or a logistic function's output always has in TFLite: scale 1/256, zero point
/// −128.
constexpr QuantParams kSoftmaxParams{.scale = 1.0F / 256, .zero_point = -128};
/// The same of a hyperbolic tangent.
constexpr QuantParams kTanhParams{.scale = 1.0F / 128, .zero_point = 0};

/// Parameters that an operator's output always has in TFLite, and the values that it can take.
struct FixedOutput {
  QuantParams params;
  Range values;
};
/// None for an operator whose output is scaled freely.
std::optional<FixedOutput> fixed_output(const Op& op);

/// round(x / scale) + zero_point with halves away from zero, saturated to int8. Throws DataError
/// naming the first value that is not finite.
std::vector<std::int8_t> quantise_inputs(std::span<const float> values, QuantParams params);

/// scale · (q − zero_point).
std::vector<float> dequantise(std::span<const std::int8_t> values, QuantParams params);

/// The int8 values that an activation function leaves, both ends included.
struct Clamp {
  std::int32_t low = -128;
  std::int32_t high = 127;

  bool operator==(const Clamp&) const = default;
};
Clamp activation_clamp(Activation activation, QuantParams output);

/// From an accumulator of a convolution to its output: s_in · s_w / s_out in double.
Multiplier convolution_multiplier(float input_scale, float kernel_scale, float output_scale);

/// The same for a dense layer, where TFLM rounds s_in · s_w to float first.
Multiplier dense_multiplier(float input_scale, float kernel_scale, float output_scale);

/// A product of two activations: s1 · s2 / s_out in double.
Multiplier product_multiplier(float first_scale, float second_scale, float output_scale);

/// From the sum over `count` places, each less its zero point, to their mean: s_in / s_out with the
/// division by `count` folded into the mantissa, which is cut off, not rounded.
Multiplier mean_multiplier(float input_scale, float output_scale, std::int64_t count);

/// TFLM's hard swish works in 16 bits, on 128 · (q − zero_point). `output` brings that to the
/// output's scale, `gate` to where 3 is 2^15; both are worked out in double.
struct HardSwishMultipliers {
  Multiplier output;
  Multiplier gate;
};
HardSwishMultipliers hard_swish_multipliers(float input_scale, float output_scale);

/// An addition brings both inputs, shifted left by 20 bits, to twice the larger of their scales,
/// adds, and rescales.
struct AddMultipliers {
  Multiplier first;
  Multiplier second;
  Multiplier output;
};
constexpr int kAddLeftShift = 20;
AddMultipliers add_multipliers(float first_scale, float second_scale, float output_scale);

}  // namespace thimble
