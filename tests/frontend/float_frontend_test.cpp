#include "thimble/frontend/float_frontend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "thimble/core/error.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// One frame of 16 samples, no window, bins of 1 Hz.
Settings small_spectrum() {
  return {.kind = Kind::kStft,
          .sample_rate = 16,
          .clip_length = 16,
          .window_length = 16,
          .hop_length = 16,
          .fft_size = 16,
          .window = Window::kRectangular,
          .log = {.kind = LogKind::kNone}};
}

std::vector<std::int16_t> cosine(int cycles, double amplitude) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < 16; ++i) {
    const double value = amplitude * std::cos(2 * std::numbers::pi * cycles * i / 16);
    samples.push_back(static_cast<std::int16_t>(std::lround(value)));
  }
  return samples;
}

// A cosine of amplitude ½ that fits the frame: |X| = ½ · 16 / 2 = 4 at its bin, 0 elsewhere.
TEST(FloatFrontend, PutsACosineIntoItsBin) {
  const auto magnitude = FloatFrontend(small_spectrum()).features(cosine(4, 16384));
  ASSERT_EQ(magnitude.size(), 9U);
  for (std::size_t k = 0; k < magnitude.size(); ++k) {
    EXPECT_NEAR(magnitude[k], k == 4 ? 4 : 0, 1e-9) << k;
  }
  Settings power = small_spectrum();
  power.spectrum = Spectrum::kPower;
  power.log = {.kind = LogKind::kDecibel, .floor = 1e-3};
  const auto decibels = FloatFrontend(power).features(cosine(4, 16384));
  EXPECT_NEAR(decibels[4], 10 * std::log10(16), 1e-9);
  EXPECT_NEAR(decibels[5], -30, 1e-9);
}

// Bins of 1 Hz, bands of one bin each: a band at k Hz with edges k − 1 and k + 1 would see only its
// bin. Here one band from 2 to 6 Hz in Hertz: weights ½, 1, ½ at 3, 4, 5 Hz.
TEST(FloatFrontend, WeighsTheBinsOfABandAndTakesItsLogarithm) {
  Settings s = small_spectrum();
  s.kind = Kind::kLogMel;
  s.mel = {
      .bands = 1, .low_hz = 2, .high_hz = 6, .scale = MelScale::kSlaney, .slope = MelSlope::kHertz};
  s.log = {.offset = 0.25};
  EXPECT_NEAR(FloatFrontend(s).features(cosine(4, 16384)).at(0), std::log(4 + 0.25), 1e-9);
  EXPECT_NEAR(FloatFrontend(s).features(cosine(5, 16384)).at(0), std::log(2 + 0.25), 1e-3);
  s.mel.unit_area = true;  // 2 / (6 − 2)
  EXPECT_NEAR(FloatFrontend(s).features(cosine(4, 16384)).at(0), std::log(2 + 0.25), 1e-9);
}

// Silence: each of 40 logarithms is ln 10⁻⁶, so c_0 = sqrt(2 / 40) · 40 ln 10⁻⁶ = −123.58, and the
// cosines of every other coefficient sum to 0.
TEST(FloatFrontend, MakesOfSilenceTheLogarithmOfTheOffset) {
  const FloatFrontend front_end(find_preset("mlperf-tiny-kws").settings);
  const auto features = front_end.features(std::vector<std::int16_t>(16000));
  ASSERT_EQ(features.size(), 490U);
  for (std::size_t i = 0; i < features.size(); ++i) {
    EXPECT_NEAR(features[i], i % 10 == 0 ? std::sqrt(80) * std::log(1e-6) : 0, 1e-9) << i;
  }
}

TEST(FloatFrontend, DividesByTheLargestSampleOfTheClip) {
  const Settings settings = find_preset("mlperf-tiny-kws").settings;
  std::vector<std::int16_t> quiet(16000);
  std::vector<std::int16_t> loud(16000);
  for (std::size_t i = 0; i < quiet.size(); ++i) {
    quiet[i] = static_cast<std::int16_t>((i * i) % 101 - 50);
    loud[i] = static_cast<std::int16_t>(8 * quiet[i]);
  }
  const auto a = FloatFrontend(settings).features(quiet);
  const auto b = FloatFrontend(settings).features(loud);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-9) << i;
}

TEST(FloatFrontend, PassesSamplesOnWhereTheyAreTheFeatures) {
  const Settings s{.kind = Kind::kRaw,
                   .clip_length = 5,
                   .window_length = 2,
                   .hop_length = 2,
                   .quantisation = {.scale = 1.0 / 128}};
  EXPECT_EQ(s.frames(), 2);
  const std::vector<std::int16_t> clip = {-32768, 16384, 256, -1, 77};
  const auto features = FloatFrontend(s).features(clip);
  EXPECT_THAT(features, ElementsAre(-1.0, 0.5, 1.0 / 128, -1.0 / 32768));
  EXPECT_THAT(quantise(features, s.quantisation), ElementsAre(-128, 64, 1, 0));
}

TEST(FloatFrontend, RefusesAClipOfAnotherLength) {
  const FloatFrontend front_end(find_preset("mlperf-tiny-kws").settings);
  EXPECT_THAT(
      [&] { front_end.features(std::vector<std::int16_t>(15999)); },
      ThrowsMessage<DataError>("front end: clip = 15999 samples: must be clip_length = 16000"));
}

TEST(FitClip, CutsWhatIsTooLongAndFillsWhatIsTooShort) {
  const Settings s{.clip_length = 3};
  EXPECT_THAT(fit_clip(std::vector<std::int16_t>{1, 2, 3, 4}, s), ElementsAre(1, 2, 3));
  EXPECT_THAT(fit_clip(std::vector<std::int16_t>{1}, s), ElementsAre(1, 0, 0));
}

TEST(Quantise, RoundsAsItIsToldAndSaturates) {
  const std::vector<double> values = {0.24, 0.25, -0.25, -0.26, 0.74, -100, 100};
  EXPECT_THAT(quantise(values, {.scale = 0.5}), ElementsAre(0, 1, -1, -1, 1, -128, 127));
  EXPECT_THAT(quantise(values, {.scale = 0.5, .rounding = Rounding::kTruncate}),
              ElementsAre(0, 0, 0, 0, 1, -128, 127));
  // The zero point is added before the cut: −0.5 + 3 = 2.5.
  EXPECT_THAT(quantise(std::vector{-0.25},
                       {.scale = 0.5, .zero_point = 3, .rounding = Rounding::kTruncate}),
              ElementsAre(2));
}

}  // namespace
}  // namespace thimble::frontend
