#include "thimble/eval/finalists.hpp"

#include <gmock/gmock.h>

#include "small_search.hpp"
#include "support/machines.hpp"

namespace thimble {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;
using testing::SizeIs;

class FinalistsTest : public SmallSearchTest {
 protected:
  /// One random network of the set's task, trained as a finalist.
  Finalist finalist_of(const Dataset& set) {
    const Screen screen({.input = set.shape(), .classes = set.classes}, {}, measures_of({}));
    Study study = new_study(set.name);
    Rng rng(2);
    const Trial trial{.genotype = space_.random(rng), .status = TrialStatus::kEvaluated};
    study.append(std::vector<TrialRow>{to_row(trial)});
    retrain_finalists(study, std::vector<Trial>{trial},
                      {.screen = screen, .dataset = set, .options = options_}, folder_ / set.name,
                      [](std::size_t) { return true; });
    return read_finalists(study).at(0);
  }
};

TEST_F(FinalistsTest, KeepAllThatTheSplitsTell) {
  const Finalist finalist = finalist_of(set_);
  ASSERT_EQ(finalist.failure, "");
  EXPECT_THAT(finalist.val_scores, SizeIs(all_objectives().size()));
  EXPECT_THAT(finalist.test_scores, SizeIs(all_objectives().size()));
  EXPECT_THAT(finalist.machines, IsEmpty());
}

TEST_F(FinalistsTest, SayOfEachMachineHowWellItsAnomaliesAreFound) {
  const Finalist finalist = finalist_of(machines_dataset());
  ASSERT_EQ(finalist.failure, "");
  EXPECT_THAT(finalist.val_scores,
              ElementsAre(Key(Objective::kAccuracy), Key(Objective::kBalancedAccuracy),
                          Key(Objective::kMacroF1)))
      << "validation has nothing but what is normal";
  EXPECT_THAT(finalist.test_scores, SizeIs(all_objectives().size()));
  ASSERT_THAT(finalist.machines, SizeIs(3));
  double sum = 0;
  for (const MachineScore& each : finalist.machines) {
    EXPECT_EQ(each.normal, 30);
    EXPECT_EQ(each.anomalous, 30);
    sum += each.auc;
  }
  EXPECT_DOUBLE_EQ(finalist.test_scores.at(Objective::kAuc), sum / 3);
}

TEST_F(FinalistsTest, AreReadFromARunThatKnewAccuracyAlone) {
  Study study = new_study("old");
  Rng rng(2);
  const Trial trial{.genotype = space_.random(rng), .status = TrialStatus::kEvaluated};
  study.append(std::vector<TrialRow>{to_row(trial)});
  study.set_retrained({.round = "final",
                       .trial = 0,
                       .result = {{"val_accuracy", 0.75},
                                  {"test_accuracy", 0.5},
                                  {"model", "0/model.tflite"},
                                  {"failure", ""}}});
  const Finalist expected{.trial = 0,
                          .val_scores = {{Objective::kAccuracy, 0.75}},
                          .test_scores = {{Objective::kAccuracy, 0.5}},
                          .model = "0/model.tflite",
                          .failure = ""};
  EXPECT_THAT(read_finalists(study), ElementsAre(expected));
}

}  // namespace
}  // namespace thimble
