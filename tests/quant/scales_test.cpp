#include "thimble/quant/scales.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;

TEST(QuantParams, HoldZeroExactly) {
  // Width 255 / 255 = 1; −128 − (−100) = −28.
  EXPECT_EQ(quant_params({-100, 155}), (QuantParams{1, -28}));
  // [1, 2] is widened to [0, 2].
  EXPECT_EQ(quant_params({1, 2}), (QuantParams{2.0F / 255, -128}));
  EXPECT_EQ(quant_params({-3, -1}), (QuantParams{3.0F / 255, 127}));
  // −128 + 100.4 = −27.6 → −28
  EXPECT_EQ(quant_params({-100.4F, 154.6F}).zero_point, -28);
}

TEST(QuantParams, AreValidForEveryRange) {
  EXPECT_EQ(quant_params({0, 0}), (QuantParams{1.0F / 255, -128}));
  EXPECT_EQ(quant_params({0, 1e-30F}).scale, kSmallestScale);
  constexpr float kLargest = std::numeric_limits<float>::max();
  const QuantParams wide = quant_params({-kLargest, kLargest});
  EXPECT_TRUE(std::isfinite(wide.scale));
  EXPECT_LE(std::abs(wide.zero_point), 1);
}

TEST(QuantiseInputs, RoundsHalvesAwayFromZeroAndSaturates) {
  const QuantParams params{0.5F, 10};
  const std::vector<float> values{0, 0.25F, -0.25F, 0.2F, 1e9F, -1e9F};
  EXPECT_THAT(quantise_inputs(values, params), ElementsAre(10, 11, 9, 10, 127, -128));
  EXPECT_THAT(dequantise(std::vector<std::int8_t>{10, 12, -128}, params), ElementsAre(0, 1, -69));
}

TEST(QuantiseInputs, NamesAValueThatIsNotFinite) {
  const std::vector<float> values{0, std::numeric_limits<float>::quiet_NaN()};
  try {
    quantise_inputs(values, {});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "network input: value 1 = nan: must be finite");
  }
}

TEST(ActivationClamp, IsTheRangeInTheOutputsSteps) {
  const QuantParams params{0.1F, -100};
  EXPECT_EQ(activation_clamp(Activation::kNone, params), (Clamp{-128, 127}));
  EXPECT_EQ(activation_clamp(Activation::kRelu, params), (Clamp{-100, 127}));
  EXPECT_EQ(activation_clamp(Activation::kRelu6, params), (Clamp{-100, -40}));
  EXPECT_EQ(activation_clamp(Activation::kRelu6, {0.01F, 0}), (Clamp{0, 127}));
}

// 1 = 2^30 · 2^(1 − 31). Six places: 2^30 · 4 / 6 is cut off, two bits go from the shift.
TEST(MeanMultiplier, HoldsTheDivisionByTheCount) {
  EXPECT_EQ(mean_multiplier(0.5F, 0.5F, 1), (Multiplier{1 << 30, 1}));
  EXPECT_EQ(mean_multiplier(0.5F, 0.5F, 6), (Multiplier{715'827'882, -1}));
  EXPECT_EQ(mean_multiplier(0x1p-20F, 0x1p10F, 1 << 10), (Multiplier{1 << 22, -31}))
      << "a shift of −29 has two bits to give";
}

TEST(FixedOutput, IsWhatTfliteGivesProbabilitiesAndTangents) {
  EXPECT_EQ(fixed_output(Softmax{}).value().params, kSoftmaxParams);
  EXPECT_EQ(fixed_output(Apply{Function::kLogistic}).value().params, kSoftmaxParams);
  EXPECT_EQ(fixed_output(Apply{Function::kTanh}).value().params, (QuantParams{1.0F / 128, 0}));
  EXPECT_FALSE(fixed_output(Apply{Function::kHardSwish}));
  EXPECT_FALSE(fixed_output(Add{}));
}

// s_in · s_w rounds to float before the division: 1/3 · 1/3 in float is not 1/9 in double.
TEST(DenseMultiplier, RoundsTheProductOfScalesToFloat) {
  const float third = 1.0F / 3;
  const float product = third * third;
  EXPECT_EQ(dense_multiplier(third, third, 1), quantised_multiplier(product));
  EXPECT_EQ(convolution_multiplier(third, third, 1), quantised_multiplier(double{third} * third));
  EXPECT_NE(dense_multiplier(third, third, 1), convolution_multiplier(third, third, 1));
}

}  // namespace
}  // namespace thimble
