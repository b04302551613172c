#include "quant/int8_functions.hpp"

#include <algorithm>
#include <limits>

#include "quant/int8_fixed.hpp"
#include "thimble/quant/fixed_point.hpp"
#include "thimble/quant/scales.hpp"

namespace thimble::int8 {
namespace {

constexpr int kFunctionInputBits = 4;

std::int8_t saturated(std::int32_t q) { return static_cast<std::int8_t>(std::clamp(q, -128, 127)); }

/// No integer bits in the results of both: 1 is 2^31 − 1.
std::int32_t logistic(std::int32_t x) {
  if (x == 0) return 1 << 30;
  const std::int32_t of_positive =
      reciprocal_of_one_plus(exponential(x > 0 ? -x : x, kFunctionInputBits));
  return x > 0 ? of_positive : std::numeric_limits<std::int32_t>::max() - of_positive;
}

std::int32_t tangent(std::int32_t x) {
  if (x == 0) return 0;
  // tanh x = (1 − e^(−2x)) / (1 + e^(−2x)); twice the number is the same with one integer bit more.
  const std::int32_t of_positive =
      one_minus_over_one_plus(exponential(x > 0 ? -x : x, kFunctionInputBits + 1));
  return x > 0 ? of_positive : -of_positive;
}

/// A function of numbers with four integer bits, which saturates beyond them.
struct Saturating {
  std::int32_t (*function)(std::int32_t);
  int fraction_bits;  // that the result's int8 drop
  Multiplier to_fixed;
  int radius;

  Saturating(std::int32_t (*function_of)(std::int32_t), int dropped, float input_scale)
      : function(function_of),
        fraction_bits(dropped),
        to_fixed(quantised_multiplier(double{input_scale} * (1 << (31 - kFunctionInputBits)))),
        radius(input_radius(kFunctionInputBits, to_fixed.shift)) {}

  std::int8_t operator()(std::int32_t difference, std::int32_t zero_point) const {
    if (difference <= -radius) return -128;
    if (difference >= radius) return 127;
    const std::int32_t result = function(rescale(difference, to_fixed));
    return saturated(rounding_divide_by_power_of_two(result, fraction_bits) + zero_point);
  }
};

constexpr std::int16_t saturated_to_16_bits(std::int64_t x) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(x, -32768, 32767));
}

/// The nearest integer to a·b / 2^15, ties up; b is not −2^15.
std::int16_t rounding_high_mul(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>((std::int32_t{a} * b + (1 << 14)) >> 15);
}

std::int16_t high_half(std::int32_t mantissa) {
  return saturated_to_16_bits((std::int64_t{mantissa} + (1 << 15)) >> 16);
}

struct HardSwish {
  HardSwishMultipliers multipliers;

  std::int8_t operator()(std::int32_t difference, std::int32_t zero_point) const {
    const auto fine = static_cast<std::int16_t>(difference * 128);
    const std::int16_t value = rounding_high_mul(fine, high_half(multipliers.output.mantissa));
    // (x + 3) / 6 as a fraction of 2^15 in [0, 1]: x first with 3 as 1, in [−1, 1]. The last bit of
    // a left shift comes after the product, so that saturation falls there.
    const int shift = multipliers.gate.shift;
    std::int16_t gate = fine;
    if (shift > 0)
      gate = saturated_to_16_bits(std::int64_t{gate} * (std::int64_t{1} << (shift - 1)));
    gate = rounding_high_mul(gate, high_half(multipliers.gate.mantissa));
    if (shift > 0) gate = saturated_to_16_bits(std::int64_t{gate} * 2);
    if (shift < 0) gate = static_cast<std::int16_t>(rounding_divide_by_power_of_two(gate, -shift));
    gate = static_cast<std::int16_t>((gate + (1 << 15)) >> 1);
    const std::int32_t product = std::int32_t{gate} * value / (1 << 15);
    return saturated(rounding_divide_by_power_of_two(product, -multipliers.output.shift) +
                     zero_point);
  }
};

template <class Of>
FunctionTable table_of(const Of& function, QuantParams in, QuantParams out) {
  FunctionTable table;
  for (int q = -128; q <= 127; ++q) {
    table[static_cast<std::uint8_t>(q)] = function(q - in.zero_point, out.zero_point);
  }
  return table;
}

}  // namespace

FunctionTable function_table(Function function, QuantParams in, QuantParams out) {
  constexpr int kLogisticFraction = 31 - 8;
  constexpr int kTangentFraction = 31 - 7;
  switch (function) {
    case Function::kLogistic:
      return table_of(Saturating(logistic, kLogisticFraction, in.scale), in, out);
    case Function::kTanh:
      return table_of(Saturating(tangent, kTangentFraction, in.scale), in, out);
    case Function::kHardSwish:
      return table_of(HardSwish{hard_swish_multipliers(in.scale, out.scale)}, in, out);
  }
  return {};
}

}  // namespace thimble::int8
