#include "thimble/samples/augmentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace thimble {
namespace {

constexpr Shape kShape{.height = 10, .width = 20, .channels = 1};

TEST(DrawPlacement, DoesNothingByDefault) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_EQ(draw_placement({}, kShape, Rng(seed)), Placement{});
  }
}

TEST(DrawPlacement, DrawsWithTheProbabilitiesOfThePolicy) {
  const AugmentationPolicy policy{
      .shift = 2, .flip_horizontal = true, .rotate_probability = 0.3, .rotate_radians = 0.2};
  std::map<int, int> down;
  std::map<int, int> right;
  int mirrored = 0;
  int turned = 0;
  double steepest = 0;
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const Placement placement = draw_placement(policy, kShape, Rng(7).fork(seed));
    ++down[placement.down];
    ++right[placement.right];
    mirrored += placement.mirrored;
    turned += placement.radians != 0;
    steepest = std::max(steepest, std::abs(placement.radians));
    sum += placement.radians;
  }
  // Five standard deviations of a binomial of 10,000: 250 at p = 0.5, 230 at 0.3, 200 at 0.2.
  EXPECT_NEAR(mirrored, 5000, 250);
  EXPECT_NEAR(turned, 3000, 230);
  for (const auto& shifts : {down, right}) {
    ASSERT_EQ(shifts.size(), 5);
    for (const auto& [pixels, count] : shifts) {
      EXPECT_LE(std::abs(pixels), 2);
      EXPECT_NEAR(count, 2000, 200);
    }
  }
  EXPECT_LE(steepest, 0.2);
  EXPECT_GT(steepest, 0.199);
  // Mean of about 3000 angles of σ = 0.2/√3: five times 0.0021.
  EXPECT_NEAR(sum / turned, 0, 0.0105);
}

TEST(DrawPlacement, TakesAShareOfEachAxisWhereItIsMore) {
  const AugmentationPolicy policy{.shift = 2, .shift_share = 0.15};
  int furthest_down = 0;
  int furthest_right = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Placement placement = draw_placement(policy, kShape, Rng(seed));
    furthest_down = std::max(furthest_down, std::abs(placement.down));
    furthest_right = std::max(furthest_right, std::abs(placement.right));
  }
  EXPECT_EQ(furthest_down, 2);   // 0.15 · 10 = 1.5, rounded down 1, is less than 2
  EXPECT_EQ(furthest_right, 3);  // 0.15 · 20
}

TEST(DrawPlacement, LeavesTheOtherVariationsAsTheyWere) {
  const AugmentationPolicy all{
      .shift = 3, .flip_horizontal = true, .rotate_probability = 0.5, .rotate_radians = 0.4};
  AugmentationPolicy without_flip = all;
  without_flip.flip_horizontal = false;
  AugmentationPolicy without_turn = all;
  without_turn.rotate_probability = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Placement expected = draw_placement(all, kShape, Rng(seed));
    Placement unmirrored = expected;
    unmirrored.mirrored = false;
    EXPECT_EQ(draw_placement(without_flip, kShape, Rng(seed)), unmirrored);
    Placement upright = expected;
    upright.radians = 0;
    EXPECT_EQ(draw_placement(without_turn, kShape, Rng(seed)), upright);
  }
}

TEST(DrawPlacement, CropsEachAxisByItselfAnywhere) {
  const AugmentationPolicy policy{.crop = 0.3};
  double sum = 0;
  double shortest = 1;
  double furthest = 0;
  int different = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const Crop crop = draw_placement(policy, kShape, Rng(3).fork(seed)).crop;
    EXPECT_GE(crop.top, 0);
    EXPECT_GE(crop.left, 0);
    EXPECT_LE(crop.top + crop.height, 1);
    EXPECT_LE(crop.left + crop.width, 1);
    sum += crop.height;
    shortest = std::min({shortest, crop.height, crop.width});
    furthest = std::max({furthest, crop.top, crop.left});
    different += std::abs(crop.height - crop.width) > 0.01;
  }
  // Uniform in 0.7 … 1: mean 0.85, deviation 0.3/√12; five times 0.0866 / 100.
  EXPECT_NEAR(sum / 10'000, 0.85, 0.0044);
  EXPECT_GE(shortest, 0.7);
  EXPECT_LT(shortest, 0.701);
  EXPECT_GT(furthest, 0.25);
  EXPECT_GT(different, 9000);
}

TEST(DrawTimeShift, TakesAllWholeStepsUpToItsShare) {
  const AugmentationPolicy policy{.time_shift = 0.1};
  std::map<int, int> steps;
  for (std::uint64_t seed = 0; seed < 5000; ++seed) ++steps[draw_time_shift(policy, 29, Rng(seed))];
  ASSERT_EQ(steps.size(), 5);  // 0.1 · 29 = 2.9
  for (const auto& [step, count] : steps) {
    EXPECT_LE(std::abs(step), 2);
    EXPECT_NEAR(count, 1000, 5 * std::sqrt(5000 * 0.2 * 0.8));
  }
  EXPECT_EQ(draw_time_shift(policy, 9, Rng(0)), 0);
}

TEST(DrawColours, TakesEachFactorFromItsRange) {
  const AugmentationPolicy policy{.brightness = 0.4, .contrast = 0.2, .saturation = 0.1};
  Colours least{9, 9, 9};
  Colours most{};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Colours drawn = draw_colours(policy, Rng(seed));
    least = {std::min(least.brightness, drawn.brightness), std::min(least.contrast, drawn.contrast),
             std::min(least.saturation, drawn.saturation)};
    most = {std::max(most.brightness, drawn.brightness), std::max(most.contrast, drawn.contrast),
            std::max(most.saturation, drawn.saturation)};
    AugmentationPolicy without = policy;
    without.brightness = 0;
    EXPECT_EQ(draw_colours(without, Rng(seed)), (Colours{1, drawn.contrast, drawn.saturation}));
  }
  EXPECT_NEAR(least.brightness, 0.6, 0.01);
  EXPECT_NEAR(most.brightness, 1.4, 0.01);
  EXPECT_NEAR(least.contrast, 0.8, 0.01);
  EXPECT_NEAR(most.contrast, 1.2, 0.01);
  EXPECT_NEAR(least.saturation, 0.9, 0.01);
  EXPECT_NEAR(most.saturation, 1.1, 0.01);
}

TEST(DrawCutout, CutsASquareAboutAnyPixel) {
  const AugmentationPolicy policy{.cutout = 3};
  std::map<int, int> first_rows;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const Patch cut = draw_cutout(policy, kShape, Rng(seed));
    ++first_rows[cut.first_row];
    // Three rows about the centre, fewer at the edges: 0 … 1 and 8 … 9.
    const bool at_edge = cut.end_row == 2 || cut.first_row == 8;
    EXPECT_EQ(cut.end_row - cut.first_row, at_edge ? 2 : 3);
    EXPECT_GE(cut.first_column, 0);
    EXPECT_LE(cut.end_column, 20);
    EXPECT_GE(cut.end_column - cut.first_column, 2);
  }
  // Centres 0 and 1 both begin at row 0; each has 1000.
  ASSERT_EQ(first_rows.size(), 9);
  EXPECT_NEAR(first_rows[0], 2000, 200);
  for (int row = 1; row < 9; ++row) EXPECT_NEAR(first_rows[row], 1000, 150);
}

TEST(DrawMasks, TakesEveryLengthUpToItsShareAndEveryPlace) {
  const AugmentationPolicy policy{.masks = 0.2};
  std::map<std::pair<int, int>, int> rows;
  std::map<int, int> widths;
  for (std::uint64_t seed = 0; seed < 12'000; ++seed) {
    const Patch masks = draw_masks(policy, kShape, Rng(seed));
    ++rows[{masks.first_row, masks.end_row}];
    ++widths[masks.end_column - masks.first_column];
    EXPECT_LE(masks.end_row, 10);
    EXPECT_LE(masks.end_column, 20);
  }
  // Lengths 0, 1, 2 of rows at 11, 10, 9 places; 0 to 4 of columns.
  EXPECT_EQ(rows.size(), 30);
  ASSERT_EQ(widths.size(), 5);
  for (const auto& [width, count] : widths) EXPECT_NEAR(count, 2400, 220);
}

TEST(DrawPlacement, IsLeftAsItWasByACrop) {
  const AugmentationPolicy without{.shift = 3, .rotate_probability = 0.5, .rotate_radians = 0.4};
  AugmentationPolicy with = without;
  with.crop = 0.4;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Placement placement = draw_placement(with, kShape, Rng(seed));
    EXPECT_NE(placement.crop, Crop{});
    placement.crop = {};
    EXPECT_EQ(placement, draw_placement(without, kShape, Rng(seed)));
  }
}

}  // namespace
}  // namespace thimble
