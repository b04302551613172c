#include "thimble/features/automatic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/clips.hpp"
#include "thimble/core/error.hpp"
#include "thimble/frontend/float_frontend.hpp"

namespace thimble::features {
namespace {

using frontend::Kind;
using frontend::Settings;

TEST(Automatic, IsTheUsualFrontEndOfKeywordsAt16Kilohertz) {
  const Settings s = automatic(Kind::kMfcc, 16'000, 16'000);
  EXPECT_EQ(s.window_length, 640);
  EXPECT_EQ(s.hop_length, 320);
  EXPECT_EQ(s.fft_size, 1024);
  EXPECT_EQ(s.frames(), 49);
  EXPECT_EQ(s.width(), 10);
  EXPECT_EQ(s.level, frontend::Level::kFullScale);
  EXPECT_EQ(s.mel, (frontend::MelSettings{.bands = 40, .low_hz = 20, .high_hz = 4000}));
  EXPECT_EQ(s.quantisation.rounding, frontend::Rounding::kNearest);
  EXPECT_EQ(automatic(Kind::kLogMel, 16'000, 16'000).width(), 40);
  const Settings raw = automatic(Kind::kRaw, 16'000, 16'000);
  EXPECT_EQ(raw.frames() * raw.width(), 16'000);
}

// It checks what it returns: nothing is thrown where a front end is possible at all.
TEST(Automatic, FindsAFrontEndForEveryRateAndClip) {
  for (const int rate : {100, 250, 1000, 4000, 8000, 11'025, 44'100, 48'000, 192'000, 1'000'000}) {
    for (const int clip : {2, 3, 16, 100, 1000, 16'000, 100'000}) {
      for (const Kind kind : {Kind::kRaw, Kind::kStft, Kind::kLogMel, Kind::kMfcc}) {
        if (clip > rate) continue;
        const Settings s = automatic(kind, rate, clip);
        EXPECT_LE(s.window_length, clip);
        if (kind == Kind::kRaw) continue;
        EXPECT_LE(s.mel.high_hz, rate / 2.0);
        EXPECT_GE(s.fft_size, s.window_length);
      }
    }
  }
  EXPECT_EQ(automatic(Kind::kMfcc, 48'000, 48'000).frames(), 49) << "the same seconds";
  EXPECT_THROW(automatic(Kind::kMfcc, 16'000, 1), ConfigError) << "one sample has no spectrum";
}

// Oracle: all features of all clips, sorted; the clips are fewer than are looked at.
TEST(Fitted, HoldsAllFeaturesOfTheTrainingSplitButTheTails) {
  const Dataset set = tones_dataset();
  ASSERT_LE(set.train.size(), kFittedClips);
  for (const Kind kind : {Kind::kMfcc, Kind::kLogMel, Kind::kRaw}) {
    const Settings s = fitted(automatic(kind, 8000, 1200), set.train);
    const frontend::FloatFrontend front_end(s);
    std::vector<double> all;
    for (std::size_t i = 0; i < set.train.size(); ++i) {
      const auto features = front_end.features(set.train.clip(i));
      all.insert(all.end(), features.begin(), features.end());
    }
    std::ranges::sort(all);
    const double last = static_cast<double>(all.size()) - 1;
    const double quiet = kind == Kind::kRaw ? 0.001 : 0.02;
    const double low = std::min(0.0, all[static_cast<std::size_t>(quiet * last)]);
    const double high = std::max(0.0, all[static_cast<std::size_t>(0.999 * last)]);
    const auto& q = s.quantisation;
    EXPECT_NEAR(q.scale, (high - low) / 255, 1e-12);
    // Both ends are within half a step of an int8.
    EXPECT_GE(low / q.scale + q.zero_point, -128.51);
    EXPECT_LE(high / q.scale + q.zero_point, 127.51);
  }
}

TEST(Fitted, LooksAtClipsFromAllOverALongSplit) {
  Samples train = tones(2 * static_cast<int>(kFittedClips), 1, 400, Rng(1));
  // Silent but for the last of the clips that are looked at.
  std::vector<std::int16_t> sound(train.sound.begin(), train.sound.end());
  std::fill(sound.begin(), sound.end() - 2 * 400, std::int16_t{0});
  train.sound = sound;
  const Settings s = fitted(automatic(Kind::kRaw, 8000, 400), train);
  EXPECT_NE(s.quantisation.scale, 1);
}

TEST(Fitted, TakesSilence) {
  const Samples silence{
      .shape = {1, 400, 1}, .labels = {0, 1}, .sound = std::vector<std::int16_t>(800, 0)};
  EXPECT_EQ(fitted(automatic(Kind::kRaw, 8000, 400), silence).quantisation.scale, 1);
  EXPECT_NO_THROW(fitted(automatic(Kind::kMfcc, 8000, 400), silence));
}

}  // namespace
}  // namespace thimble::features
