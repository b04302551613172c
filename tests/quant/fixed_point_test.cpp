#include "thimble/quant/fixed_point.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "quant/reference_kernels.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();

TEST(QuantisedMultiplier, IsMantissaAndShift) {
  EXPECT_EQ(quantised_multiplier(1), (Multiplier{1 << 30, 1}));     // 1/2 · 2^1
  EXPECT_EQ(quantised_multiplier(0.5), (Multiplier{1 << 30, 0}));   // 1/2 · 2^0
  EXPECT_EQ(quantised_multiplier(0.75), (Multiplier{3 << 29, 0}));  // 3/4 · 2^31 = 3 · 2^29
  EXPECT_EQ(quantised_multiplier(0), (Multiplier{0, 0}));
  // 1 − 2^−40 rounds up to 2^31, which is half of that with one shift more.
  EXPECT_EQ(quantised_multiplier(1 - 0x1p-40), (Multiplier{1 << 30, 1}));
}

TEST(QuantisedMultiplier, VanishesBelowAShiftOfMinus31) {
  EXPECT_EQ(quantised_multiplier(0x1p-32), (Multiplier{1 << 30, -31}));  // 1/2 · 2^−31
  EXPECT_EQ(quantised_multiplier(0x1.fp-33), (Multiplier{0, 0}));
}

TEST(HighMultiplication, RoundsTiesUpAndSaturatesOnce) {
  // 3 · 2^30 / 2^31 = 1.5 → 2; −1.5 → −1.
  EXPECT_EQ(saturating_rounding_doubling_high_mul(3, 1 << 30), 2);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(-3, 1 << 30), -1);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kLowest, kLowest), kHighest);
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kLowest, kHighest), -kHighest);
}

TEST(DivisionByAPowerOfTwo, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(rounding_divide_by_power_of_two(5, 1), 3);    // 2.5
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 1), -3);  // −2.5
  EXPECT_EQ(rounding_divide_by_power_of_two(-6, 2), -2);  // −1.5
  EXPECT_EQ(rounding_divide_by_power_of_two(-5, 2), -1);  // −1.25
  EXPECT_EQ(rounding_divide_by_power_of_two(7, 0), 7);
  EXPECT_EQ(rounding_divide_by_power_of_two(kHighest, 31), 1);
  EXPECT_EQ(rounding_divide_by_power_of_two(kLowest, 31), -1);
}

TEST(Rescale, RoundsTwice) {
  // 0.3 · 5 = 1.5 → 2, though 0.3 is a shift of −1: 5 · 0.6 = 3, and 3 / 2 = 1.5 → 2.
  EXPECT_EQ(rescale(5, quantised_multiplier(0.3)), 2);
  // 0.2495 · 6 = 1.497 would be 1; 6 · 0.998 = 5.988 → 6, and 6 / 4 = 1.5 → 2: the second rounding
  // of the first.
  EXPECT_EQ(rescale(6, quantised_multiplier(0.2495)), 2);
  EXPECT_EQ(rescale(-6, quantised_multiplier(0.2495)), -2);
  EXPECT_EQ(rescale(100, quantised_multiplier(12.5)), 1250);
}

TEST(FixedPoint, AgreesWithExactArithmeticOnRandomNumbers) {
  Rng rng(3);
  for (int i = 0; i < 100000; ++i) {
    const auto a = static_cast<std::int32_t>(rng.bits() >> 32) >> rng.uniform_int(0, 31);
    const auto b = static_cast<std::int32_t>(rng.bits() >> 32) >> rng.uniform_int(0, 31);
    const int exponent = static_cast<int>(rng.uniform_int(0, 31));
    ASSERT_EQ(saturating_rounding_doubling_high_mul(a, b), reference::high_mul(a, b));
    ASSERT_EQ(rounding_divide_by_power_of_two(a, exponent),
              reference::divide_by_power(a, exponent));
    const double real = std::exp2(rng.uniform(-34, 8));
    ASSERT_EQ(rescale(a, quantised_multiplier(real)), reference::scaled(a, real))
        << a << " " << real;
  }
}

}  // namespace
}  // namespace thimble
