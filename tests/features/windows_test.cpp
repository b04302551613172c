#include "thimble/features/windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thimble/core/error.hpp"
#include "thimble/samples/batch.hpp"

namespace thimble::features {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Two recordings of five frames of two features: 0 … 9 and 10 … 19.
Dataset recordings() {
  Dataset set{.name = "hum", .classes = 2};
  set.train = {.shape = {5, 2, 1}, .labels = {1, 0}, .names = {"a.wav", "b.wav"}};
  for (int q = 0; q < 20; ++q) set.train.features.push_back(static_cast<std::int8_t>(q));
  set.train.anomalous = {0, 1};
  set.validation.shape = set.train.shape;
  set.test.shape = set.train.shape;
  set.normalisation = {.mean = {0}, .stddev = {1}};
  return set;
}

std::vector<int> window(const Samples& samples, std::size_t index) {
  const auto row = samples.features.row(index, static_cast<std::size_t>(samples.shape.elements()));
  return {row.begin(), row.end()};
}

// Frames 0–2 and 2–4 of each; a third window would end behind frame 5.
TEST(Windowed, AreFramesOfTheirRecording) {
  const Dataset set = windowed(recordings(), {.frames = 3, .every = 2});
  const Samples& train = set.train;
  EXPECT_EQ(train.shape, (Shape{3, 2, 1}));
  ASSERT_EQ(train.size(), 4U);
  EXPECT_THAT(window(train, 0), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(window(train, 1), ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_THAT(window(train, 2), ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_THAT(window(train, 3), ElementsAre(14, 15, 16, 17, 18, 19));
  EXPECT_THAT(train.labels, ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(train.anomalous, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(train.clips, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(train.names, IsEmpty());
  EXPECT_EQ(set.shape(), (Shape{3, 2, 1}));
  EXPECT_TRUE(set.test.empty());
}

TEST(Windowed, ReachABatchLikeAnySamples) {
  const Dataset set = windowed(recordings(), {.frames = 1, .every = 3});
  std::vector<float> batch(2 * 2);
  fill_batch(set.train, set.normalisation, std::vector<std::uint32_t>{3, 1}, nullptr, 0, 0, batch);
  EXPECT_THAT(batch, ElementsAre(16, 17, 6, 7));
  const Samples picked = subset(set.train, std::vector<std::uint32_t>{2, 1});
  EXPECT_THAT(window(picked, 0), ElementsAre(10, 11));
  EXPECT_THAT(picked.clips, ElementsAre(1, 0));
}

TEST(Windowed, OfWindowsAreOfTheSameRecording) {
  const Dataset set =
      windowed(windowed(recordings(), {.frames = 4, .every = 1}), {.frames = 2, .every = 2});
  EXPECT_THAT(set.train.clips, ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
  EXPECT_THAT(window(set.train, 3), ElementsAre(6, 7, 8, 9)) << "frames 3 and 4";
}

TEST(Windowed, AreNotLongerThanARecording) {
  EXPECT_EQ(windowed(recordings(), {.frames = 5}).train.size(), 2U);
  EXPECT_THAT([] { windowed(recordings(), {.frames = 6}); },
              ThrowsMessage<DataError>("hum: frames of a sample = 5: a window takes 6"));
}

}  // namespace
}  // namespace thimble::features
