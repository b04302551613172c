#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/bars.hpp"
#include "thimble/eval/journal.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/eval/search_run.hpp"

namespace thimble {

/// Searches of a second, in folders of their own.
class SmallSearchTest : public testing::Test {
 protected:
  SmallSearchTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("thimble_eval_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~SmallSearchTest() override { std::filesystem::remove_all(folder_); }

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
    std::filesystem::create_directories(folder_ / name);
    return Study::create(folder_ / name / "study.db", {});
  }

  static std::vector<Trial> without_seconds(const Study& study) {
    std::vector<Trial> trials = read_trials(study);
    for (Trial& trial : trials) trial.seconds = 0;
    return trials;
  }

  std::filesystem::path folder_;
  const Json no_options_ = Json::object();
  Dataset set_ = bars_dataset(3, 300);
  const SearchSpace& space_ = find_space("mlp");
  const Budget budget_{.flash = 24_KiB};
  const Screen screen_{{.input = set_.shape(), .classes = 3}, budget_, measures_of({})};
  EvaluationOptions options_{.recipe = {.epochs = 1, .batch = 32, .learning_rate = 0.02F}};
};

}  // namespace thimble
