#include "thimble/data/split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace thimble {
namespace {

using Parts = std::vector<std::vector<std::uint32_t>>;

/// Disjoint, complete, ascending, and every class within one sample of its share in every part.
void expect_stratified(const Parts& parts, std::span<const std::int32_t> labels,
                       std::span<const double> shares) {
  ASSERT_EQ(parts.size(), shares.size());
  std::vector<int> seen(labels.size());
  std::map<std::int32_t, std::vector<int>> counts;
  std::map<std::int32_t, int> sizes;
  for (const std::int32_t label : labels) {
    ++sizes[label];
    counts[label].resize(shares.size());
  }
  for (std::size_t part = 0; part < parts.size(); ++part) {
    EXPECT_TRUE(std::ranges::is_sorted(parts[part]));
    for (const std::uint32_t index : parts[part]) {
      ASSERT_LT(index, labels.size());
      ++seen[index];
      ++counts[labels[index]][part];
    }
  }
  EXPECT_THAT(seen, testing::Each(1));
  for (const auto& [label, count] : counts) {
    for (std::size_t part = 0; part < shares.size(); ++part) {
      EXPECT_LT(std::abs(count[part] - sizes[label] * shares[part]), 1)
          << label << " in part " << part;
    }
  }
}

std::vector<std::int32_t> random_labels(std::size_t n, int classes, Rng& rng) {
  std::vector<std::int32_t> labels(n);
  // The larger of two draws: classes of unequal size.
  for (auto& label : labels) {
    label = static_cast<std::int32_t>(
        std::max(rng.uniform_int(0, classes - 1), rng.uniform_int(0, classes - 1)));
  }
  return labels;
}

TEST(StratifiedSplit, SpreadsEveryClassOverThePartsInProportion) {
  Rng rng(3);
  for (int trial = 0; trial < 300; ++trial) {
    const auto labels = random_labels(static_cast<std::size_t>(rng.uniform_int(0, 400)),
                                      static_cast<int>(rng.uniform_int(1, 40)), rng);
    const double first = rng.uniform(0, 0.6);
    const double second = rng.uniform(0, 0.4);
    const std::vector<double> shares = {first, second, 1 - first - second};
    expect_stratified(stratified_split(labels, shares, rng.fork(1)), labels, shares);
  }
}

TEST(StratifiedSplit, KeepsTheTotalOfTwoPartsWithinOne) {
  Rng rng(4);
  for (int trial = 0; trial < 300; ++trial) {
    // Many small classes: rounding each by itself would be off by up to half of them.
    const auto labels = random_labels(500, 60, rng);
    const double share = rng.uniform(0.02, 0.98);
    const Parts parts = stratified_split(labels, std::vector{share, 1 - share}, rng.fork(1));
    EXPECT_LT(std::abs(static_cast<double>(parts[0].size()) - 500 * share), 1 + 1e-6);
  }
}

TEST(StratifiedSplit, TakesSharesOfWholeNumbersExactly) {
  // As Fashion-MNIST: 0.1 is no binary fraction, yet 6000 · 0.1 is 600 and not 599 or 601.
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 60'000; ++i) labels.push_back(i % 10);
  const std::vector shares = {1 - 0.1, 0.1, 0.0};
  const Parts parts = stratified_split(labels, shares, Rng(0));
  EXPECT_EQ(parts[0].size(), 54'000);
  EXPECT_EQ(parts[1].size(), 6'000);
  EXPECT_TRUE(parts[2].empty());
  expect_stratified(parts, labels, shares);
}

TEST(StratifiedSplit, DependsOnTheSeedAndOnNothingElse) {
  Rng rng(5);
  const auto labels = random_labels(200, 5, rng);
  const std::vector shares = {0.5, 0.5};
  Rng drawn_from(8);
  drawn_from.bits();
  EXPECT_EQ(stratified_split(labels, shares, Rng(8)), stratified_split(labels, shares, Rng(8)));
  EXPECT_EQ(stratified_split(labels, shares, Rng(8)), stratified_split(labels, shares, drawn_from));
  EXPECT_NE(stratified_split(labels, shares, Rng(8)), stratified_split(labels, shares, Rng(9)));
}

TEST(StratifiedSplit, DrawsEachSampleOfAClassEquallyOften) {
  // 10 samples of one class, 3 of them drawn: over 2000 seeds each about 600 times (σ = 20.5).
  const std::vector<std::int32_t> labels(10, 0);
  std::vector<int> drawn(10);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Parts parts = stratified_split(labels, std::vector{0.3, 0.7}, Rng(seed));
    for (const std::uint32_t index : parts[0]) ++drawn[index];
  }
  EXPECT_THAT(drawn, testing::Each(testing::AllOf(testing::Gt(500), testing::Lt(700))));
}

/// 60 groups of 1 to 12 samples, each of one to three of five classes.
void draw_groups(Rng& rng, std::vector<std::int32_t>& labels, std::vector<std::int32_t>& groups) {
  for (std::int32_t group = 0; group < 60; ++group) {
    const auto first = rng.uniform_int(0, 4);
    for (auto left = rng.uniform_int(1, 12); left > 0; --left) {
      labels.push_back(static_cast<std::int32_t>((first + rng.uniform_int(0, 2)) % 5));
      groups.push_back(3 * group);
    }
  }
}

TEST(GroupedSplit, DividesNoGroupAndComesCloseToTheShares) {
  Rng rng(4);
  const std::array shares = {0.75, 0.1, 0.15};
  for (int round = 0; round < 20; ++round) {
    std::vector<std::int32_t> labels;
    std::vector<std::int32_t> groups;
    draw_groups(rng, labels, groups);
    const auto parts = grouped_split(labels, groups, shares, Rng(1));
    ASSERT_EQ(parts.size(), 3);
    std::map<std::int32_t, std::size_t> part_of_group;
    std::size_t total = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      EXPECT_TRUE(std::ranges::is_sorted(parts[part]));
      total += parts[part].size();
      for (const std::uint32_t i : parts[part]) {
        EXPECT_EQ(part_of_group.emplace(groups[i], part).first->second, part);
      }
      const double share =
          static_cast<double>(parts[part].size()) / static_cast<double>(labels.size());
      EXPECT_NEAR(share, shares[part], 0.05);
    }
    EXPECT_EQ(total, labels.size());
    EXPECT_EQ(parts, grouped_split(labels, groups, shares, Rng(1)));
  }
}

TEST(GroupedSplit, FindsTheBestDivisionOfAFewGroups) {
  // Four records of an electrocardiogram: beats, and among them those of the rare class.
  const int sizes[][2] = {{2271, 1}, {2650, 41}, {1543, 444}, {1656, 826}};
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> groups;
  for (std::int32_t group = 0; group < 4; ++group) {
    for (std::int32_t label = 0; label < 2; ++label) {
      labels.insert(labels.end(), static_cast<std::size_t>(sizes[group][label]), label);
      groups.insert(groups.end(), static_cast<std::size_t>(sizes[group][label]), group);
    }
  }
  const std::array shares = {0.75, 0.1, 0.15};
  const auto parts = grouped_split(labels, groups, shares, Rng(0));
  const auto factor = [&](const std::array<std::size_t, 4>& part_of) {
    double sum = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      for (const int label : {0, 1}) {
        double held = 0;
        double total = 0;
        for (std::size_t group = 0; group < 4; ++group) {
          total += sizes[group][label];
          if (part_of[group] == part) held += sizes[group][label];
        }
        sum += std::pow(std::log((held + 0.5) / (total * shares[part] + 0.5)), 2);
      }
    }
    return sum;
  };
  std::array<std::size_t, 4> found{};
  for (std::size_t part = 0; part < 3; ++part) {
    for (const std::uint32_t i : parts[part]) found[static_cast<std::size_t>(groups[i])] = part;
  }
  // Every way that leaves no part empty is at least as far away.
  for (std::size_t way = 0; way < 81; ++way) {
    const std::array<std::size_t, 4> other = {way % 3, way / 3 % 3, way / 9 % 3, way / 27};
    if (std::set<std::size_t>(other.begin(), other.end()).size() < 3) continue;
    EXPECT_LE(factor(found), factor(other) + 1e-12);
  }
  // The record with one beat of the rare class is no validation split.
  EXPECT_THAT(found, testing::ElementsAre(0, 1, 2, 0));
}

TEST(GroupedSplit, LeavesNoPartEmptyWhereThereAreEnoughGroups) {
  const std::vector<std::int32_t> labels = {0, 0, 0, 0, 0, 0, 1, 1};
  const std::vector<std::int32_t> groups = {5, 5, 5, 5, 5, 5, 9, 7};
  const auto parts = grouped_split(labels, groups, std::array{0.98, 0.01, 0.01}, Rng(0));
  EXPECT_EQ(parts[0].size(), 6);
  EXPECT_EQ(parts[1].size(), 1);
  EXPECT_EQ(parts[2].size(), 1);
}

}  // namespace
}  // namespace thimble
