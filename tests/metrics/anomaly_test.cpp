#include "thimble/metrics/anomaly.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thimble {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AnomalyScores, AreTheSurpriseOfTheMachineItself) {
  const std::vector<std::int32_t> machines{1, 0};
  const Answers answers{.log_probabilities = {-3, -0.25, -0.5, -2}};
  EXPECT_THAT(anomaly_scores({.classes = 2, .labels = machines}, answers), ElementsAre(0.25, 0.5));
}

TEST(AnomalyScores, AreTheErrorsOfWhatRebuildsItsInput) {
  const std::vector<std::int32_t> machines{1, 0};
  EXPECT_THAT(anomaly_scores({.classes = 2, .labels = machines}, {.errors = {4, 9}}),
              ElementsAre(4, 9));
}

TEST(ScoredClips, HaveTheMeanOfTheirWindows) {
  // Windows of clip 7 and of clip 3 in turn.
  const std::vector<std::int32_t> machines{0, 1, 0, 0, 1};
  const std::vector<std::uint8_t> anomalous{0, 1, 0, 0, 1};
  const std::vector<std::int32_t> clips{7, 3, 7, 7, 3};
  const auto scored = scored_clips({.classes = 2,
                                    .labels = machines,
                                    .detects_anomalies = true,
                                    .anomalous = anomalous,
                                    .clips = clips},
                                   {.errors = {1, 10, 2, 6, 20}});
  ASSERT_EQ(scored.size(), 2U);
  EXPECT_EQ(scored[0].machine, 0);
  EXPECT_FALSE(scored[0].anomalous);
  EXPECT_EQ(scored[0].score, 3);
  EXPECT_EQ(scored[1].machine, 1);
  EXPECT_TRUE(scored[1].anomalous);
  EXPECT_EQ(scored[1].score, 15);
}

// Machine 0: 3 above 1 and 2, 2 beside 2: 3.5 of 4 pairs, though machine 1 is louder all over.
TEST(MachineScores, CompareAMachineWithItselfAlone) {
  const std::vector<std::int32_t> machines{0, 0, 0, 0, 1, 1, 2};
  const std::vector<std::uint8_t> anomalous{0, 0, 1, 1, 0, 1, 0};
  const Truth truth{
      .classes = 3, .labels = machines, .detects_anomalies = true, .anomalous = anomalous};
  const auto scores = machine_scores(truth, {.errors = {1, 2, 2, 3, 90, 80, 5}});
  ASSERT_EQ(scores.size(), 2U) << "of machine 2 nothing is known";
  EXPECT_EQ(scores[0].machine, 0);
  EXPECT_EQ(scores[0].normal, 2);
  EXPECT_EQ(scores[0].anomalous, 2);
  EXPECT_EQ(scores[0].auc, 3.5 / 4);
  // The curve goes (0, 0), (0, 1/2), (1/2, 1): up to 1/10 A = 0.055, (1 + 0.05 / 0.095) / 2.
  EXPECT_DOUBLE_EQ(scores[0].pauc, (1 + 0.05 / 0.095) / 2);
  EXPECT_EQ(scores[1].machine, 1);
  EXPECT_EQ(scores[1].auc, 0);
}

TEST(MachineScores, AreNoneWhereAllIsAsItShouldBe) {
  const std::vector<std::int32_t> machines{0, 1};
  EXPECT_THAT(machine_scores({.classes = 2, .labels = machines, .detects_anomalies = true},
                             {.errors = {1, 2}}),
              IsEmpty());
}

TEST(MachineScores, TravelAsJson) {
  const std::vector<MachineScore> scores{
      {.machine = 2, .normal = 10, .anomalous = 4, .auc = 0.875, .pauc = 0.5}};
  const Json document = Json::parse(to_json(scores).dump());
  EXPECT_EQ(machine_scores_from_json(JsonField(document, "machines")), scores);
}

}  // namespace
}  // namespace thimble
