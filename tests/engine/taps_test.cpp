#include "taps.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "thimble/core/rng.hpp"

namespace thimble::engine {
namespace {

using Pairs = std::multiset<std::tuple<int, int, int>>;  // output, kernel position, source

/// Straight from the definition of a convolution.
Pairs brute_force(const AxisGeometry& g) {
  Pairs pairs;
  for (int o = 0; o < g.output; ++o) {
    for (int k = 0; k < g.kernel; ++k) {
      const int source = o * g.stride + k * g.dilation - g.padding;
      if (source >= 0 && source < g.input) pairs.insert({o, k, source});
    }
  }
  return pairs;
}

Pairs pairs_of(const std::vector<Run>& runs) {
  Pairs pairs;
  for (const Run& run : runs) {
    for (int t = 0; t < run.outputs; ++t) {
      for (int j = 0; j < run.taps; ++j) {
        pairs.insert({run.first_output + t, run.kernel + j, run.first_source + t * run.stride + j});
      }
    }
  }
  return pairs;
}

TEST(Runs, HoldEveryPairOfOutputAndKernelPositionOnce) {
  Rng rng(7);
  const auto draw = [&](int low, int high) { return static_cast<int>(rng.uniform_int(low, high)); };
  for (int i = 0; i < 20'000; ++i) {
    AxisGeometry g{
        .input = draw(1, 12), .kernel = draw(1, 7), .stride = draw(1, 4), .dilation = draw(1, 3)};
    g.padding = draw(0, g.kernel * g.dilation);
    g.output = draw(1, 12);
    const Pairs expected = brute_force(g);
    ASSERT_EQ(pairs_of(runs_of_taps(g)), expected);
    ASSERT_EQ(pairs_of(runs_of_spans(g)), expected);
  }
}

TEST(Runs, OfTapsAreAsLongAsTheyCanBe) {
  const auto runs = runs_of_taps(
      {.input = 7, .output = 7, .kernel = 3, .stride = 1, .dilation = 1, .padding = 1});
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[0].outputs, 6);
  EXPECT_EQ(runs[1].outputs, 7);
  EXPECT_EQ(runs[2].outputs, 6);
}

}  // namespace
}  // namespace thimble::engine
