#include "thimble/data/waveform.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "support/media.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using fixtures::error_of;
using fixtures::TemporaryFolder;

std::vector<float> tone(std::size_t length, double turn) {
  std::vector<float> sound(length);
  for (std::size_t i = 0; i < length; ++i) {
    const double from_middle = static_cast<double>(i) - static_cast<double>(length - 1) / 2;
    sound[i] = static_cast<float>(0.3 * std::cos(turn * from_middle));
  }
  return sound;
}

std::vector<std::int16_t> loud_clip(std::size_t length, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::int16_t> clip(length);
  for (auto& sample : clip) sample = static_cast<std::int16_t>(std::lround(2000 * rng.normal()));
  return clip;
}

double mean_square(std::span<const float> sound) {
  double sum = 0;
  for (const float x : sound) sum += double{x} * double{x};
  return sum / static_cast<double>(sound.size());
}

TEST(PlayedFaster, RaisesATonesPitchByTheFactor) {
  for (const double factor : {0.9, 1.0, 1.1}) {
    const auto sound = played_faster(tone(400, 0.2), factor);
    const auto expected = tone(400, 0.2 * factor);
    for (std::size_t i = 0; i < 400; ++i) {
      const double at = 199.5 + factor * (static_cast<double>(i) - 199.5);
      // Where the cubic would need samples from outside, silence begins.
      if (at < 1 || at > 398) continue;
      ASSERT_NEAR(sound[i], expected[i], 2e-4) << factor << ": " << i;
    }
  }
}

TEST(PlayedFaster, LeavesAClipAsItIsAtItsOwnSpeedAndSilenceBehindAShorterOne) {
  const auto sound = tone(101, 0.7);
  EXPECT_EQ(played_faster(sound, 1), sound);
  const auto faster = played_faster(sound, 2);
  // 50 + 2 (i − 50): sample 24 reads at −2, 25 at 0.
  for (std::size_t i = 0; i < 25; ++i) EXPECT_EQ(faster[i], 0) << i;
  EXPECT_EQ(faster[25], sound[0]);
  EXPECT_EQ(faster[50], sound[50]);
  EXPECT_EQ(faster[75], sound[100]);
  for (std::size_t i = 76; i < 101; ++i) EXPECT_EQ(faster[i], 0) << i;
}

TEST(AddNoise, MeetsTheRatioOfMeanSquares) {
  const auto clean = tone(1000, 0.3);
  const auto noise = tone(1000, 1.7);
  for (const double decibels : {-6.0, 0.0, 20.0}) {
    auto sound = clean;
    add_noise(noise, decibels, sound);
    std::vector<float> added(1000);
    for (std::size_t i = 0; i < 1000; ++i) added[i] = sound[i] - clean[i];
    EXPECT_NEAR(10 * std::log10(mean_square(clean) / mean_square(added)), decibels, 0.01);
    for (std::size_t i = 0; i < 1000; ++i) {
      EXPECT_NEAR(added[i] * noise[0], added[0] * noise[i], 1e-5) << "only its loudness changes";
    }
  }
  auto sound = clean;
  add_noise(std::vector<float>(1000), 0, sound);
  EXPECT_EQ(sound, clean);
  std::vector<float> silence(1000);
  add_noise(noise, 0, silence);
  EXPECT_EQ(silence, std::vector<float>(1000));
}

TEST(VariedClip, AddsAnExcerptOfARecordingWithinTheRange) {
  const NoiseRecordings recordings{tone(70, 0.9), tone(130, 0.4)};
  const WaveformPolicy policy{.noise = DecibelRange{6, 10}};
  const auto clip = loud_clip(200, 1);
  std::vector<float> as_float;
  for (const auto sample : clip) as_float.push_back(static_cast<float>(sample) / 32768);
  int first_recording = 0;
  double lowest = 99;
  double highest = -99;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto varied = varied_clip(clip, policy, recordings, Rng(seed));
    std::vector<float> added(200);
    for (std::size_t i = 0; i < 200; ++i) {
      added[i] = static_cast<float>(varied[i]) / 32768 - as_float[i];
    }
    const double ratio = 10 * std::log10(mean_square(as_float) / mean_square(added));
    lowest = std::min(lowest, ratio);
    highest = std::max(highest, ratio);
    // A recording begins anew after its end: it repeats.
    const auto repeats = [&](std::size_t length) {
      for (std::size_t i = length; i < 200; ++i) {
        if (std::abs(added[i] - added[i - length]) > 4e-5F) return false;
      }
      return true;
    };
    EXPECT_NE(repeats(70), repeats(130)) << seed;
    first_recording += repeats(70);
  }
  EXPECT_NEAR(first_recording, 150, 5 * std::sqrt(300 * 0.25));
  // What it adds is rounded to 16 bits.
  EXPECT_GE(lowest, 5.95);
  EXPECT_LT(lowest, 6.2);
  EXPECT_LE(highest, 10.05);
  EXPECT_GT(highest, 9.8);
}

TEST(VariedClip, LeavesTheNoiseAsItWasBesideAnotherSpeed) {
  const NoiseRecordings recordings{tone(70, 0.9), tone(130, 0.4)};
  const auto clip = loud_clip(200, 2);
  const WaveformPolicy both{.noise = DecibelRange{10, 10}, .speed = 0.1};
  const WaveformPolicy speed{.speed = 0.1};
  const WaveformPolicy noise{.noise = DecibelRange{10, 10}};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto a = varied_clip(clip, both, recordings, Rng(seed));
    const auto b = varied_clip(clip, speed, {}, Rng(seed));
    const auto c = varied_clip(clip, noise, recordings, Rng(seed));
    // The same excerpt, as loud as the clip at that speed has it.
    double ab = 0;
    double cc = 0;
    double both_added = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const double x = a[i] - b[i];
      const double y = c[i] - clip[i];
      both_added += x * y;
      ab += x * x;
      cc += y * y;
    }
    EXPECT_GT(both_added / std::sqrt(ab * cc), 0.99) << seed;
  }
}

TEST(VariedClip, StaysWithinSixteenBits) {
  const std::vector<std::int16_t> loudest(100, 32767);
  const auto varied = varied_clip(loudest, {.noise = DecibelRange{0, 0}}, {tone(50, 0.1)}, Rng(1));
  EXPECT_EQ(*std::ranges::max_element(varied), 32767);
}

TEST(Noise, IsWhatLiesInTheFolderOfThatName) {
  const TemporaryFolder folder;
  EXPECT_TRUE(find_noise(folder.path()).empty());
  folder.write("_background_noise_/tap.wav", fixtures::wav({100, -200, 300}, 8000));
  folder.write("_background_noise_/README.md", fixtures::bytes("noise"));
  folder.write("_background_noise_/fan.flac", fixtures::flac({500, 600}, 8000));
  const auto files = find_noise(folder.path());
  ASSERT_EQ(files.size(), 2);
  const NoiseRecordings noise = read_noise(files, 8000);
  ASSERT_EQ(noise.size(), 2);
  EXPECT_THAT(noise[0], testing::ElementsAre(500 / 32768.0F, 600 / 32768.0F));
  EXPECT_THAT(noise[1], testing::ElementsAre(100 / 32768.0F, -200 / 32768.0F, 300 / 32768.0F));
}

TEST(Noise, IsRefusedWhereItIsSilentOrBroken) {
  const TemporaryFolder folder;
  const auto silent = folder.write("_background_noise_/none.wav", fixtures::wav({0, 0, 0}, 8000));
  EXPECT_EQ(error_of<DataError>([&] { read_noise(find_noise(folder.path()), 8000); }),
            silent.string() + ": is silent: noise expected");
  folder.write("_background_noise_/none.wav", fixtures::bytes("nothing"));
  EXPECT_EQ(error_of<DataError>([&] { read_noise(find_noise(folder.path()), 8000); }),
            silent.string() + ": is neither WAV nor FLAC, whatever its name");
}

/// Power of the differences over 2^k steps, by which an octave is as good as told from another.
double power_at(std::span<const float> noise, std::size_t step) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t begin = 0; begin + 2 * step <= noise.size(); begin += 2 * step) {
    double early = 0;
    double late = 0;
    for (std::size_t i = 0; i < step; ++i) {
      early += noise[begin + i];
      late += noise[begin + step + i];
    }
    const double difference = (late - early) / static_cast<double>(step);
    sum += difference * difference;
    ++count;
  }
  return sum / static_cast<double>(count);
}

TEST(Noise, IsMadeWhereThereIsNone) {
  const NoiseRecordings noise = read_noise({}, 16'000);
  ASSERT_EQ(noise.size(), 2);
  for (const auto& recording : noise) EXPECT_EQ(recording.size(), 160'000);
  // Means of 2^k numbers: of white noise their power halves with each octave, of pink noise it
  // stays (the slowest numbers change too seldom to tell).
  for (const std::size_t step : {1U, 4U, 16U, 64U}) {
    EXPECT_NEAR(power_at(noise[0], 2 * step) / power_at(noise[0], step), 0.5, 0.1) << step;
    const double pink = power_at(noise[1], 2 * step) / power_at(noise[1], step);
    EXPECT_GT(pink, 0.75) << step;
    EXPECT_LT(pink, 1.35) << step;
  }
  EXPECT_EQ(noise, read_noise({}, 16'000)) << "the same each time";
}

}  // namespace
}  // namespace thimble
