#include "thimble/eval/search_run.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/bars.hpp"
#include "thimble/core/error.hpp"
#include "thimble/eval/journal.hpp"
#include "thimble/search/pareto_front.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

namespace fs = std::filesystem;

class SearchRunTest : public testing::Test {
 protected:
  SearchRunTest()
      : folder_(fs::temp_directory_path() / ("thimble_eval_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SearchRunTest() override { fs::remove_all(folder_); }

  Searcher fresh_searcher() {
    return Searcher(space_, screen_,
                    make_strategy("evolution", JsonField(no_options_, "options"),
                                  {.space = space_, .budget = budget_, .expected_trials = 12}),
                    {.seed = 4, .window = 4});
  }

  SearchEnd run(
      Study& study, std::int64_t trials, int jobs,
      const SearchObserver& observer = [](const SearchStatus&) { return true; }) {
    Searcher searcher = fresh_searcher();
    return run_search(study, searcher, screen_, set_, options_, {.trials = trials, .jobs = jobs},
                      observer);
  }

  Study new_study(const std::string& name) {
    return Study::create(folder_ / name / "study.db", {});
  }

  static std::vector<Trial> without_seconds(const Study& study) {
    std::vector<Trial> trials = read_trials(study);
    for (Trial& trial : trials) trial.seconds = 0;
    return trials;
  }

  fs::path folder_;
  const Json no_options_ = Json::object();
  const Dataset set_ = bars_dataset(3, 300);
  const SearchSpace& space_ = find_space("mlp");
  const Budget budget_{.flash = 24_KiB};
  const Screen screen_{
      {.input = set_.shape(), .classes = 3},
      budget_,
      {.ram = peak_tensor_ram, .flash = [](const Graph& graph) { return tflite_size(graph); }}};
  EvaluationOptions options_{.recipe = {.epochs = 1, .batch = 32, .learning_rate = 0.02F}};
};

TEST_F(SearchRunTest, WritesOneStudyForAnyNumberOfJobs) {
  for (const char* name : {"1", "2", "4"}) fs::create_directories(folder_ / name);
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
  fs::create_directories(folder_ / "whole");
  fs::create_directories(folder_ / "cut");
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
  fs::create_directories(folder_ / "failing");
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
  fs::create_directories(folder_ / "kept");
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
