#include "thimble/samples/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace thimble {
namespace {

using testing::ElementsAre;

const Samples kThree{.shape = {.height = 1, .width = 2, .channels = 2},
                     .pixels = {0, 10, 255, 10, 0, 10, 255, 10, 51, 10, 204, 10},
                     .labels = {4, 5, 6}};

TEST(Samples, SubsetKeepsTheOrderOfTheIndices) {
  const Samples picked = subset(kThree, std::array<std::uint32_t, 3>{2, 0, 2});
  EXPECT_EQ(picked.shape, kThree.shape);
  EXPECT_THAT(picked.labels, ElementsAre(6, 4, 6));
  EXPECT_THAT(picked.pixels, ElementsAre(51, 10, 204, 10, 0, 10, 255, 10, 51, 10, 204, 10));
}

TEST(Samples, MeasuresEachChannelByItself) {
  // Channel 0: 0, 255, 0, 255, 51, 204 → in parts of 255: 0, 1, 0, 1, 0.2, 0.8. Mean 3/6 = 0.5;
  // squared distances 4 · 0.25 + 2 · 0.09 = 1.18; variance 1.18/6. Channel 1 never varies from 10.
  const Normalisation measured = measure_normalisation(kThree);
  ASSERT_EQ(measured.mean.size(), 2);
  EXPECT_FLOAT_EQ(measured.mean[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.stddev[0], 0.44347116F);
  EXPECT_FLOAT_EQ(measured.mean[1], 10.0F / 255);
  EXPECT_EQ(measured.stddev[1], 1.0F);
}

TEST(MeasureNormalisation, GivesSoundInFullScaleAndNumbersAsTheyAre) {
  const Shape shape{.height = 1, .width = 2, .channels = 1};
  const Samples sound{
      .shape = shape, .pixels = {}, .labels = {0, 1}, .sound = {0, 16384, 16384, 0}};
  EXPECT_EQ(measure_normalisation(sound).mean, std::vector<float>{0.25F});
  EXPECT_EQ(measure_normalisation(sound).stddev, std::vector<float>{0.25F});
  // A deviation of 1 beside a mean of 10 million: squares alone would lose it.
  const Samples numbers{.shape = shape,
                        .pixels = {},
                        .labels = {0, 1},
                        .sound = {},
                        .values = {1e7F, 1e7F + 2, 1e7F, 1e7F + 2}};
  EXPECT_EQ(measure_normalisation(numbers).mean, std::vector<float>{1e7F + 1});
  EXPECT_EQ(measure_normalisation(numbers).stddev, std::vector<float>{1});
}

TEST(Subset, PicksSoundNumbersAndNames) {
  const Samples sound{.shape = {.height = 1, .width = 2, .channels = 1},
                      .pixels = {},
                      .labels = {4, 5},
                      .sound = {1, 2, 3, 4},
                      .values = {},
                      .names = {"a", "b"}};
  const Samples picked = subset(sound, std::array<std::uint32_t, 1>{1});
  EXPECT_EQ(picked.sound, (std::vector<std::int16_t>{3, 4}));
  EXPECT_EQ(picked.names, std::vector<std::string>{"b"});
  EXPECT_EQ(picked.clip(0).back(), 4);
}

TEST(ClipNumbers, AreOfRecordingsByNumberOrByName) {
  Samples samples{.shape = {.height = 1, .width = 1, .channels = 1}, .labels = {0, 0, 0, 0}};
  EXPECT_THAT(clip_numbers(samples), ElementsAre(0, 1, 2, 3)) << "nobody says";
  samples.names = {"b", "a", "b", "a"};
  EXPECT_THAT(clip_numbers(samples), ElementsAre(0, 1, 0, 1));
  samples.clips = {7, 7, 7, 8};
  EXPECT_THAT(clip_numbers(samples), ElementsAre(7, 7, 7, 8));
  EXPECT_THAT(clip_numbers(subset(samples, std::array<std::uint32_t, 2>{3, 0})), ElementsAre(8, 7));
}

}  // namespace
}  // namespace thimble
