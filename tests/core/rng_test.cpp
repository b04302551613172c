#include "thimble/core/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace thimble {
namespace {

TEST(Rng, RepeatsItselfForASeed) {
  Rng a(7);
  Rng b(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
  EXPECT_NE(Rng(7).bits(), Rng(8).bits());
}

TEST(Rng, ForksDoNotDependOnDrawsTaken) {
  Rng used(7);
  for (int i = 0; i < 5; ++i) used.bits();
  EXPECT_EQ(used.fork(3).bits(), Rng(7).fork(3).bits());
  EXPECT_NE(Rng(7).fork(3).bits(), Rng(7).fork(4).bits());
  EXPECT_NE(Rng(7).fork(1).fork(2).bits(), Rng(7).fork(2).fork(1).bits());
}

// 60,000 draws over 6 faces: each count has mean 10,000 and standard deviation sqrt(60000 · 1/6 ·
// 5/6) = 91.3; 5 of them are 456.
TEST(Rng, DrawsIntegersUniformlyWithBothEndsIncluded) {
  Rng rng(1);
  std::map<std::int64_t, int> counts;
  for (int i = 0; i < 60'000; ++i) ++counts[rng.uniform_int(-2, 3)];
  ASSERT_EQ(counts.size(), 6U);
  EXPECT_EQ(counts.begin()->first, -2);
  EXPECT_EQ(counts.rbegin()->first, 3);
  for (const auto& [face, count] : counts) EXPECT_NEAR(count, 10'000, 456) << face;
}

TEST(Rng, SurvivesTheWholeRangeOfIntegers) {
  Rng rng(1);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 64; ++i) {
    const std::int64_t draw = rng.uniform_int(INT64_MIN, INT64_MAX);
    (draw < 0 ? negative : positive) = true;
  }
  EXPECT_TRUE(negative && positive);
  EXPECT_EQ(rng.uniform_int(5, 5), 5);
}

// The mean of n standard normals has standard deviation 1/sqrt(n) = 0.01, their variance about
// sqrt(2/n) = 0.014: 5 of each.
TEST(Rng, DrawsStandardNormals) {
  Rng rng(2);
  constexpr int n = 10'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0, 0.05);
  EXPECT_NEAR(squares / n, 1, 0.07);
}

TEST(Rng, ShufflesToAPermutation) {
  std::vector<int> items(50);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> before = items;
  Rng rng(3);
  rng.shuffle(std::span(items));
  EXPECT_NE(items, before);
  std::ranges::sort(items);
  EXPECT_EQ(items, before);
}

// Hashes and draws are written to files: pinned, so that a change of machine or code shows.
TEST(Rng, IsTheSameOnEveryMachine) {
  EXPECT_EQ(mix(0, 0), mix(0, 0));
  EXPECT_NE(mix(0, 1), mix(1, 0));
  Rng rng(0);
  // xoshiro256** from SplitMix64(0): the published reference's first outputs.
  EXPECT_EQ(rng.bits(), 11091344671253066420ULL);
  EXPECT_EQ(rng.bits(), 13793997310169335082ULL);
}

}  // namespace
}  // namespace thimble
