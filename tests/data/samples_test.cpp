#include "thimble/data/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace thimble {
namespace {

using testing::ElementsAre;

const Samples kThree{.shape = {.height = 1, .width = 2, .channels = 2},
                     .pixels = {0, 10, 255, 10, 0, 10, 255, 10, 51, 10, 204, 10},
                     .labels = {4, 5, 6}};

TEST(Samples, SubsetKeepsTheOrderOfTheIndices) {
  const Samples picked = subset(kThree, std::array<std::uint32_t, 3>{2, 0, 2});
  EXPECT_EQ(picked.shape, kThree.shape);
  EXPECT_THAT(picked.labels, ElementsAre(6, 4, 6));
  EXPECT_THAT(picked.pixels, ElementsAre(51, 10, 204, 10, 0, 10, 255, 10, 51, 10, 204, 10));
}

TEST(Samples, MeasuresEachChannelByItself) {
  // Channel 0: 0, 255, 0, 255, 51, 204 → in parts of 255: 0, 1, 0, 1, 0.2, 0.8. Mean 3/6 = 0.5;
  // squared distances 4 · 0.25 + 2 · 0.09 = 1.18; variance 1.18/6. Channel 1 never varies from 10.
  const Normalisation measured = measure_normalisation(kThree);
  ASSERT_EQ(measured.mean.size(), 2);
  EXPECT_FLOAT_EQ(measured.mean[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.stddev[0], 0.44347116F);
  EXPECT_FLOAT_EQ(measured.mean[1], 10.0F / 255);
  EXPECT_EQ(measured.stddev[1], 1.0F);
}

}  // namespace
}  // namespace thimble
