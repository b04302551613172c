#include "thimble/arena/arena_plan.hpp"

#include <gmock/gmock.h>

#include "support/random_models.hpp"
#include "thimble/arena/lifetimes.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A network of one operator.
Graph single(Shape input, Op op) {
  Graph graph;
  graph.add(std::move(op), {graph.input(input)});
  return graph;
}

/// What the only operator asks for beside its tensors.
std::vector<Bytes> all_scratch(Shape input, Op op, std::string_view target) {
  const ArenaNetwork network = arena_network(single(input, std::move(op)));
  const ScratchSizes sizes = scratch_sizes(network.operators.at(0), find_arena_target(target));
  return {sizes.begin(), sizes.end()};
}

/// 0 for nothing.
Bytes scratch(Shape input, Op op, std::string_view target) {
  const std::vector<Bytes> sizes = all_scratch(input, std::move(op), target);
  EXPECT_LE(sizes.size(), 1U);
  return sizes.empty() ? 0_B : sizes[0];
}

// Head: 16 for the input's 8 bytes, 16 for the output's 4.
// Tail: interpreter 132, 4 tensors of 12, a node 32, options 5: 217; the kernel's 72 to a multiple
// of 16: 304; for the input and for the output a pointer to a multiple of 16, then 32 + 12 + 8:
// 372, 436. Preparing the layer: room for 12 requests of 12, four tensors looked at, 32 + 12 + 8
// each: 352, beside a tail of 304. Planning: 144 + 4 + 4 · 24 to a multiple of 16, two buffers of
// 40: 336, which is less.
TEST(ArenaPlan, AddsUpOneDenseLayerOnACortexM4) {
  const ArenaPlan plan =
      plan_arena(single({1, 1, 8}, Dense{.units = 4}), find_arena_target("cortex-m4"));
  EXPECT_EQ(plan.head_size, 32_B);
  EXPECT_EQ(plan.tail.interpreter, 132_B);
  EXPECT_EQ(plan.tail.tensors, 48_B);
  EXPECT_EQ(plan.tail.nodes, 32_B);
  EXPECT_EQ(plan.tail.options, 5_B);
  EXPECT_EQ(plan.tail.states, 87_B);
  EXPECT_EQ(plan.tail.arrays + plan.tail.handles, 0_B);
  EXPECT_EQ(plan.tail.ends, 132_B);
  EXPECT_EQ(plan.tail_size, 436_B);
  EXPECT_EQ(plan.used, 468_B);
  EXPECT_EQ(plan.preparation, 656_B);
  EXPECT_EQ(plan.smallest, 656_B);
}

// in ─▶ conv ─▶ add(in, conv), sizes 32, 32, 32: the input waits for the sum, and the convolution's
// scratch memory, 4 · 4 · 9 bytes, is needed only while it runs.
TEST(ArenaPlan, KeepsASkipConnectionWhileItWaits) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId conv =
      graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .padding = Padding::kSame}, {in});
  const NodeId sum = graph.add(Add{}, {in, conv});
  const ArenaPlan plan = plan_arena(graph, find_arena_target("cortex-m4"));
  ASSERT_EQ(plan.head.size(), 4U);
  const auto times = [&](NodeId id) {
    const ArenaBuffer& buffer = plan.head[static_cast<std::size_t>(id)];
    return std::vector{buffer.tensor, buffer.first, buffer.last};
  };
  EXPECT_THAT(times(in), ElementsAre(in, 0, 2));
  EXPECT_THAT(times(conv), ElementsAre(conv, 1, 2));
  EXPECT_THAT(times(sum), ElementsAre(sum, 2, 2));
  const ArenaBuffer& scratch = plan.head[3];
  EXPECT_EQ(scratch.scratch_of, 0);
  EXPECT_EQ(scratch.size, 80_B);  // 4 · 18 up to a multiple of 4 · 4, and of 16
  EXPECT_EQ(scratch.first, 1);
  EXPECT_EQ(scratch.last, 1);
}

TEST(ArenaPlan, SaysWhatAConvolutionAsksFor) {
  const Conv2D conv{.filters = 8, .kernel = {3, 3}};
  EXPECT_EQ(scratch({8, 8, 3}, conv, "cortex-m4"), Bytes(4 * 28));   // 27 to a multiple of 4
  EXPECT_EQ(scratch({8, 8, 3}, conv, "cortex-m55"), Bytes(4 * 32));  // 27 to a multiple of 16
  EXPECT_EQ(scratch({8, 8, 3}, conv, "cortex-m4-reference"), Bytes(0));
  EXPECT_EQ(scratch({8, 8, 3}, conv, "x86-64"), Bytes(0));
  const Conv2D pointwise{.filters = 8};
  EXPECT_EQ(scratch({8, 8, 3}, pointwise, "cortex-m4"), Bytes(0));
  EXPECT_EQ(scratch({8, 8, 3}, pointwise, "cortex-m55"), Bytes(0));
  // One row, 4 channels: Helium keeps the kernel's 5 columns and the 2 of padding before them.
  const Conv2D row{.filters = 8, .kernel = {1, 5}, .padding = Padding::kSame};
  EXPECT_EQ(scratch({1, 20, 4}, row, "cortex-m4"), Bytes(4 * 20));
  EXPECT_EQ(scratch({1, 20, 4}, row, "cortex-m55"), Bytes((5 + 2) * 4));
  EXPECT_EQ(scratch({1, 20, 3}, row, "cortex-m55"),
            Bytes(4 * 16));  // 3 channels: as any convolution
}

TEST(ArenaPlan, SaysWhatADepthwiseConvolutionAsksFor) {
  const DepthwiseConv2D small{.kernel = {3, 3}, .padding = Padding::kSame};
  const DepthwiseConv2D large{.kernel = {5, 5}, .padding = Padding::kSame};
  const DepthwiseConv2D doubled{.multiplier = 2, .kernel = {5, 5}};
  EXPECT_EQ(scratch({8, 8, 16}, small, "cortex-m4"), Bytes(0));
  EXPECT_EQ(scratch({8, 8, 16}, large, "cortex-m4"), Bytes(2 * 16 * 25));
  EXPECT_EQ(scratch({8, 8, 16}, doubled, "cortex-m4"), Bytes(0));
  EXPECT_EQ(scratch({8, 8, 16}, small, "cortex-m55"), Bytes(4 * 124 * 9));
  EXPECT_EQ(scratch({8, 8, 16}, large, "cortex-m55"), Bytes(4 * 124 * 25));
  EXPECT_EQ(scratch({8, 8, 16}, doubled, "cortex-m55"), Bytes(0));
  // One channel becomes a convolution: its columns, 25 to a multiple of 16, and its weights.
  EXPECT_EQ(scratch({8, 8, 1}, doubled, "cortex-m55"), Bytes(4 * 32 + 2 * 25));
}

TEST(ArenaPlan, SaysWhatInt4WeightsAskFor) {
  const Conv2D conv{.filters = 8, .kernel = {3, 3}, .weights = WeightType::kInt4};
  const DepthwiseConv2D depthwise{.multiplier = 2, .kernel = {3, 3}, .weights = WeightType::kInt4};
  const Dense dense{.units = 5, .weights = WeightType::kInt4};
  for (const char* target : {"x86-64", "cortex-m4-reference"}) {
    EXPECT_EQ(scratch({8, 8, 3}, conv, target), Bytes(8 * 9 * 3));
    EXPECT_EQ(scratch({8, 8, 3}, depthwise, target), Bytes(9 * 6));
    EXPECT_EQ(scratch({8, 8, 3}, dense, target), Bytes(192 * 5));
  }
  EXPECT_THAT(
      [&] {
        plan_arena(single({8, 8, 3}, conv), find_arena_target("cortex-m4"));
      },
      ThrowsMessage<ModelError>(HasSubstr("CONV_2D that makes tensor 1, int4 weights")));
  EXPECT_THAT(derived_kernels(arena_network(single({8, 8, 3}, conv)),
                              find_arena_target("cortex-m4-reference")),
              ElementsAre(TflmKernel::kConv2D));
}

TEST(ArenaPlan, SaysWhatAPoolAsksFor) {
  const Pool2D average{.kind = PoolKind::kAverage, .window = {2, 2}, .stride = {2, 2}};
  EXPECT_EQ(scratch({8, 8, 16}, average, "cortex-m7"), Bytes(4 * 16));
  EXPECT_EQ(scratch({8, 8, 16}, average, "cortex-m55"), Bytes(0));
  const Pool2D largest{.kind = PoolKind::kMax, .window = {2, 2}, .stride = {2, 2}};
  EXPECT_EQ(scratch({8, 8, 16}, largest, "cortex-m7"), Bytes(0));
}

// Tail: interpreter 132, 2 tensors of 12, a node 32, options 8 at a multiple of 4: 196; the
// kernel's 24 to a multiple of 16: 224; input and output as above: 356.
TEST(ArenaPlan, AddsUpOneConcatenationOnEveryCore) {
  Graph graph;
  const NodeId in = graph.input({2, 2, 2});
  graph.add(Concat{}, {in, in});
  for (const char* core : {"cortex-m4", "cortex-m7", "cortex-m4-reference", "cortex-m55"}) {
    const ArenaPlan plan = plan_arena(graph, find_arena_target(core));
    EXPECT_EQ(plan.tail.options, 8_B) << core;
    EXPECT_EQ(plan.tail.states, 28_B) << core;
    EXPECT_EQ(plan.tail_size, 356_B) << core;
    EXPECT_EQ(plan.head_size, 32_B) << core;
  }
}

/// States and options of a network of one operator.
Bytes kept(Op op, std::string_view target) {
  const TailLayout tail =
      plan_arena(single({8, 8, 4}, std::move(op)), find_arena_target(target)).tail;
  return tail.states + tail.options;
}

// What lies before them ends at 132 + 12 · 2 + 32 = 188, 4 bytes short of a multiple of 16, with
// paddings at 200, 8 bytes short of one.
TEST(ArenaPlan, KeepsAsMuchForPadsAndLoneActivationsAsTheirTypesTakeAnywhere) {
  for (const char* core : {"cortex-m4", "cortex-m4-reference", "cortex-m55"}) {
    EXPECT_EQ(kept(Pad{1, 1, 1, 1}, core), Bytes(8 + 48)) << core;
    EXPECT_EQ(kept(Activate{Activation::kRelu}, core), Bytes(4 + 32)) << core;
    EXPECT_EQ(kept(Activate{Activation::kRelu6}, core), Bytes(4 + 16)) << core;
  }
}

TEST(ArenaPlan, SaysWhichFiguresNobodyHasMeasured) {
  Graph graph;
  NodeId x = graph.add(Pad{1, 1, 1, 1}, {graph.input({4, 4, 2})});
  x = graph.add(Conv2D{.filters = 2, .kernel = {3, 3}}, {x});
  x = graph.add(Pad{1, 0, 1, 0}, {x});
  graph.add(Activate{Activation::kRelu6}, {x});
  const ArenaNetwork network = arena_network(graph);
  EXPECT_THAT(derived_kernels(network, find_arena_target("cortex-m7")),
              ElementsAre(TflmKernel::kPad, TflmKernel::kRelu6));
  EXPECT_TRUE(derived_kernels(network, find_arena_target("x86-64")).empty());
}

// A dense layer before an operator on images has four axes, and CMSIS-NN runs it otherwise.
TEST(ArenaPlan, RefusesByNameWhatNobodyKnows) {
  Graph graph;
  const NodeId dense = graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  graph.add(Conv2D{.filters = 2}, {dense});
  EXPECT_THAT([&] { plan_arena(graph, find_arena_target("cortex-m4")); },
              ThrowsMessage<ModelError>(HasSubstr("FULLY_CONNECTED")));
  EXPECT_THAT([&] { plan_arena(graph, find_arena_target("cortex-m55")); },
              ThrowsMessage<ModelError>(HasSubstr("cortex-m55")));
  EXPECT_NO_THROW(plan_arena(graph, find_arena_target("x86-64")));
}

// A sum for each of 16 channels; four axes, two of which go.
TEST(ArenaPlan, SaysWhatAMeanAsksFor) {
  EXPECT_THAT(all_scratch({8, 8, 16}, Mean{}, "x86-64"), ElementsAre(64_B, 16_B, 8_B));
  EXPECT_THAT(
      [] {
        plan_arena(single({8, 8, 16}, Mean{}), find_arena_target("cortex-m4"));
      },
      ThrowsMessage<ModelError>(HasSubstr("MEAN that makes tensor 1")));
}

TEST(ArenaPlan, NamesTheTargetThatWasMeant) {
  EXPECT_THAT([] { find_arena_target("cortex-m5"); },
              ThrowsMessage<ConfigError>(HasSubstr("cortex-m5")));
}

TEST(ArenaPlan, NeverLaysTwoLiveTensorsOverEachOther) {
  const ArenaTarget& target = find_arena_target("x86-64");
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Graph graph = testing::random_deployed_graph(rng, 20);
    const ArenaPlan plan = plan_arena(graph, target);
    for (const ArenaBuffer& a : plan.head) {
      for (const ArenaBuffer& b : plan.head) {
        if (&a == &b || !overlap_in_time(a, b)) continue;
        ASSERT_TRUE(a.offset + a.size <= b.offset || b.offset + b.size <= a.offset);
      }
    }
    ASSERT_GE(plan.smallest, plan.used);
    ASSERT_EQ(plan.smallest.value % 16, 0);
  }
}

}  // namespace
}  // namespace thimble
