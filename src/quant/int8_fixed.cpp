#include "quant/int8_fixed.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "thimble/quant/fixed_point.hpp"

namespace thimble::int8 {
namespace {

// The product of two numbers has the sum of their integer bits.
constexpr auto multiply = saturating_rounding_doubling_high_mul;
constexpr auto halve = rounding_divide_by_power_of_two;

constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kOneOfTwoBits = 1 << 29;

/// x · 2^exponent, saturated.
constexpr std::int32_t saturating_shift_left(std::int32_t x, int exponent) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(std::int64_t{x} * (std::int64_t{1} << exponent),
                               std::numeric_limits<std::int32_t>::min(), kLargest));
}

/// e^x for x in [−1/4, 0), no integer bits: Taylor's series around −1/8 to the fourth power.
constexpr std::int32_t exponential_of_a_quarter(std::int32_t x) {
  constexpr std::int32_t kEighth = 1 << 28;
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;
  constexpr std::int32_t kThird = 715827883;
  const std::int32_t t = x + kEighth;
  const std::int32_t t2 = multiply(t, t);
  const std::int32_t t3 = multiply(t2, t);
  const std::int32_t t4 = multiply(t2, t2);
  // t + t²/2 + t³/6 + t⁴/24 = t + (t² + (t³ + t⁴/4) / 3) / 2
  const std::int32_t tail = halve(multiply(halve(t4, 2) + t3, kThird) + t2, 1);
  return kExpOfMinusEighth + multiply(kExpOfMinusEighth, t + tail);
}

/// 1 / d with two integer bits, d = (1 + x) / 2: three steps of Newton's division from 48/17 −
/// 32/17 · d.
constexpr std::int32_t reciprocal_of_half_of_one_plus(std::int32_t x) {
  constexpr std::int32_t k48Over17 = 1515870810;  // two integer bits
  constexpr std::int32_t kMinus32Over17 = -1010580540;
  const auto half_denominator = static_cast<std::int32_t>((std::int64_t{x} + kLargest + 1) / 2);
  std::int32_t guess = k48Over17 + multiply(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t rest = kOneOfTwoBits - multiply(half_denominator, guess);
    guess += saturating_shift_left(multiply(guess, rest), 2);
  }
  return guess;
}

}  // namespace

std::int32_t exponential(std::int32_t x, int integer_bits) {
  if (x == 0) return kLargest;
  const int fraction_bits = 31 - integer_bits;
  const std::int32_t quarter = 1 << (fraction_bits - 2);
  // x = part − quarters / 4 with part in [−1/4, 0)
  const std::int32_t part = (x & (quarter - 1)) - quarter;
  const std::int32_t quarters = part - x;
  // e^(−2^k) for k = −2 … 4
  constexpr std::int32_t kPowers[] = {1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242};
  std::int32_t result = exponential_of_a_quarter(saturating_shift_left(part, integer_bits));
  for (int k = 0; k < integer_bits + 2; ++k) {
    if ((quarters & (1 << (fraction_bits - 2 + k))) != 0) result = multiply(result, kPowers[k]);
  }
  return result;
}

// Half of it, for the denominator was halved: one integer bit less, and then none.
std::int32_t reciprocal_of_one_plus(std::int32_t x) {
  return saturating_shift_left(reciprocal_of_half_of_one_plus(x), 1);
}

// 2 / (1 + x) − 1
std::int32_t one_minus_over_one_plus(std::int32_t x) {
  return saturating_shift_left(reciprocal_of_half_of_one_plus(x) - kOneOfTwoBits, 2);
}

int input_radius(int integer_bits, int shift) {
  const double radius = static_cast<double>((1 << integer_bits) - 1) * (1 << (31 - integer_bits)) /
                        std::ldexp(1.0, shift);
  return static_cast<int>(std::min(std::floor(radius), 256.0));
}

}  // namespace thimble::int8
