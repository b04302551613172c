#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace thimble {

/// A positive real number as TensorFlow Lite multiplies with it: mantissa · 2^(shift − 31), where
/// mantissa is 0 or in [2^30, 2^31). Shift is above −32.
struct Multiplier {
  std::int32_t mantissa = 0;
  int shift = 0;

  bool operator==(const Multiplier&) const = default;
};

/// The nearest Multiplier, half away from zero; 0 for anything whose shift would be below −31
/// (about 2^−32 and less). `real` is finite and not negative.
Multiplier quantised_multiplier(double real);

/// ⌊(a·b + 2^30) / 2^31⌋: the nearest integer to a·b / 2^31, ties up. Saturates where a = b =
/// −2^31.
constexpr std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  if (a == kLowest && b == kLowest) return std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// The nearest integer to x / 2^exponent, half away from zero; exponent in [0, 31].
constexpr std::int32_t rounding_divide_by_power_of_two(std::int32_t x, int exponent) {
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t remainder = x & mask;
  const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/// x · multiplier, rounded twice (gemmlowp; TFLite without TFLITE_SINGLE_ROUNDING). A left shift
/// that does not fit wraps.
constexpr std::int32_t rescale(std::int32_t x, Multiplier multiplier) {
  const int left = std::max(multiplier.shift, 0);
  const int right = std::max(-multiplier.shift, 0);
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_divide_by_power_of_two(
      saturating_rounding_doubling_high_mul(shifted, multiplier.mantissa), right);
}

}  // namespace thimble
