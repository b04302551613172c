#include "quant/int8_softmax.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "thimble/quant/fixed_point.hpp"

namespace thimble::int8 {
namespace {

// A number with b integer bits is raw · 2^(b − 31); the product of two has the sum of their integer
// bits.
constexpr auto multiply = saturating_rounding_doubling_high_mul;
constexpr auto halve = rounding_divide_by_power_of_two;

constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();
constexpr int kInputIntegerBits = 5;
constexpr int kSumIntegerBits = 12;

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

/// e^x for x ≤ 0 with five integer bits; the result has none.
constexpr std::int32_t exponential(std::int32_t x) {
  if (x == 0) return kLargest;
  constexpr int kFractionBits = 31 - kInputIntegerBits;
  constexpr std::int32_t kQuarter = 1 << (kFractionBits - 2);
  // x = part − quarters / 4 with part in [−1/4, 0)
  const std::int32_t part = (x & (kQuarter - 1)) - kQuarter;
  const std::int32_t quarters = part - x;
  // e^(−2^k) for k = −2 … 4
  constexpr std::int32_t kPowers[] = {1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242};
  std::int32_t result = exponential_of_a_quarter(saturating_shift_left(part, kInputIntegerBits));
  for (int k = 0; k < 7; ++k) {
    if ((quarters & (1 << (kFractionBits - 2 + k))) != 0) result = multiply(result, kPowers[k]);
  }
  return result;
}

/// 1 / (1 + x) for x in [0, 1), no integer bits: three steps of Newton's division from 48/17 −
/// 32/17 · d.
constexpr std::int32_t reciprocal_of_one_plus(std::int32_t x) {
  constexpr std::int32_t k48Over17 = 1515870810;  // two integer bits
  constexpr std::int32_t kMinus32Over17 = -1010580540;
  constexpr std::int32_t kOne = 1 << 29;
  const auto half_denominator = static_cast<std::int32_t>((std::int64_t{x} + kLargest + 1) / 2);
  std::int32_t guess = k48Over17 + multiply(half_denominator, kMinus32Over17);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t rest = kOne - multiply(half_denominator, guess);
    guess += saturating_shift_left(multiply(guess, rest), 2);
  }
  // Half of it, for the denominator was halved: one integer bit less, and then none.
  return saturating_shift_left(guess, 1);
}

}  // namespace

IntegerSoftmax::IntegerSoftmax(float input_scale) {
  const double real = std::min(double{input_scale} * (1 << (31 - kInputIntegerBits)),
                               static_cast<double>(kLargest));
  const Multiplier multiplier = quantised_multiplier(real);
  const double radius = static_cast<double>((1 << kInputIntegerBits) - 1) *
                        (1 << (31 - kInputIntegerBits)) / std::ldexp(1.0, multiplier.shift);
  const auto largest_difference = static_cast<int>(std::min(std::floor(radius), 255.0));
  exponentials_.fill(-1);
  for (int d = 0; d <= largest_difference; ++d) {
    exponentials_[static_cast<std::size_t>(d)] = exponential(rescale(-d, multiplier));
  }
}

void IntegerSoftmax::row(std::span<const std::int8_t> in, std::span<std::int8_t> out) const {
  const std::int8_t largest = *std::ranges::max_element(in);
  const auto exponential_at = [&](std::size_t i) {
    return exponentials_[static_cast<std::size_t>(largest - in[i])];
  };
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (exponential_at(i) >= 0) sum += halve(exponential_at(i), kSumIntegerBits);
  }
  // sum = 2^(kSumIntegerBits − zeros) · (1 + fraction)
  const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
  const std::uint32_t fraction = (static_cast<std::uint32_t>(sum) << zeros) - (1U << 31);
  const std::int32_t scale = reciprocal_of_one_plus(static_cast<std::int32_t>(fraction));
  const int shift = kSumIntegerBits - zeros + 31 - 8;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::int32_t e = exponential_at(i);
    const std::int32_t q = e < 0 ? -128 : halve(multiply(scale, e), shift) - 128;
    out[i] = static_cast<std::int8_t>(std::clamp(q, -128, 127));
  }
}

}  // namespace thimble::int8
