#include "thimble/eval/evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/bars.hpp"
#include "thimble/space/search_space.hpp"

namespace thimble {
namespace {

using testing::HasSubstr;

const auto kGoOn = [] { return true; };

Graph some_network(const Dataset& set) {
  Rng rng(3);
  return genotype_graph(find_space("mlp").random(rng),
                        {.input = set.shape(), .classes = set.classes});
}

TEST(Evaluate, TrainsQuantisesAndScores) {
  const Dataset set = bars_dataset();
  const Evaluation evaluation =
      evaluate(some_network(set), set,
               {.recipe = {.epochs = 3, .batch = 32, .learning_rate = 0.02F}}, kGoOn);
  EXPECT_EQ(evaluation.failure, "");
  EXPECT_FALSE(evaluation.stopped);
  EXPECT_GT(evaluation.val_accuracy, 0.4);
}

TEST(Evaluate, ScoresByTheObjectiveWhateverElseItKnows) {
  const Dataset set = bars_dataset(3, 300);
  EvaluationOptions options{.recipe = {.epochs = 1, .batch = 32, .learning_rate = 0.02F}};
  for (const ObjectiveInfo& each : all_objectives()) {
    options.objective = each.objective;
    const Evaluation evaluation = evaluate(some_network(set), set, options, kGoOn);
    ASSERT_EQ(evaluation.failure, "");
    EXPECT_EQ(evaluation.val_scores.size(), all_objectives().size());
    EXPECT_EQ(evaluation.val_score, evaluation.val_scores.at(each.objective));
    EXPECT_EQ(evaluation.val_accuracy, evaluation.val_scores.at(Objective::kAccuracy));
  }
}

TEST(Evaluate, FailsWhereTheValidationSplitCannotTellTheObjective) {
  Dataset set = bars_dataset(3, 300);
  std::ranges::fill(set.validation.labels, 1);
  EvaluationOptions options{.recipe = {.epochs = 1, .batch = 32}, .objective = Objective::kAuc};
  EXPECT_EQ(evaluate(some_network(set), set, options, kGoOn).failure,
            "objective auc: validation has samples of one class only");
}

TEST(Evaluate, CallsADivergedNetworkAFailure) {
  const Dataset set = bars_dataset();
  const Evaluation evaluation =
      evaluate(some_network(set), set, {.recipe = {.batch = 32, .learning_rate = 1e30F}}, kGoOn);
  EXPECT_THAT(evaluation.failure, HasSubstr("diverged"));
}

TEST(Evaluate, FailsBeforeItAllocatesMoreThanAJobMayHave) {
  const Dataset set = bars_dataset();
  const Evaluation evaluation =
      evaluate(some_network(set), set, {.recipe = {.batch = 32}, .memory_limit = 1_KiB}, kGoOn);
  EXPECT_THAT(evaluation.failure, HasSubstr("memory: training needs"));
}

TEST(Evaluate, CallsANetworkForOtherDataAFailure) {
  const Dataset set = bars_dataset();
  const Dataset other = bars_dataset(3, 600, 11);
  EXPECT_THAT(evaluate(some_network(other), set, {}, kGoOn).failure, HasSubstr("input"));
}

TEST(Evaluate, StopsWhenTold) {
  const Dataset set = bars_dataset();
  const Evaluation evaluation = evaluate(some_network(set), set, {}, [] { return false; });
  EXPECT_TRUE(evaluation.stopped);
}

}  // namespace
}  // namespace thimble
