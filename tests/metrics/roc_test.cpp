#include "thimble/metrics/roc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

using testing::DoubleEq;
using testing::Optional;

using Values = std::vector<double>;
using Kinds = std::vector<std::uint8_t>;

struct Problem {
  Values scores;
  Kinds positive;
};

/// Scores of so few values that many are equal.
Problem random_problem(Rng& rng) {
  Problem problem;
  const std::int64_t count = rng.uniform_int(2, 40);
  const std::int64_t values = rng.uniform_int(1, 12);
  for (std::int64_t i = 0; i < count; ++i) {
    problem.positive.push_back(static_cast<std::uint8_t>(i < 2 ? i : rng.uniform_int(0, 1)));
    const auto score = rng.uniform_int(0, values) + 2 * problem.positive.back();
    problem.scores.push_back(static_cast<double>(score) / 4);
  }
  return problem;
}

/// Every pair of a positive and a negative sample, one after another.
double pairs_won(const Problem& problem) {
  double won = 0, pairs = 0;
  for (std::size_t p = 0; p < problem.scores.size(); ++p) {
    for (std::size_t n = 0; n < problem.scores.size(); ++n) {
      if (problem.positive[p] == 0 || problem.positive[n] != 0) continue;
      ++pairs;
      if (problem.scores[p] > problem.scores[n]) won += 1;
      if (problem.scores[p] == problem.scores[n]) won += 0.5;
    }
  }
  return won / pairs;
}

/// A threshold at each score, rates counted anew at each, the curve cut where it passes `end`, and
/// trapezoids below it.
double area_up_to(const Problem& problem, double end) {
  const auto rates = [&](double threshold) {
    double hits = 0, false_alarms = 0, positives = 0, negatives = 0;
    for (std::size_t i = 0; i < problem.scores.size(); ++i) {
      (problem.positive[i] != 0 ? positives : negatives) += 1;
      if (problem.scores[i] < threshold) continue;
      (problem.positive[i] != 0 ? hits : false_alarms) += 1;
    }
    return std::pair(false_alarms / negatives, hits / positives);
  };
  const std::set<double, std::greater<>> thresholds(problem.scores.begin(), problem.scores.end());
  std::pair<double, double> before{0, 0};
  double area = 0;
  for (const double threshold : thresholds) {
    const auto now = rates(threshold);
    if (now.first <= end) {
      area += (now.first - before.first) * (now.second + before.second) / 2;
    } else if (before.first < end) {
      const double slope = (now.second - before.second) / (now.first - before.first);
      const double height = before.second + slope * (end - before.first);
      area += (end - before.first) * (before.second + height) / 2;
    }
    before = now;
  }
  return area;
}

// The example of scikit-learn's manual: three of the four pairs are in order.
TEST(RocAuc, IsTheShareOfPairsInOrder) {
  EXPECT_THAT(roc_auc(Values{0.1, 0.4, 0.35, 0.8}, Kinds{0, 0, 1, 1}), Optional(0.75));
  EXPECT_THAT(roc_auc(Values{1, 2, 3}, Kinds{0, 0, 1}), Optional(1.0));
  EXPECT_THAT(roc_auc(Values{1, 2, 3}, Kinds{1, 0, 0}), Optional(0.0));
}

TEST(RocAuc, CountsEqualScoresHalf) {
  EXPECT_THAT(roc_auc(Values{5, 5, 5}, Kinds{0, 1, 0}), Optional(0.5));
  // Pairs of 2 with 1, 2 and of 3 with 1, 2: 1 + 1/2 + 1 + 1 of 4.
  EXPECT_THAT(roc_auc(Values{1, 2, 2, 3}, Kinds{0, 0, 1, 1}), Optional(3.5 / 4));
}

TEST(RocAuc, IsWhatComparingAllPairsGives) {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    const Problem problem = random_problem(rng);
    ASSERT_THAT(roc_auc(problem.scores, problem.positive), Optional(DoubleEq(pairs_won(problem))));
  }
}

TEST(RocAuc, NeedsSamplesOfBothKinds) {
  EXPECT_EQ(roc_auc(Values{1, 2}, Kinds{1, 1}), std::nullopt);
  EXPECT_EQ(roc_auc(Values{1, 2}, Kinds{0, 0}), std::nullopt);
  EXPECT_EQ(roc_auc(Values{}, Kinds{}), std::nullopt);
  EXPECT_EQ(partial_roc_auc(Values{1, 2}, Kinds{1, 1}, 0.1), std::nullopt);
}

// The curve goes (0, 0), (0, 1/2), (1/2, 1/2), (1/2, 1), (1, 1). Up to 1/2: A = 1/4, chance 1/8,
// (1 + (1/8) / (3/8)) / 2 = 2/3. Up to 1/10: A = 1/20, chance 1/200, (1 + 9/19) / 2 = 14/19.
TEST(PartialRocAuc, IsStandardised) {
  const Problem problem{{0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}};
  EXPECT_THAT(partial_roc_auc(problem.scores, problem.positive, 0.5), Optional(DoubleEq(2.0 / 3)));
  EXPECT_THAT(partial_roc_auc(problem.scores, problem.positive, 0.1),
              Optional(DoubleEq(14.0 / 19)));
}

TEST(PartialRocAuc, IsHalfByChanceAndOneAtBest) {
  EXPECT_THAT(partial_roc_auc(Values{5, 5, 5}, Kinds{0, 1, 0}, 0.1), Optional(DoubleEq(0.5)));
  EXPECT_THAT(partial_roc_auc(Values{1, 2, 3}, Kinds{0, 0, 1}, 0.1), Optional(DoubleEq(1)));
  // Nothing under the curve: (1 − (1/200) / (19/200)) / 2 = 9/19.
  EXPECT_THAT(partial_roc_auc(Values{3, 2, 1}, Kinds{0, 0, 1}, 0.1), Optional(DoubleEq(9.0 / 19)));
}

TEST(PartialRocAuc, IsWhatTrapezoidsUnderTheCurveGive) {
  Rng rng(2);
  for (int round = 0; round < 300; ++round) {
    const Problem problem = random_problem(rng);
    for (const double p : {0.1, 0.25, 0.7, 1.0}) {
      const double chance = p * p / 2;
      const double expected = (1 + (area_up_to(problem, p) - chance) / (p - chance)) / 2;
      ASSERT_NEAR(partial_roc_auc(problem.scores, problem.positive, p).value(), expected, 1e-12);
    }
  }
}

TEST(PartialRocAuc, OfAllIsTheWholeArea) {
  Rng rng(3);
  for (int round = 0; round < 50; ++round) {
    const Problem problem = random_problem(rng);
    EXPECT_NEAR(partial_roc_auc(problem.scores, problem.positive, 1).value(),
                roc_auc(problem.scores, problem.positive).value(), 1e-12);
  }
}

}  // namespace
}  // namespace thimble
