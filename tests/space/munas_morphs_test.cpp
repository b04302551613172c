#include "thimble/space/munas_morphs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "space/reference_generator.hpp"
#include "thimble/space/munas_random.hpp"

namespace thimble {
namespace {

using Kind = MunasMorph::Kind;

/// Reading refuses what the space does not hold; what it reads is in normal form.
void expect_valid(const MunasGenotype& genotype) {
  const Json json = to_json(genotype);
  EXPECT_EQ(munas_from_json(JsonField(json, "child")), genotype);
}

int count(const std::vector<MunasMorph>& morphs, Kind kind) {
  return static_cast<int>(std::ranges::count(morphs, kind, &MunasMorph::kind));
}

MunasLayer conv(int filters) { return {.kernel = 5, .filters = filters}; }

TEST(MunasMorphs, LeadToAnotherGenotypeOfTheSpaceAlways) {
  Rng rng(5);
  for (int i = 0; i < 60; ++i) {
    const MunasGenotype parent = random_munas(rng);
    for (const MunasMorph& morph : munas_morphs(parent)) {
      const MunasGenotype child = apply(morph, parent, rng);
      EXPECT_NE(child, parent) << static_cast<int>(morph.kind);
      expect_valid(child);
    }
  }
}

TEST(MunasMorphs, StayInTheSpaceOnALongWalk) {
  Rng rng(6);
  MunasGenotype genotype = random_munas(rng);
  for (int i = 0; i < 3000; ++i) {
    const auto morphs = munas_morphs(genotype);
    const auto pick = rng.uniform_int(0, static_cast<std::int64_t>(morphs.size()) - 1);
    genotype = apply(morphs[static_cast<std::size_t>(pick)], genotype, rng);
    if (i % 10 == 0) expect_valid(genotype);
  }
}

// The shares were measured on the reference's own program with 600 random parents, drawing one
// morph of each neighbourhood. With 20,000 parents of our own the remaining difference is mostly
// theirs: 3 standard deviations of a share of 25 % in 600 parents, whose neighbourhoods are alike,
// are below one percentage point.
TEST(MunasMorphs, HaveTheSharesThatTheReferenceHas) {
  Rng rng(7);
  std::map<Kind, double> share;
  constexpr int kParents = 20'000;
  for (int i = 0; i < kParents; ++i) {
    const auto morphs = munas_morphs(reference_munas(rng));
    for (const MunasMorph& morph : morphs) {
      share[morph.kind] += 100.0 / (kParents * static_cast<double>(morphs.size()));
    }
  }
  const double toggles = share[Kind::kToggleBatchNorm] + share[Kind::kToggleRelu] +
                         share[Kind::kTogglePrePool] + share[Kind::kToggleStride];
  EXPECT_NEAR(share[Kind::kChangeFilters], 25.0, 1.0);
  EXPECT_NEAR(toggles, 24.1, 1.0);
  EXPECT_NEAR(share[Kind::kChangeType], 13.1, 0.5);
  EXPECT_NEAR(share[Kind::kChangeUnits], 11.3, 1.0);
  EXPECT_NEAR(share[Kind::kChangeKernel], 6.6, 0.4);
  EXPECT_NEAR(share[Kind::kInsertLayer], 4.5, 0.3);
  EXPECT_NEAR(share[Kind::kToggleBranch], 3.2, 0.3);
  EXPECT_NEAR(share[Kind::kRemoveBlock], 2.1, 0.3);
  EXPECT_NEAR(share[Kind::kRemoveRandomBlock], 0.9, 0.1);
  EXPECT_NEAR(share[Kind::kRemoveLayer], 2.1, 0.2);
  EXPECT_NEAR(share[Kind::kAppendBlock], 1.3, 0.1);
  EXPECT_NEAR(share[Kind::kTogglePool], 1.3, 0.1);
  EXPECT_NEAR(share[Kind::kChangePoolKind], 1.1, 0.1);
  EXPECT_NEAR(share[Kind::kChangePoolSize], 1.7, 0.1);
  EXPECT_NEAR(share[Kind::kAppendDense], 1.3, 0.1);
  EXPECT_NEAR(share[Kind::kRemoveDense], 0.6, 0.1);
}

// One block of one 5x5 convolution with 64 filters, a pool of 4, one dense layer of 100 units: 6 of
// filters, 2 of the kernel, 2 of the type, 4 flags, 1 layer to insert; 1 block to append; the pool
// off, its kind, 2 sizes; 6 of units, 1 layer to append.
TEST(MunasMorphs, OfASmallGenotypeAreCountedByHand) {
  const MunasGenotype parent{{{false, {conv(64)}}}, FinalPool{PoolKind::kMax, 4}, {100}};
  const auto morphs = munas_morphs(parent);
  EXPECT_EQ(morphs.size(), 6U + 2 + 2 + 4 + 1 + 1 + 4 + 6 + 1);
  EXPECT_EQ(count(morphs, Kind::kRemoveLayer), 0);
  EXPECT_EQ(count(morphs, Kind::kToggleBranch), 0) << "the first block is always serial";
  EXPECT_EQ(count(morphs, Kind::kRemoveBlock) + count(morphs, Kind::kRemoveRandomBlock), 0);
  EXPECT_EQ(count(morphs, Kind::kRemoveDense), 0);
}

TEST(MunasMorphs, RespectTheEndsOfTheRanges) {
  const MunasGenotype low{{{false, {{.type = LayerType::kPointwise, .filters = 2}}}}, {}, {10}};
  EXPECT_EQ(count(munas_morphs(low), Kind::kChangeFilters), 4) << "-1, +1, +3, +5";
  EXPECT_EQ(count(munas_morphs(low), Kind::kChangeUnits), 3) << "+1, +3, +5";
  EXPECT_EQ(count(munas_morphs(low), Kind::kChangeKernel), 0);
  EXPECT_EQ(count(munas_morphs(low), Kind::kToggleStride), 0);
  const MunasGenotype high{std::vector<MunasBlock>(10, {false, {conv(128), conv(128), conv(128)}}),
                           FinalPool{PoolKind::kMax, 6},
                           {256, 254, 251}};
  const auto morphs = munas_morphs(high);
  EXPECT_EQ(count(morphs, Kind::kChangeFilters), 3 * 30) << "-1, -3, -5 each";
  EXPECT_EQ(count(morphs, Kind::kChangeUnits), 3 + 4 + 6)
      << "256: down; 254: down and +1; 251: all";
  EXPECT_EQ(count(morphs, Kind::kChangePoolSize), 1);
  EXPECT_EQ(count(morphs, Kind::kInsertLayer), 0);
  EXPECT_EQ(count(morphs, Kind::kAppendBlock), 0);
  EXPECT_EQ(count(morphs, Kind::kAppendDense), 0);
}

TEST(MunasMorphs, RemovingASerialBlockMakesTheBranchBehindItSerial) {
  Rng rng(8);
  const MunasGenotype parent{
      {{false, {conv(1)}}, {false, {conv(2)}}, {true, {conv(3)}}, {true, {conv(4)}}}, {}, {10}};
  const MunasGenotype without_serial = apply({.kind = Kind::kRemoveBlock, .block = 1}, parent, rng);
  EXPECT_EQ(without_serial.blocks,
            (std::vector<MunasBlock>{{false, {conv(1)}}, {false, {conv(3)}}, {true, {conv(4)}}}));
  const MunasGenotype without_branch = apply({.kind = Kind::kRemoveBlock, .block = 2}, parent, rng);
  EXPECT_EQ(without_branch.blocks,
            (std::vector<MunasBlock>{{false, {conv(1)}}, {false, {conv(2)}}, {true, {conv(4)}}}));
}

TEST(MunasMorphs, InsertALayerAnywhereButBehindTheLast) {
  Rng rng(9);
  const MunasGenotype parent{{{false, {conv(1), conv(2)}}}, {}, {10}};
  std::map<std::size_t, int> places;
  for (int i = 0; i < 200; ++i) {
    const auto layers = apply({.kind = Kind::kInsertLayer}, parent, rng).blocks[0].layers;
    ASSERT_EQ(layers.size(), 3U);
    ASSERT_EQ(layers.back(), conv(2));
    ++places[layers[0] == conv(1) ? 1 : 0];
  }
  EXPECT_GT(places[0], 60);
  EXPECT_GT(places[1], 60);
}

TEST(MunasMorphs, ChangeOneFieldByTheStatedAmount) {
  Rng rng(10);
  const MunasGenotype parent{
      {{false, {conv(64)}}, {true, {conv(8)}}}, FinalPool{PoolKind::kMax, 4}, {100, 50}};
  EXPECT_EQ(apply({Kind::kChangeFilters, 1, 0, -5}, parent, rng).blocks[1].layers[0].filters, 3);
  EXPECT_EQ(apply({Kind::kChangeKernel, 0, 0, 2}, parent, rng).blocks[0].layers[0].kernel, 7);
  EXPECT_EQ(apply({Kind::kToggleStride, 0, 0}, parent, rng).blocks[0].layers[0].stride, 2);
  EXPECT_TRUE(apply({Kind::kToggleBatchNorm, 0, 0}, parent, rng).blocks[0].layers[0].batch_norm);
  EXPECT_TRUE(apply({Kind::kToggleRelu, 0, 0}, parent, rng).blocks[0].layers[0].relu);
  EXPECT_TRUE(apply({Kind::kTogglePrePool, 0, 0}, parent, rng).blocks[0].layers[0].pre_pool);
  EXPECT_FALSE(apply({Kind::kToggleBranch, 1}, parent, rng).blocks[1].branch);
  EXPECT_EQ(apply({Kind::kChangePoolSize, 0, 0, -2}, parent, rng).pool->size, 2);
  EXPECT_EQ(apply({Kind::kChangePoolKind}, parent, rng).pool->kind, PoolKind::kAverage);
  EXPECT_EQ(apply({Kind::kTogglePool}, parent, rng).pool, std::nullopt);
  EXPECT_EQ(apply({Kind::kChangeUnits, 0, 1, 3}, parent, rng).dense, (std::vector<int>{100, 53}));
}

}  // namespace
}  // namespace thimble
