#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thimble/features/detection_score.hpp"
#include "thimble/features/detector.hpp"

namespace thimble::features {
namespace {

using testing::ElementsAre;

/// Answers of {background, yes, no}, a second apart.
std::vector<Detection> detections(const DetectorOptions& options,
                                  const std::vector<std::vector<float>>& answers) {
  Detector detector(options, {true, false, false});
  std::vector<Detection> found;
  double at = 0;
  for (const auto& answer : answers) {
    if (const auto event = detector.push(at += 1, answer)) found.push_back(*event);
  }
  return found;
}

TEST(Detector, AveragesOverTheLastAnswers) {
  // Averages of the last two for yes: 0, 0.45, 0.875, 0.8, 0.35.
  const auto found =
      detections({.smooth_s = 2, .threshold = 0.8, .suppress_s = 0},
                 {{1, 0, 0}, {0, 0.9F, 0.1F}, {0, 0.85F, 0}, {0, 0.75F, 0}, {1, -0.05F, 0}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at, 3);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.875, 1e-6);
  EXPECT_NEAR(found[1].score, 0.8, 1e-6);
}

TEST(Detector, TakesTheLastAnswerAloneWithoutSmoothing) {
  EXPECT_THAT(detections({.smooth_s = 0, .threshold = 0.5, .suppress_s = 0},
                         {{0, 0, 0.5F}, {0.5F, 0, 0.4F}}),
              ElementsAre(Detection{.at = 1, .label = 2, .score = 0.5}));
}

TEST(Detector, IsSilentForAWhileAfterAnEvent) {
  const std::vector<float> yes{0, 1, 0};
  const auto found = detections({.smooth_s = 0, .threshold = 0.5, .suppress_s = 3},
                                {yes, yes, {0, 0, 1}, yes, yes});
  EXPECT_THAT(found, ElementsAre(Detection{.at = 1, .label = 1, .score = 1},
                                 Detection{.at = 4, .label = 1, .score = 1}));
}

TEST(Detector, HearsNothingWhereTheBackgroundIsLikeliest) {
  EXPECT_TRUE(detections({.smooth_s = 0, .threshold = 0.3, .suppress_s = 0},
                         {{0.5F, 0.4F, 0.1F}, {0.4F, 0.4F, 0.2F}})
                  .empty());
}

TEST(DetectionScore, CountsWhatWasMissedAndWhatWasNone) {
  const std::vector<Event> events{{.start = 1, .end = 2, .label = 1},
                                  {.start = 5, .end = 6, .label = 2},
                                  {.start = 9, .end = 10, .label = 1}};
  const std::vector<Detection> heard{{.at = 0.9, .label = 1},  // too early: false
                                     {.at = 2.5, .label = 1},  // the first one, half a second late
                                     {.at = 2.9, .label = 1},  // it again: false
                                     {.at = 5.5, .label = 1},  // another word: false
                                     {.at = 11.5, .label = 1}};  // 1.5 s after the third: false
  const DetectionScore result = score(heard, events, 1, 1800);
  EXPECT_EQ(result.events, 3U);
  EXPECT_EQ(result.false_rejects, 2U);
  EXPECT_EQ(result.false_accepts, 4U);
  EXPECT_EQ(result.false_accepts_per_hour, 8);
  EXPECT_EQ(score(heard, events, 1.5, 1800).false_rejects, 1U) << "the longer ear hears the third";
}

TEST(DetectionScore, GivesEachEventToOneDetection) {
  const std::vector<Event> events{{.start = 1.2, .end = 2, .label = 0},
                                  {.start = 1, .end = 2, .label = 0}};
  const std::vector<Detection> heard{{.at = 1.1, .label = 0}, {.at = 1.5, .label = 0}};
  EXPECT_EQ(score(heard, events, 1, 3600), (DetectionScore{.events = 2}));
}

}  // namespace
}  // namespace thimble::features
