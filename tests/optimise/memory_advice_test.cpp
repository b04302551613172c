#include "thimble/optimise/memory_advice.hpp"

#include <gmock/gmock.h>

#include "support/random_models.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/footprint/peak_ram.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The network of docs/peak_ram.md, its wide branch first: in 64, a 288, b 144, c 8, d 8 bytes;
// while b is made, in + a + b = 496 are live. With half of a, 64 + 144 + 144; with half of b, 64 +
// 288 + 72. The order of the docs needs 440. Half of c and d would change the output, and strides
// of 2 in a or b would make c smaller than d.
TEST(MemoryAdvice, IsWhatTheChangedNetworkNeeds) {
  Graph graph;
  const NodeId in = graph.input({8, 8, 1});
  const NodeId a = graph.add(Conv2D{.filters = 8, .kernel = {3, 3}}, {in});
  const NodeId b = graph.add(Conv2D{.filters = 4}, {a});
  const NodeId c = graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .stride = {2, 2}}, {b});
  const NodeId d = graph.add(Conv2D{.filters = 2, .kernel = {5, 5}, .stride = {2, 2}}, {in});
  graph.add(Add{}, {c, d});
  EXPECT_THAT(
      tensor_advice(graph, OperatorOrder::kStored),
      ElementsAre(MemoryAdvice{"4 filters instead of 8 in node 1 CONV_2D", 352_B, 144_B, false},
                  MemoryAdvice{"2 filters instead of 4 in node 2 CONV_2D", 424_B, 72_B, false},
                  MemoryAdvice{"the operators in another order", 440_B, 56_B, true}));
  EXPECT_EQ(tensor_advice(graph, OperatorOrder::kStored, 1).size(), 1U);
  for (const MemoryAdvice& advice : tensor_advice(graph, OperatorOrder::kBest)) {
    EXPECT_FALSE(advice.same_answers) << advice.change << ": the order is the best already";
  }
}

// in 3072, a 16384: both are live while a is made. A stride of 2 there, whether b keeps its own or
// not, makes it 4096. Half the filters save 8192 bytes, and in the tail eight multipliers and
// shifts of 4 bytes each.
TEST(MemoryAdvice, OfAnArenaCountsTheTailToo) {
  Graph graph;
  const NodeId in = graph.input({32, 32, 3});
  const NodeId a =
      graph.add(Conv2D{.filters = 16, .kernel = {3, 3}, .padding = Padding::kSame}, {in});
  const NodeId b = graph.add(
      Conv2D{.filters = 8, .kernel = {3, 3}, .stride = {2, 2}, .padding = Padding::kSame}, {a});
  graph.add(Dense{.units = 10}, {b});
  const ArenaTarget& target = find_arena_target("x86-64");
  const Bytes now = plan_arena(graph, target).smallest;
  EXPECT_THAT(
      arena_advice(graph, target, OperatorOrder::kBest),
      ElementsAre(MemoryAdvice{"stride 2 in node 1 CONV_2D", now - 12'288_B, 12'288_B, false},
                  MemoryAdvice{"the stride of node 2 CONV_2D in node 1 CONV_2D already",
                               now - 12'288_B, 12'288_B, false},
                  MemoryAdvice{"8 filters instead of 16 in node 1 CONV_2D", now - 8'256_B, 8'256_B,
                               false}));
}

// in 256 ─▶ a 256 ─▶ in + a: three tensors are live at the sum, and only there.
TEST(MemoryAdvice, NamesASumThatCouldBeWrittenInPlace) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 256});
  const NodeId a = graph.add(Dense{.units = 256}, {in});
  graph.add(Add{}, {in, a});
  EXPECT_THAT(
      tensor_advice(graph, OperatorOrder::kStored),
      ElementsAre(MemoryAdvice{"sums written over one of their terms", 512_B, 256_B, true}));
}

// Halving one term of a sum would need halving the other.
TEST(MemoryAdvice, HalvesAllTermsOfASumTogether) {
  Graph graph;
  const NodeId in = graph.input({8, 8, 1});
  const NodeId a = graph.add(Conv2D{.filters = 8}, {in});
  const NodeId b = graph.add(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame}, {a});
  const NodeId c = graph.add(Conv2D{.filters = 8}, {b});
  const NodeId sum = graph.add(Add{}, {a, c});
  graph.add(Dense{.units = 2}, {sum});
  // Live at c and at the sum: three of 512 bytes; then three of 256.
  const auto advice = tensor_advice(graph, OperatorOrder::kStored);
  ASSERT_FALSE(advice.empty());
  EXPECT_EQ(advice.back(),
            (MemoryAdvice{"4 filters instead of 8 in nodes 1 and 3", 768_B, 768_B, false}));
}

// Pointwise layers of 4 filters each, of 64 values: 512 bytes are live at the second, at the third
// and at the fourth, so that fewer filters in one of them alone do not help.
TEST(MemoryAdvice, HalvesAllOfOneWidthTogether) {
  Graph graph;
  NodeId last = graph.input({8, 8, 1});
  for (int i = 0; i < 4; ++i) last = graph.add(Conv2D{.filters = 4}, {last});
  graph.add(Dense{.units = 2}, {last});
  const auto advice = tensor_advice(graph, OperatorOrder::kStored);
  ASSERT_EQ(advice.size(), 3U);
  EXPECT_EQ(advice[0], (MemoryAdvice{"stride 2 in node 1 CONV_2D", 128_B, 384_B, false}));
  EXPECT_EQ(advice[1],
            (MemoryAdvice{"2 filters instead of 4 in nodes 1, 2, 3 and 4", 256_B, 256_B, false}));
  EXPECT_EQ(advice[2], (MemoryAdvice{"stride 2 in node 2 CONV_2D", 320_B, 192_B, false}));
}

TEST(MemoryAdvice, IsSilentWhereNothingHelps) {
  Graph graph;
  graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  EXPECT_THAT(tensor_advice(graph, OperatorOrder::kStored), IsEmpty());
  EXPECT_THAT(arena_advice(graph, find_arena_target("cortex-m4"), OperatorOrder::kStored),
              IsEmpty());
}

TEST(MemoryAdvice, AlwaysHelpsTheBestFirst) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    const Graph graph = testing::random_deployed_graph(rng, 12);
    const Bytes peak = peak_ram_as_stored(graph).peak;
    const auto advice = tensor_advice(graph, OperatorOrder::kStored);
    ASSERT_LE(advice.size(), 5U);
    for (std::size_t i = 0; i < advice.size(); ++i) {
      ASSERT_GT(advice[i].saved, 0_B);
      ASSERT_EQ(advice[i].needed + advice[i].saved, peak);
      ASSERT_TRUE(i == 0 || advice[i].saved <= advice[i - 1].saved);
    }
  }
}

}  // namespace
}  // namespace thimble
