#include "thimble/core/text.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble {
namespace {

const std::vector<std::string> kNames{"fashion-mnist", "mnist", "cifar-10"};

TEST(NearestName, FindsATypingError) {
  EXPECT_EQ(nearest_name("fashon-mnist", kNames), "fashion-mnist");
  EXPECT_EQ(nearest_name("CIFAR10", kNames), "cifar-10");
  EXPECT_EQ(nearest_name("mnsit", kNames), "mnist");  // one swap of neighbours
}

TEST(NearestName, DoesNotGuessWildly) { EXPECT_EQ(nearest_name("imagenet", kNames), ""); }

TEST(DidYouMean, IsEmptyWithoutAName) {
  EXPECT_EQ(did_you_mean("mnst", kNames), " (did you mean \"mnist\"?)");
  EXPECT_EQ(did_you_mean("imagenet", kNames), "");
}

}  // namespace
}  // namespace thimble
