#include "thimble/metrics/confusion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Classes = std::vector<std::int32_t>;

Classes random_classes(std::size_t count, int classes, Rng& rng) {
  Classes result(count);
  for (auto& each : result) each = static_cast<std::int32_t>(rng.uniform_int(0, classes - 1));
  return result;
}

TEST(ConfusionMatrix, HasARowForEachClassAndAColumnForEachAnswer) {
  const ConfusionMatrix matrix =
      confusion_matrix(Classes{0, 0, 0, 2, 2}, Classes{0, 1, 1, 2, 0}, 3);
  EXPECT_THAT(matrix.counts, ElementsAre(1, 2, 0,  //
                                         0, 0, 0,  //
                                         1, 0, 1));
  EXPECT_EQ(matrix.at(2, 0), 1);
  EXPECT_EQ(matrix.labelled(0), 3);
  EXPECT_EQ(matrix.taken_for(0), 2);
}

TEST(Accuracy, IsTheShareOfRightAnswers) {
  EXPECT_EQ(accuracy(confusion_matrix(Classes{0, 1, 2, 0}, Classes{0, 2, 2, 0}, 3)), 0.75);
}

// recall of class 0: 3 of 4, of class 1: 1 of 2; the example of scikit-learn's manual.
TEST(BalancedAccuracy, IsTheMeanRecall) {
  const ConfusionMatrix matrix =
      confusion_matrix(Classes{0, 1, 0, 0, 1, 0}, Classes{0, 1, 0, 0, 0, 1}, 2);
  EXPECT_EQ(balanced_accuracy(matrix), 0.625);
}

TEST(BalancedAccuracy, PassesOverClassesWithoutSamples) {
  // Classes 0 and 2 have samples: 1 of 2 and 1 of 1. Class 1 is answered, class 3 is nowhere.
  const ConfusionMatrix matrix = confusion_matrix(Classes{0, 0, 2}, Classes{0, 1, 2}, 4);
  EXPECT_EQ(balanced_accuracy(matrix), 0.75);
}

// F1 of class 0: 2·2 / (2·2 + 1); of the others 0. The example of scikit-learn's manual: 0.267.
TEST(MacroF1, IsTheMeanOfF1) {
  const ConfusionMatrix matrix =
      confusion_matrix(Classes{0, 1, 2, 0, 1, 2}, Classes{0, 2, 1, 0, 0, 1}, 3);
  EXPECT_DOUBLE_EQ(macro_f1(matrix), 0.8 / 3);
}

TEST(MacroF1, CountsAClassThatIsOnlyAnsweredAsNothing) {
  // F1 of class 0: 2·1 / (2·1 + 0 + 1) = 2/3, of class 1: 0, of class 2: 1; class 3 is nowhere.
  const ConfusionMatrix matrix = confusion_matrix(Classes{0, 0, 2}, Classes{0, 1, 2}, 4);
  EXPECT_DOUBLE_EQ(macro_f1(matrix), (2.0 / 3 + 0 + 1) / 3);
}

TEST(ConfusionMatrix, GivesWhatCountingSampleBySampleGives) {
  Rng rng(4);
  for (int round = 0; round < 50; ++round) {
    const int classes = static_cast<int>(rng.uniform_int(2, 6));
    const auto count = static_cast<std::size_t>(rng.uniform_int(1, 40));
    const Classes labels = random_classes(count, classes, rng);
    const Classes predicted = random_classes(count, classes, rng);
    double recalls = 0, with_samples = 0, f1s = 0, with_any = 0, right = 0;
    for (int c = 0; c < classes; ++c) {
      double hits = 0, misses = 0, false_alarms = 0;
      for (std::size_t i = 0; i < count; ++i) {
        if (labels[i] == c && predicted[i] == c) ++hits;
        if (labels[i] == c && predicted[i] != c) ++misses;
        if (labels[i] != c && predicted[i] == c) ++false_alarms;
      }
      right += hits;
      if (hits + misses > 0) {
        recalls += hits / (hits + misses);
        ++with_samples;
      }
      if (hits + misses + false_alarms > 0) {
        const double precision = hits + false_alarms > 0 ? hits / (hits + false_alarms) : 0;
        const double recall = hits + misses > 0 ? hits / (hits + misses) : 0;
        f1s += precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
        ++with_any;
      }
    }
    const ConfusionMatrix matrix = confusion_matrix(labels, predicted, classes);
    EXPECT_DOUBLE_EQ(accuracy(matrix), right / static_cast<double>(count));
    EXPECT_DOUBLE_EQ(balanced_accuracy(matrix), recalls / with_samples);
    EXPECT_NEAR(macro_f1(matrix), f1s / with_any, 1e-12);
  }
}

TEST(ConfusionMatrix, OfNothingIsWorthNothing) {
  const ConfusionMatrix matrix = confusion_matrix({}, {}, 3);
  EXPECT_EQ(accuracy(matrix), 0);
  EXPECT_EQ(balanced_accuracy(matrix), 0);
  EXPECT_EQ(macro_f1(matrix), 0);
  EXPECT_THAT(most_confused(matrix, 10), IsEmpty());
}

TEST(MostConfused, AreThePairsWithTheLargestCountsOffTheDiagonal) {
  const ConfusionMatrix matrix{.classes = 3,
                               .counts = {90, 4, 0,  //
                                          7, 50, 4,  //
                                          0, 1, 80}};
  EXPECT_THAT(most_confused(matrix, 3),
              ElementsAre(Confusion{1, 0, 7}, Confusion{0, 1, 4}, Confusion{1, 2, 4}));
  EXPECT_EQ(most_confused(matrix, 10).size(), 4U) << "pairs that never happened are none";
}

}  // namespace
}  // namespace thimble
