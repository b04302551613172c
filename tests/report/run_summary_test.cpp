#include "thimble/report/run_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thimble {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

FrontEntry finalist() {
  return {.trial = 57,
          .val_accuracy = 0.9,
          .val_score = 0.8,
          .test_accuracy = 0.875,
          .val_scores = {{Objective::kAccuracy, 0.9}, {Objective::kMacroF1, 0.8}},
          .test_scores = {{Objective::kAccuracy, 0.875}, {Objective::kMacroF1, 0.75}},
          .usage = {.ram = 2_KiB, .flash = 4_KiB, .macs = 1_MMAC, .params = 900},
          .finalist = true,
          .model = "runs/a/57/model.tflite"};
}

RunSummary summary(Objective objective) {
  FrontEntry other{.trial = 3, .val_accuracy = 0.85, .val_score = 0.7};
  return {.run = "runs/a", .objective = objective, .front = {finalist(), other}};
}

TEST(RunSummary, NamesTheObjectiveAndItsScoresBesideTheAccuracies) {
  const OrderedJson json = to_json(summary(Objective::kMacroF1));
  EXPECT_EQ(json.at("objective"), "macro-f1");
  const OrderedJson& first = json.at("front").at(0);
  EXPECT_EQ(first.at("val_accuracy"), 0.9);
  EXPECT_EQ(first.at("test_accuracy"), 0.875);
  EXPECT_EQ(first.at("val_score"), 0.8);
  EXPECT_EQ(first.at("test_score"), 0.75);
  EXPECT_EQ(first.at("test_scores").at("macro_f1"), 0.75);
  const OrderedJson& second = json.at("front").at(1);
  EXPECT_EQ(second.at("val_score"), 0.7);
  EXPECT_FALSE(second.contains("test_score")) << "the test split is for finalists";
  EXPECT_FALSE(second.contains("val_scores"));
}

TEST(RunSummary, HasColumnsForAnotherObjectiveThanAccuracy) {
  EXPECT_THAT(to_text(summary(Objective::kMacroF1), false),
              AllOf(HasSubstr("trial  val macro F1  test macro F1  val int8  test int8"),
                    HasSubstr("   57       80.00 %        75.00 %   90.00 %    87.50 %"),
                    HasSubstr("    3       70.00 %                  85.00 % ")));
  EXPECT_THAT(to_text(summary(Objective::kAccuracy), false),
              AllOf(HasSubstr("trial  val int8  test int8      RAM"), Not(HasSubstr("macro"))));
}

TEST(RunSummary, ShowsHowWellAnomaliesAreFound) {
  RunSummary found = summary(Objective::kAccuracy);
  found.front[0].test_scores[Objective::kAuc] = 0.9375;
  found.front[0].test_scores[Objective::kPartialAuc] = 0.625;
  found.front[0].machines = {
      {.machine = 1, .normal = 4, .anomalous = 4, .auc = 0.9375, .pauc = 0.625}};
  EXPECT_THAT(to_text(found, false), AllOf(HasSubstr("test int8  test AUC  test pAUC"),
                                           HasSubstr("87.50 %   93.75 %    62.50 %")));
  EXPECT_EQ(to_json(found).at("front").at(0).at("machines").at(0).at("auc"), 0.9375);
  EXPECT_FALSE(to_json(found).at("front").at(1).contains("machines"));
}

}  // namespace
}  // namespace thimble
