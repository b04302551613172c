#include "thimble/data/augmentation.hpp"

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

}  // namespace
}  // namespace thimble
