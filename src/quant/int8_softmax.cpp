#include "quant/int8_softmax.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "quant/int8_fixed.hpp"
#include "thimble/quant/fixed_point.hpp"

namespace thimble::int8 {
namespace {

constexpr double kLargestMultiplier = std::numeric_limits<std::int32_t>::max();
constexpr int kSoftmaxInputBits = 5;
constexpr int kSumIntegerBits = 12;

}  // namespace

IntegerSoftmax::IntegerSoftmax(float input_scale) {
  const double real =
      std::min(double{input_scale} * (1 << (31 - kSoftmaxInputBits)), kLargestMultiplier);
  const Multiplier multiplier = quantised_multiplier(real);
  const int largest_difference = std::min(input_radius(kSoftmaxInputBits, multiplier.shift), 255);
  exponentials_.fill(-1);
  for (int d = 0; d <= largest_difference; ++d) {
    exponentials_[static_cast<std::size_t>(d)] =
        exponential(rescale(-d, multiplier), kSoftmaxInputBits);
  }
}

void IntegerSoftmax::row(std::span<const std::int8_t> in, std::span<std::int8_t> out) const {
  const std::int8_t largest = *std::ranges::max_element(in);
  const auto exponential_at = [&](std::size_t i) {
    return exponentials_[static_cast<std::size_t>(largest - in[i])];
  };
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (exponential_at(i) >= 0)
      sum += rounding_divide_by_power_of_two(exponential_at(i), kSumIntegerBits);
  }
  // sum = 2^(kSumIntegerBits − zeros) · (1 + fraction)
  const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
  const std::uint32_t fraction = (static_cast<std::uint32_t>(sum) << zeros) - (1U << 31);
  const std::int32_t scale = reciprocal_of_one_plus(static_cast<std::int32_t>(fraction));
  const int shift = kSumIntegerBits - zeros + 31 - 8;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::int32_t e = exponential_at(i);
    const std::int32_t share =
        rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(scale, e), shift);
    const std::int32_t q = e < 0 ? -128 : share - 128;
    out[i] = static_cast<std::int8_t>(std::clamp(q, -128, 127));
  }
}

}  // namespace thimble::int8
