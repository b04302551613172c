#include "thimble/metrics/scores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace thimble {
namespace {

using testing::ElementsAre;
using testing::Key;

/// Logarithms of these rows.
Answers answers(std::vector<double> probabilities, std::vector<std::int32_t> predicted) {
  for (double& p : probabilities) p = std::log(p);
  return {.predicted = std::move(predicted), .log_probabilities = std::move(probabilities)};
}

TEST(Scores, OfTwoClassesRankThemByClassOne) {
  const std::vector<std::int32_t> labels{0, 0, 1, 1};
  const Scores found = scores({.classes = 2, .labels = labels},
                              answers({0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8}, {0, 0, 0, 1}));
  EXPECT_EQ(found.at(Objective::kAccuracy), 0.75);
  EXPECT_EQ(found.at(Objective::kBalancedAccuracy), 0.75);
  // Class 0: 2·2 / (4 + 1); class 1: 2·1 / (2 + 1).
  EXPECT_DOUBLE_EQ(found.at(Objective::kMacroF1), (0.8 + 2.0 / 3) / 2);
  EXPECT_EQ(found.at(Objective::kAuc), 0.75) << "0.1, 0.4 against 0.35, 0.8";
  EXPECT_DOUBLE_EQ(found.at(Objective::kPartialAuc), 14.0 / 19);
}

// Class 0 against the rest: 0.8 against 0.7, 0.1: 1. Class 1: 0.2 against 0.1, 0.7: 1/2. Class 2
// against the rest: 0.2 against 0.1, 0.1: 1. Class 3 has no samples.
TEST(Scores, OfManyClassesAverageEachAgainstTheRest) {
  const std::vector<std::int32_t> labels{0, 1, 2};
  const Scores found =
      scores({.classes = 4, .labels = labels},
             answers({0.8, 0.1, 0.1, 1e-9, 0.7, 0.2, 0.1, 1e-9, 0.1, 0.7, 0.2, 1e-9}, {0, 0, 1}));
  EXPECT_DOUBLE_EQ(found.at(Objective::kAuc), (1 + 0.5 + 1) / 3);
}

TEST(Scores, LeaveOutWhatTheSplitCannotTell) {
  const std::vector<std::int32_t> labels{1, 1};
  EXPECT_THAT(scores({.classes = 2, .labels = labels}, answers({0.2, 0.8, 0.7, 0.3}, {1, 0})),
              ElementsAre(Key(Objective::kAccuracy), Key(Objective::kBalancedAccuracy),
                          Key(Objective::kMacroF1)));
  EXPECT_THAT(scores({.classes = 2, .labels = labels}, {.errors = {1, 2}}), ElementsAre());
}

TEST(Scores, OfAnomaliesAreMeansOverMachinesAndClassifyWhatIsNormal) {
  const std::vector<std::int32_t> machines{0, 0, 0, 1, 1};
  const std::vector<std::uint8_t> anomalous{0, 0, 1, 0, 1};
  const Truth truth{
      .classes = 2, .labels = machines, .detects_anomalies = true, .anomalous = anomalous};
  // −log p of the own machine: machine 0 0.9, 0.5 against 0.6; machine 1 0.8 against 0.1.
  const Scores found =
      scores(truth, answers({0.9, 0.1, 0.5, 0.5, 0.6, 0.4, 0.2, 0.8, 0.9, 0.1}, {0, 1, 0, 1, 0}));
  EXPECT_DOUBLE_EQ(found.at(Objective::kAuc), (0.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(found.at(Objective::kAccuracy), 2.0 / 3) << "of samples 0, 1 and 3";
  const Scores of_errors = scores(truth, {.errors = {1, 2, 3, 4, 5}});
  EXPECT_THAT(of_errors, ElementsAre(Key(Objective::kAuc), Key(Objective::kPartialAuc)));
  EXPECT_EQ(of_errors.at(Objective::kAuc), 1);
}

TEST(WhyUnknown, SaysWhatASplitLacks) {
  const std::vector<std::int32_t> labels{0, 1, 1};
  const Truth both{.classes = 2, .labels = labels};
  for (const ObjectiveInfo& each : all_objectives()) {
    EXPECT_EQ(why_unknown(each.objective, both), std::nullopt);
    EXPECT_EQ(why_unknown(each.objective, {.classes = 2}), "has no samples");
  }
  const Truth one{.classes = 2, .labels = both.labels.subspan(1)};
  EXPECT_EQ(why_unknown(Objective::kAuc, one), "has samples of one class only");
  EXPECT_EQ(why_unknown(Objective::kMacroF1, one), std::nullopt);
}

TEST(WhyUnknown, MissesAnomaliesWhereTheyAreAskedFor) {
  const std::vector<std::int32_t> machines{0, 1, 1};
  Truth truth{.classes = 2, .labels = machines, .detects_anomalies = true};
  EXPECT_EQ(why_unknown(Objective::kPartialAuc, truth), "has no anomalous sample");
  EXPECT_EQ(why_unknown(Objective::kAccuracy, truth), std::nullopt);
  const std::vector<std::uint8_t> alone{1, 0, 0};
  truth.anomalous = alone;
  EXPECT_EQ(why_unknown(Objective::kAuc, truth),
            "has no machine with both normal and anomalous samples");
  const std::vector<std::uint8_t> beside{0, 1, 0};
  truth.anomalous = beside;
  EXPECT_EQ(why_unknown(Objective::kAuc, truth), std::nullopt);
}

TEST(Objectives, AreKnownByTheirNames) {
  for (const ObjectiveInfo& each : all_objectives()) {
    EXPECT_EQ(parse_objective(each.name), each.objective);
    EXPECT_EQ(info(each.objective).key, each.key);
  }
  EXPECT_EQ(all_objectives()[0].objective, Objective::kAccuracy) << "the default";
  EXPECT_EQ(parse_objective("f1"), std::nullopt);
}

TEST(Scores, TravelAsJson) {
  const Scores some{{Objective::kAccuracy, 0.5}, {Objective::kPartialAuc, 0.75}};
  EXPECT_EQ(to_json(some).dump(), R"({"accuracy":0.5,"pauc":0.75})");
  const Json document = Json::parse(to_json(some).dump());
  EXPECT_EQ(scores_from_json(JsonField(document, "scores")), some);
}

}  // namespace
}  // namespace thimble
