#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_search.hpp"
#include "thimble/search/pareto_front.hpp"

namespace thimble {
namespace {

/// Bars that are hard to see, of each kind one for every eighteen images of noise: who takes all
/// for noise is right nine times in ten.
Samples dim_bars(int count, Rng rng) {
  Samples samples{.shape = {10, 10, 1}};
  for (int i = 0; i < count; ++i) {
    const int label = i % 20 < 2 ? i % 20 : 2;
    const auto at = rng.uniform_int(1, 8);
    for (int y = 0; y < 10; ++y) {
      for (int x = 0; x < 10; ++x) {
        const bool lit = (label == 0 && y == at) || (label == 1 && x == at);
        samples.pixels.push_back(
            static_cast<std::uint8_t>(rng.uniform_int(0, 120) + (lit ? 60 : 0)));
      }
    }
    samples.labels.push_back(label);
  }
  return samples;
}

class ObjectiveTest : public SmallSearchTest {
 protected:
  ObjectiveTest() {
    set_.train = dim_bars(1000, Rng(11));
    set_.validation = dim_bars(1000, Rng(12));
    set_.normalisation = measure_normalisation(set_.train);
    options_.recipe.epochs = 8;
  }

  Study searched(const std::string& name, Objective objective) {
    options_.objective = objective;
    Study study = new_study(name);
    run(study, 8, 2);
    return study;
  }
};

// A population of eight: all eight are random, the same ones whatever they are judged by.
TEST_F(ObjectiveTest, DecidesWhichCandidateWins) {
  const Study by_accuracy = searched("accuracy", Objective::kAccuracy);
  const Study by_balance = searched("balance", Objective::kBalancedAccuracy);
  std::vector<Trial> one = read_trials(by_accuracy);
  std::vector<Trial> two = read_trials(by_balance);
  ASSERT_EQ(one.size(), two.size());
  double best_accuracy = 0;
  double best_balance = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].hash, two[i].hash);
    EXPECT_EQ(one[i].val_accuracy, two[i].val_accuracy);
    best_accuracy = std::max(best_accuracy, one[i].val_accuracy);
    best_balance = std::max(best_balance, two[i].val_score.value_or(0));
  }
  const Trial accurate = pareto_front(one).front();
  const Trial balanced = pareto_front(two).front();
  EXPECT_EQ(accurate.val_accuracy, best_accuracy);
  EXPECT_EQ(balanced.score(), best_balance);
  EXPECT_NE(accurate.id, balanced.id);
  EXPECT_LT(balanced.val_accuracy, accurate.val_accuracy);
}

TEST_F(ObjectiveTest, GoesOnByItselfAfterAnInterruption) {
  const Study whole = searched("whole", Objective::kMacroF1);
  Study cut = new_study("cut");
  EXPECT_EQ(run(cut, 8, 2, [](const SearchStatus& status) { return status.evaluated < 3; }),
            SearchEnd::kInterrupted);
  run(cut, 8, 1);
  EXPECT_EQ(without_seconds(cut), without_seconds(whole));
  for (const Trial& trial : read_trials(cut)) {
    EXPECT_EQ(trial.val_score.has_value(), trial.status == TrialStatus::kEvaluated);
  }
}

}  // namespace
}  // namespace thimble
