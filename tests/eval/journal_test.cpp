#include "thimble/eval/journal.hpp"

#include <gtest/gtest.h>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

Trial some_trial(TrialStatus status) {
  Rng rng(1);
  return {.id = 3,
          .slot = 2,
          .parent = 1,
          .genotype = find_space("munas").random(rng),
          .hash = 0xfedcba9876543210ULL,
          .status = status,
          .reason = status == TrialStatus::kEvaluated ? "" : "because",
          .usage = {.ram = 5_KiB, .flash = 7_KiB, .macs = 1_MMAC, .params = 900}};
}

TEST(Journal, GivesBackTheTrialThatItWasGiven) {
  for (const TrialStatus status :
       {TrialStatus::kRejected, TrialStatus::kDuplicate, TrialStatus::kPassedOver,
        TrialStatus::kRunning, TrialStatus::kEvaluated, TrialStatus::kFailed}) {
    Trial trial = some_trial(status);
    if (status == TrialStatus::kEvaluated) trial.val_accuracy = 0.75;
    if (status == TrialStatus::kEvaluated || status == TrialStatus::kFailed) trial.seconds = 1.5;
    EXPECT_EQ(to_trial(to_row(trial)), trial) << to_string(status);
  }
}

TEST(Journal, KeepsTheScoreOfARunThatGoesBySomethingElseThanAccuracy) {
  Trial trial = some_trial(TrialStatus::kEvaluated);
  trial.val_accuracy = 0.75;
  EXPECT_TRUE(to_row(trial).extra.empty()) << "as before there was a choice";
  EXPECT_EQ(to_trial(to_row(trial)).score(), 0.75);
  trial.val_score = 0.5;
  EXPECT_EQ(to_trial(to_row(trial)), trial);
  EXPECT_EQ(to_trial(to_row(trial)).error(), 0.5);
}

TEST(Journal, LeavesOutWhatWasNotMeasured) {
  Trial trial = some_trial(TrialStatus::kRejected);
  trial.usage.ram = Bytes(0);  // behind the broken bound
  const TrialRow row = to_row(trial);
  EXPECT_FALSE(row.ram);
  EXPECT_EQ(row.flash, 7_KiB);
  EXPECT_FALSE(row.val_accuracy);
}

TEST(Journal, NamesTheTrialWhoseGenotypeIsDamaged) {
  TrialRow row = to_row(some_trial(TrialStatus::kRejected));
  row.genotype["blocks"] = 5;
  try {
    to_trial(row);
    FAIL() << "must throw";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()).find("trial 3: blocks"), 0U) << error.what();
  }
}

}  // namespace
}  // namespace thimble
