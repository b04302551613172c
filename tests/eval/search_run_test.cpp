#include "thimble/eval/search_run.hpp"

#include <gtest/gtest.h>
#include "small_search.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble {
namespace {

using SearchRunTest = SmallSearchTest;

TEST_F(SearchRunTest, WritesOneStudyForAnyNumberOfJobs) {
  Study one = new_study("1");
  Study two = new_study("2");
  Study four = new_study("4");
  EXPECT_EQ(run(one, 12, 1), SearchEnd::kDone);
  EXPECT_EQ(run(two, 12, 2), SearchEnd::kDone);
  EXPECT_EQ(run(four, 12, 4), SearchEnd::kDone);
  EXPECT_EQ(without_seconds(one), without_seconds(two));
  EXPECT_EQ(without_seconds(one), without_seconds(four));
  EXPECT_FALSE(pareto_front(read_trials(one)).empty());
}

TEST_F(SearchRunTest, GoesOnAsIfNothingHadHappened) {
  Study whole = new_study("whole");
  run(whole, 10, 2);
  Study cut = new_study("cut");
  const SearchEnd end =
      run(cut, 10, 2, [](const SearchStatus& status) { return status.evaluated < 4; });
  EXPECT_EQ(end, SearchEnd::kInterrupted);
  EXPECT_FALSE(cut.unfinished().empty()) << "what was in training is to be trained again";
  run(cut, 6, 2);
  run(cut, 10, 1);
  EXPECT_EQ(without_seconds(cut), without_seconds(whole));
}

TEST_F(SearchRunTest, RecordsFailuresAndEndsAllTheSame) {
  options_.memory_limit = 1_KiB;
  Study study = new_study("failing");
  EXPECT_EQ(run(study, 5, 2), SearchEnd::kDone);
  int failed = 0;
  for (const Trial& trial : read_trials(study)) {
    if (trial.status != TrialStatus::kFailed) continue;
    ++failed;
    EXPECT_NE(trial.reason.find("memory"), std::string::npos);
  }
  EXPECT_EQ(failed, 5);
}

TEST_F(SearchRunTest, TrainsNothingThatBreaksTheBudget) {
  Study study = new_study("kept");
  run(study, 8, 2);
  int rejected = 0;
  for (const Trial& trial : read_trials(study)) {
    if (trial.status == TrialStatus::kEvaluated) {
      EXPECT_LE(trial.usage.flash, 24_KiB);
    }
    if (trial.status != TrialStatus::kRejected) continue;
    ++rejected;
    EXPECT_GT(trial.usage.flash, 24_KiB);
    EXPECT_EQ(trial.reason.find("flash"), 0U) << trial.reason;
  }
  EXPECT_GT(rejected, 0) << "a random network of this space rarely fits";
}

}  // namespace
}  // namespace thimble
