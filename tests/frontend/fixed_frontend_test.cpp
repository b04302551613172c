// The device's integers against the recipe in double.
#include "thimble/frontend/fixed_frontend.hpp"

#include <gtest/gtest.h>

#include <array>
#include <iostream>

#include "agreement.hpp"
#include "signals.hpp"
#include "thimble/core/error.hpp"
#include "thimble/frontend/float_frontend.hpp"
#include "thimble/frontend/presets.hpp"

namespace thimble::frontend {
namespace {

std::vector<std::int8_t> fixed(const Settings& settings, const std::vector<std::int16_t>& clip) {
  return FixedFrontend(settings).features(clip);
}

std::vector<std::int8_t> expected(const Settings& settings, const std::vector<std::int16_t>& clip) {
  return quantise(FloatFrontend(settings).features(clip), settings.quantisation);
}

void expect_within_one(const Settings& settings, const std::vector<std::int16_t>& clip) {
  const auto a = fixed(settings, clip);
  const auto b = expected(settings, clip);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a[i], b[i], 1) << i << " of " << to_json(settings).dump();
  }
}

TEST(FixedFrontend, IsWithinOneOfTheRecipeForEachPreset) {
  Rng rng(1);
  for (const Preset& preset : presets()) {
    for (const double deviation : {2.0, 100.0, 10000.0}) {
      expect_within_one(preset.settings, noise(rng, preset.settings.clip_length, deviation));
    }
    for (int i = 0; i < 5; ++i) {
      expect_within_one(preset.settings, sounds(rng, preset.settings.clip_length));
    }
  }
}

Settings random_settings(Rng& rng) {
  const auto pick = [&](int low, int high) { return static_cast<int>(rng.uniform_int(low, high)); };
  Settings s;
  s.kind = std::array{Kind::kStft, Kind::kLogMel, Kind::kMfcc}[rng.bits() % 3];
  s.fft_size = 64 << pick(0, 6);
  s.window_length = pick(s.fft_size / 2, s.fft_size);
  s.hop_length = pick(s.window_length / 3, 2 * s.window_length);
  s.clip_length = s.window_length + pick(0, 5 * s.window_length);
  s.sample_rate = pick(100, 48000);
  s.window = std::array{Window::kHann, Window::kHamming, Window::kRectangular}[rng.bits() % 3];
  s.spectrum = rng.chance(0.5) ? Spectrum::kPower : Spectrum::kMagnitude;
  s.level = rng.chance(0.5) ? Level::kClipMaximum : Level::kFullScale;
  s.mel = {.bands = pick(1, 12),
           .low_hz = rng.uniform(0, 0.1) * s.sample_rate,
           .high_hz = rng.uniform(0.35, 0.5) * s.sample_rate,
           .scale = rng.chance(0.5) ? MelScale::kSlaney : MelScale::kHtk,
           .slope = rng.chance(0.5) ? MelSlope::kHertz : MelSlope::kMel,
           .unit_area = rng.chance(0.5)};
  s.dct_coefficients = pick(1, s.mel.bands);
  s.log.kind = rng.chance(0.5) ? LogKind::kDecibel : LogKind::kNatural;
  (rng.chance(0.5) ? s.log.offset : s.log.floor) = std::exp2(rng.uniform(-30, 2));
  // Decibels are 4.3 or 8.7 times as large as natural logarithms.
  s.quantisation = {.scale = (s.log.kind == LogKind::kDecibel ? 5 : 1) * rng.uniform(0.05, 0.5),
                    .zero_point = pick(-20, 60),
                    .rounding = rng.chance(0.5) ? Rounding::kTruncate : Rounding::kNearest};
  return s;
}

bool is_sound(const Settings& settings) {
  try {
    check(settings);
    return true;
  } catch (const ConfigError&) {
    return false;
  }
}

TEST(FixedFrontend, IsWithinOneOfTheRecipeForRandomSettings) {
  Rng rng(1);
  int tried = 0;
  Agreement agreement;
  for (int i = 0; i < 300; ++i) {
    const Settings settings = random_settings(rng);
    if (!is_sound(settings)) continue;  // a band without a bin
    ++tried;
    for (const auto& clip : {noise(rng, settings.clip_length, std::exp2(rng.uniform(2, 13))),
                             sounds(rng, settings.clip_length)}) {
      agreement.add(fixed(settings, clip), expected(settings, clip));
    }
  }
  std::cout << agreement << "\n";
  // A bin where the noise happens to cancel out is below what a frame's rounding leaves.
  EXPECT_GE(agreement.percent(agreement.within_one), 99.9) << agreement;
  EXPECT_GE(agreement.percent(agreement.equal), 97) << agreement;
  EXPECT_GT(tried, 150);
}

TEST(FixedFrontend, IsWithinOneOfASpectrumThatIsNoLogarithm) {
  Rng rng(1);
  for (const Spectrum spectrum : {Spectrum::kMagnitude, Spectrum::kPower}) {
    const Settings s{.kind = Kind::kStft,
                     .clip_length = 2000,
                     .spectrum = spectrum,
                     .log = {.kind = LogKind::kNone},
                     .quantisation = {.scale = 0.05, .zero_point = -128}};
    const auto clip = noise(rng, 2000, 3000);
    expect_within_one(s, clip);
    const auto features = fixed(s, clip);
    EXPECT_GT(*std::ranges::max_element(features) - *std::ranges::min_element(features), 50);
  }
}

TEST(FixedFrontend, GivesRawSamplesAsTheRecipeDoes) {
  Rng rng(1);
  for (const Rounding rounding : {Rounding::kNearest, Rounding::kTruncate}) {
    const Settings s{.kind = Kind::kRaw,
                     .clip_length = 1000,
                     .window_length = 50,
                     .hop_length = 50,
                     .quantisation = {.scale = 1.0 / 100, .zero_point = 3, .rounding = rounding}};
    const auto clip = noise(rng, 1000, 8000);
    EXPECT_EQ(fixed(s, clip), expected(s, clip));
  }
}

// Each logarithm of silence is that of the floor, and cosines sum to 0.
TEST(FixedFrontend, MakesOfSilenceWhatTheRecipeDoes) {
  for (const Preset& preset : presets()) {
    const std::vector<std::int16_t> clip(static_cast<std::size_t>(preset.settings.clip_length));
    EXPECT_EQ(fixed(preset.settings, clip), expected(preset.settings, clip)) << preset.name;
  }
}

// In one frame, all that is not 0 lies where the window's weights are below a hundredth.
TEST(FixedFrontend, HearsASoundAtTheEdgeOfAFrame) {
  for (const int end : {2, 4, 10}) {
    std::vector<std::int16_t> clip(16000);
    for (int i = 0; i < end; ++i) {
      clip[static_cast<std::size_t>(320 * 20 + i)] = static_cast<std::int16_t>(9000 + i % 7 * 900);
    }
    expect_within_one(find_preset("munas-speech-commands").settings, clip);
  }
}

// The loudest, the softest and the most one-sided that 16 bits can be; the sanitizers watch.
TEST(FixedFrontend, TakesEverySignal) {
  for (const Preset& preset : presets()) {
    const auto length = static_cast<std::size_t>(preset.settings.clip_length);
    for (const int value : {-32768, -1, 1, 32767}) {
      std::vector<std::int16_t> clip(length, static_cast<std::int16_t>(value));
      static_cast<void>(fixed(preset.settings, clip));
      for (std::size_t i = 0; i < length; i += 2) clip[i] = static_cast<std::int16_t>(-1 - clip[i]);
      static_cast<void>(fixed(preset.settings, clip));
      std::ranges::fill(clip, std::int16_t{0});
      clip[length / 2] = static_cast<std::int16_t>(value);
      expect_within_one(preset.settings, clip);
    }
  }
}

TEST(FixedFrontend, RefusesAClipOfAnotherLength) {
  FixedFrontend front_end(find_preset("mlperf-tiny-ad").settings);
  EXPECT_THROW(front_end.features(std::vector<std::int16_t>(3071)), DataError);
}

}  // namespace
}  // namespace thimble::frontend
