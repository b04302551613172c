#include "thimble/quant/scales.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

constexpr double kLowest = -128;
constexpr double kHighest = 127;

}  // namespace

QuantParams quant_params(Range range) {
  const double low = std::min(double{range.low}, 0.0);
  const double high = std::max(double{range.high}, 0.0);
  if (low == high) return {.scale = 1.0F / 255, .zero_point = -128};
  const float scale =
      std::max(static_cast<float>((high - low) / (kHighest - kLowest)), kSmallestScale);
  // Both ends give a zero point; the one whose terms are smaller carries less rounding error.
  const double from_low = kLowest - low / scale;
  const double from_high = kHighest - high / scale;
  const double error_low = std::abs(kLowest) + std::abs(low / scale);
  const double error_high = std::abs(kHighest) + std::abs(high / scale);
  const double zero_point = std::round(error_low < error_high ? from_low : from_high);
  return {.scale = scale,
          .zero_point = static_cast<std::int32_t>(std::clamp(zero_point, kLowest, kHighest))};
}

std::optional<FixedOutput> fixed_output(const Op& op) {
  constexpr FixedOutput kProbability{.params = kSoftmaxParams, .values = {0, 1}};
  if (std::holds_alternative<Softmax>(op)) return kProbability;
  const auto* apply = std::get_if<Apply>(&op);
  if (apply == nullptr) return std::nullopt;
  switch (apply->function) {
    case Function::kLogistic:
      return kProbability;
    case Function::kTanh:
      return FixedOutput{.params = kTanhParams, .values = {-1, 1}};
    case Function::kHardSwish:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::int8_t> quantise_inputs(std::span<const float> values, QuantParams params) {
  std::vector<std::int8_t> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      raise<DataError>("network input: value {} = {}: must be finite", i, values[i]);
    }
    const float steps =
        std::round(values[i] / params.scale) + static_cast<float>(params.zero_point);
    result[i] = static_cast<std::int8_t>(std::clamp(steps, -128.0F, 127.0F));
  }
  return result;
}

std::vector<float> dequantise(std::span<const std::int8_t> values, QuantParams params) {
  std::vector<float> result(values.size());
  std::ranges::transform(values, result.begin(), [&](std::int8_t q) {
    return params.scale * static_cast<float>(q - params.zero_point);
  });
  return result;
}

Clamp activation_clamp(Activation activation, QuantParams output) {
  Clamp clamp;
  if (activation != Activation::kNone) clamp.low = std::max(clamp.low, output.zero_point);
  if (activation == Activation::kRelu6) {
    const auto six = static_cast<std::int32_t>(std::round(6.0F / output.scale));
    clamp.high = std::min(clamp.high, output.zero_point + six);
  }
  return clamp;
}

Multiplier convolution_multiplier(float input_scale, float kernel_scale, float output_scale) {
  return quantised_multiplier(double{input_scale} * double{kernel_scale} / double{output_scale});
}

Multiplier dense_multiplier(float input_scale, float kernel_scale, float output_scale) {
  const float product = input_scale * kernel_scale;
  return quantised_multiplier(double{product} / double{output_scale});
}

Multiplier product_multiplier(float first_scale, float second_scale, float output_scale) {
  return quantised_multiplier(double{first_scale} * double{second_scale} / double{output_scale});
}

Multiplier mean_multiplier(float input_scale, float output_scale, std::int64_t count) {
  Multiplier result = quantised_multiplier(double{input_scale} / double{output_scale});
  // count is in [2^log2, 2^(log2 + 1)). What TFLM shifts out of the shift may not take it below
  // −31.
  const int log2 = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1;
  const int kept = std::min({log2, 32, 31 + result.shift});
  result.mantissa =
      static_cast<std::int32_t>(std::int64_t{result.mantissa} * (std::int64_t{1} << kept) / count);
  result.shift -= kept;
  return result;
}

HardSwishMultipliers hard_swish_multipliers(float input_scale, float output_scale) {
  const double fine_scale = double{input_scale} / 128;
  return {.output = quantised_multiplier(fine_scale / double{output_scale}),
          .gate = quantised_multiplier(fine_scale / (3.0 / 32768))};
}

AddMultipliers add_multipliers(float first_scale, float second_scale, float output_scale) {
  const double twice_larger = 2 * double{std::max(first_scale, second_scale)};
  return {
      .first = quantised_multiplier(first_scale / twice_larger),
      .second = quantised_multiplier(second_scale / twice_larger),
      .output = quantised_multiplier(twice_larger / ((1 << kAddLeftShift) * double{output_scale}))};
}

}  // namespace thimble
