#include "thimble/train/recipe.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

TEST(LearningRate, RisesFromZeroAndFallsToZeroAlongACosine) {
  const Recipe recipe{.epochs = 10, .learning_rate = 0.2F, .warm_up_epochs = 2};
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 0), 0);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 1), 0.1F);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 2), 0.2F);
  EXPECT_NEAR(learning_rate_at(recipe, 6), 0.1F, 1e-7);  // half-way from 2 to 10: cos(π/2) = 0
  EXPECT_NEAR(learning_rate_at(recipe, 10), 0, 1e-8);
}

TEST(LearningRate, FallsInSteps) {
  const Recipe recipe{
      .epochs = 8, .learning_rate = 1, .schedule = Schedule::kStep, .warm_up_epochs = 0};
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 3.9), 1);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 4), 0.1F);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 6), 0.01F);
}

TEST(LearningRate, WarmsUpNoLongerThanHalfOfTheTraining) {
  const Recipe recipe{.epochs = 1, .learning_rate = 1, .warm_up_epochs = 5};
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 0.25), 0.5F);
  EXPECT_FLOAT_EQ(learning_rate_at(recipe, 0.5), 1);
}

}  // namespace
}  // namespace thimble
