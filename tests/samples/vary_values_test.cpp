#include "vary_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "thimble/samples/batch.hpp"
#include "variation_streams.hpp"

namespace thimble {
namespace {

std::vector<float> normal_values(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

double limited(double x) { return std::min(1.0, std::max(0.0, x)); }

/// Brightness, contrast and saturation one after another, each over the whole image.
std::vector<double> recoloured(std::vector<double> x, int channels, const Colours& colours) {
  const auto grey = [&](std::size_t pixel) {
    const double* at = &x[pixel * static_cast<std::size_t>(channels)];
    if (channels == 3) return 0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2];
    return std::accumulate(at, at + channels, 0.0) / channels;
  };
  const std::size_t pixels = x.size() / static_cast<std::size_t>(channels);
  for (double& value : x) value = limited(colours.brightness * value);
  double mean = 0;
  for (std::size_t i = 0; i < pixels; ++i) mean += grey(i) / static_cast<double>(pixels);
  for (double& value : x) value = limited(mean + colours.contrast * (value - mean));
  for (std::size_t i = 0; channels == 3 && i < pixels; ++i) {
    const double own = grey(i);
    for (std::size_t c = 0; c < 3; ++c) {
      x[3 * i + c] = limited(own + colours.saturation * (x[3 * i + c] - own));
    }
  }
  return x;
}

TEST(VaryColours, IsBrightnessThenContrastThenSaturation) {
  Rng rng(4);
  for (const int channels : {1, 2, 3}) {
    Normalisation normalisation;
    for (int c = 0; c < channels; ++c) {
      normalisation.mean.push_back(0.4F + 0.1F * static_cast<float>(c));
      normalisation.stddev.push_back(0.2F + 0.1F * static_cast<float>(c));
    }
    for (int trial = 0; trial < 50; ++trial) {
      const Colours colours{rng.uniform(0, 2), rng.uniform(0, 2), rng.uniform(0, 2)};
      std::vector<double> image(20 * static_cast<std::size_t>(channels));
      for (double& x : image) x = rng.uniform();
      std::vector<float> varied(image.size());
      const auto channel = [&](std::size_t i) { return i % static_cast<std::size_t>(channels); };
      for (std::size_t i = 0; i < image.size(); ++i) {
        varied[i] = (static_cast<float>(image[i]) - normalisation.mean[channel(i)]) /
                    normalisation.stddev[channel(i)];
      }
      vary_colours(colours, ChannelPatterns(normalisation, 255), varied);
      const auto expected = recoloured(image, channels, colours);
      for (std::size_t i = 0; i < image.size(); ++i) {
        const double x =
            varied[i] * normalisation.stddev[channel(i)] + normalisation.mean[channel(i)];
        ASSERT_NEAR(x, expected[i], 1e-5) << channels << " channels, value " << i;
      }
    }
  }
}

TEST(Blank, SetsThePatchAndNothingElse) {
  const Shape shape{.height = 3, .width = 4, .channels = 2};
  std::vector<float> values(24, 1.0F);
  blank({.first_row = 1, .end_row = 3, .first_column = 2, .end_column = 3}, shape, values);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 2; ++c) {
        const bool inside = y >= 1 && x == 2;
        EXPECT_EQ(values[static_cast<std::size_t>((y * 4 + x) * 2 + c)], inside ? 0.0F : 1.0F);
      }
    }
  }
  blank({.first_row = 2, .end_row = 2, .first_column = 0, .end_column = 4}, shape, values);
  EXPECT_EQ(std::ranges::count(values, 0.0F), 4);
}

TEST(WarpedTimes, AreTheIntegralOfTheSpeedsBetweenTheEnds) {
  const int length = 50;
  std::vector<float> times;
  warped_times(0.3, length, Rng(8), times);
  ASSERT_EQ(times.size(), 50);
  // The speed at a step by the two knots beside it; times by adding it up in small steps.
  Rng rng(8);
  std::array<double, 6> knots{};
  for (double& knot : knots) knot = std::exp(0.3 * rng.normal());
  const auto speed = [&](double at) {
    double sum = 0;
    for (int k = 0; k < 6; ++k) {
      sum += knots[static_cast<std::size_t>(k)] * std::max(0.0, 1 - std::abs(at * 5 / 49.0 - k));
    }
    return sum;
  };
  constexpr int kFine = 400;
  std::vector<double> integral{0};
  for (int i = 0; i < 49 * kFine; ++i) {
    integral.push_back(integral.back() + speed((i + 0.5) / kFine) / kFine);
  }
  for (std::size_t i = 0; i < 50; ++i) {
    // A knot lies within a step here and there, which the trapezoids cut short.
    EXPECT_NEAR(times[i], integral[i * kFine] / integral.back() * 49, 0.05) << i;
  }
  EXPECT_TRUE(std::ranges::is_sorted(times));
  EXPECT_EQ(times.front(), 0);
  EXPECT_EQ(times.back(), 49);
}

TEST(WarpedTimes, StayWhereTheyAreWithoutAWarpAndOfOneStep) {
  std::vector<float> times;
  warped_times(0, 30, Rng(1), times);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_NEAR(times[i], static_cast<double>(i), 1e-4);
  warped_times(0.5, 1, Rng(1), times);
  EXPECT_THAT(times, testing::ElementsAre(0));
  warped_times(0.5, 2, Rng(1), times);
  EXPECT_THAT(times, testing::ElementsAre(0, 1));
}

TEST(Warp, ReadsBetweenTheSteps) {
  std::vector<float> sample{0, 100, 10, 200, 20, 300};  // three steps of two channels
  std::vector<float> scratch;
  warp(std::array{0.0F, 0.25F, 2.0F}, 2, scratch, sample);
  EXPECT_THAT(sample, testing::ElementsAre(0, 100, 2.5F, 125, 20, 300));
}

TEST(ScaleChannels, MultipliesEachChannelByANumberOfItsOwn) {
  const auto before = normal_values(30, 2);
  auto after = before;
  scale_channels(0.2, 3, Rng(5), after);
  Rng rng(5);
  for (std::size_t c = 0; c < 3; ++c) {
    const double factor = 1 + 0.2 * rng.normal();
    EXPECT_NE(factor, 1);
    for (std::size_t i = c; i < 30; i += 3) EXPECT_NEAR(after[i], factor * before[i], 1e-6);
  }
}

TEST(Jitter, AddsWhatIsAsGoodAsNormal) {
  std::vector<float> values(40'000, 3.0F);
  jitter(0.1, Rng(6), values);
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  float furthest = 0;
  for (const float value : values) {
    const double z = (value - 3.0) / 0.1;
    sum += z;
    squares += z * z;
    fourths += z * z * z * z;
    furthest = std::max(furthest, std::abs(value - 3.0F));
  }
  // Mean of 40,000: five times 1/200. Variance: five times √(1.7/40,000) at a kurtosis of 2.7,
  // which is 3 − 1.2/4 for the sum of four.
  EXPECT_NEAR(sum / 40'000, 0, 0.025);
  EXPECT_NEAR(squares / 40'000, 1, 0.033);
  EXPECT_NEAR(fourths / 40'000, 2.7, 0.2);
  EXPECT_LE(furthest, 0.3465F);
  EXPECT_GT(furthest, 0.3F);
}

Samples random_features(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  Samples samples{.shape = {.height = 12, .width = 5, .channels = 1}};
  for (std::size_t i = 0; i < n * 60; ++i) {
    samples.features.push_back(static_cast<std::int8_t>(rng.uniform_int(-100, 100)));
  }
  samples.labels.resize(n);
  return samples;
}

Samples random_series(std::size_t n, std::uint64_t seed) {
  Samples samples{.shape = {.height = 1, .width = 20, .channels = 3}};
  samples.values = normal_values(n * 60, seed);
  samples.labels.resize(n);
  return samples;
}

std::vector<float> filled(const Samples& samples, const AugmentationPolicy* policy,
                          std::vector<std::uint32_t> indices = {}) {
  const Normalisation normalisation = measure_normalisation(samples);
  if (indices.empty()) {
    indices.resize(samples.size());
    std::iota(indices.begin(), indices.end(), 0U);
  }
  std::vector<float> out(indices.size() * 60);
  fill_batch(samples, normalisation, indices, policy, 9, 4, out);
  return out;
}

Rng source(std::uint32_t index) { return Rng(9).fork(4).fork(index); }

TEST(FillBatch, MovesAndMasksFeaturesAlongTheirRows) {
  const Samples samples = random_features(30, 1);
  const AugmentationPolicy policy{.time_shift = 0.3, .masks = 0.4};
  const auto plain = filled(samples, nullptr);
  const auto varied = filled(samples, &policy);
  for (std::uint32_t i = 0; i < 30; ++i) {
    const int moved = draw_time_shift(policy, 12, source(i));
    const Patch masks = draw_masks(policy, samples.shape, source(i));
    for (int row = 0; row < 12; ++row) {
      int from = row - moved;
      if (from < 0) from = -1 - from;
      if (from > 11) from = 23 - from;
      for (int column = 0; column < 5; ++column) {
        const bool masked = (row >= masks.first_row && row < masks.end_row) ||
                            (column >= masks.first_column && column < masks.end_column);
        const auto at = [&](int r) { return i * 60 + static_cast<std::size_t>(r * 5 + column); };
        ASSERT_EQ(varied[at(row)], masked ? 0 : plain[at(from)]) << i << ": " << row;
      }
    }
  }
}

TEST(FillBatch, MovesWarpsScalesAndJittersSeriesOneAfterAnother) {
  const Samples samples = random_series(30, 2);
  const AugmentationPolicy policy{.time_shift = 0.2, .warp = 0.2, .scaling = 0.1, .jitter = 0.05};
  const AugmentationPolicy moved{.time_shift = 0.2};
  const auto varied = filled(samples, &policy);
  auto expected = filled(samples, &moved);
  EXPECT_NE(expected, filled(samples, nullptr));
  std::vector<float> scratch;
  std::vector<float> times;
  for (std::uint32_t i = 0; i < 30; ++i) {
    const auto sample = std::span(expected).subspan(i * 60, 60);
    warped_times(0.2, 20, stream_of(source(i), VariationStream::kWarp), times);
    warp(times, 3, scratch, sample);
    scale_channels(0.1, 3, stream_of(source(i), VariationStream::kScaling), sample);
    jitter(0.05, stream_of(source(i), VariationStream::kJitter), sample);
  }
  EXPECT_EQ(varied, expected);
}

TEST(FillBatch, LeavesTheOtherVariationsOfASeriesAsTheyWere) {
  const Samples samples = random_series(20, 3);
  const AugmentationPolicy jittered{.jitter = 0.05};
  const AugmentationPolicy both{.scaling = 0.1, .jitter = 0.05};
  const AugmentationPolicy scaled{.scaling = 0.1};
  const auto plain = filled(samples, nullptr);
  const auto a = filled(samples, &jittered);
  const auto b = filled(samples, &scaled);
  const auto c = filled(samples, &both);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(c[i] - b[i], a[i] - plain[i], 1e-5);
  }
}

TEST(FillBatch, TreatsFeaturesAndSeriesTheSameInEveryBatch) {
  const AugmentationPolicy policy{
      .time_shift = 0.3, .masks = 0.3, .warp = 0.2, .scaling = 0.1, .jitter = 0.1};
  for (const Samples& samples : {random_features(25, 5), random_series(25, 6)}) {
    const auto together = filled(samples, &policy);
    for (std::uint32_t i = 25; i-- > 0;) {
      EXPECT_TRUE(std::ranges::equal(filled(samples, &policy, {i}),
                                     std::span(together).subspan(i * 60, 60)));
    }
  }
}

TEST(FillBatch, TakesTheClipOrOneOfItsVersions) {
  Samples samples = random_features(400, 7);
  const WaveformPolicy noisy{.noise = DecibelRange{5, 20}};
  // Version v of clip i is v + 1 throughout; of another policy −99.
  FeatureVersions versions{.waveform = noisy, .count = 3, .features = {}};
  for (int i = 0; i < 400 * 3; ++i) {
    versions.features.insert(versions.features.end(), 60, static_cast<std::int8_t>(1 + i % 3));
  }
  samples.versions = {
      {.waveform = {.speed = 0.1}, .count = 1, .features = std::vector<std::int8_t>(400 * 60, -99)},
      versions};
  const Normalisation as_they_are{.mean = {0}, .stddev = {1}};
  const AugmentationPolicy policy{.waveform = noisy};
  std::vector<float> out(60);
  std::array<int, 4> taken{};
  for (std::uint32_t i = 0; i < 400; ++i) {
    fill_batch(samples, as_they_are, std::array{i}, &policy, 1, 2, out);
    const bool itself = std::ranges::equal(
        out, samples.features.row(i, 60),
        [](float value, std::int8_t feature) { return value == static_cast<float>(feature); });
    if (!itself) {
      ASSERT_TRUE(out[0] >= 1 && out[0] <= 3) << out[0];
      EXPECT_EQ(std::ranges::count(out, out[0]), 60);
    }
    ++taken[itself ? 0 : static_cast<std::size_t>(out[0])];
  }
  for (const int count : taken) EXPECT_NEAR(count, 100, 5 * std::sqrt(400 * 0.25 * 0.75));
}

TEST(Subset, KeepsTheVersionsOfItsClips) {
  Samples samples = random_features(4, 8);
  FeatureVersions versions{.waveform = {.speed = 0.1}, .count = 2, .features = {}};
  for (int i = 0; i < 8; ++i) {
    versions.features.insert(versions.features.end(), 60, static_cast<std::int8_t>(i));
  }
  samples.versions = {versions};
  const Samples some = subset(samples, std::array{3U, 1U});
  const FeatureVersions* kept = find_versions(some, {.speed = 0.1});
  ASSERT_NE(kept, nullptr);
  ASSERT_EQ(kept->features.size(), 240);
  for (const auto& [at, version] : {std::pair(0, 6), std::pair(60, 7), std::pair(120, 2)}) {
    EXPECT_EQ(kept->features[static_cast<std::size_t>(at)], version);
  }
  EXPECT_EQ(find_versions(some, {.speed = 0.2}), nullptr);
}

}  // namespace
}  // namespace thimble
