#include <gtest/gtest.h>

#include <set>

#include "thimble/core/rng.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {
namespace {

const Op kSmall = Conv2D{.filters = 2};
const Op kLarge = Conv2D{.filters = 2, .kernel = {3, 3}, .padding = Padding::kSame};

Graph two_branches(bool small_first, bool swap_sum) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  const NodeId first = graph.add(small_first ? kSmall : kLarge, {in});
  const NodeId second = graph.add(small_first ? kLarge : kSmall, {in});
  graph.add(Add{}, swap_sum ? std::vector{second, first} : std::vector{first, second});
  return graph;
}

TEST(CanonicalHash, DoesNotSeeTheOrderOfNodesOrOfTerms) {
  const std::uint64_t hash = canonical_hash(two_branches(true, false));
  EXPECT_EQ(hash, canonical_hash(two_branches(false, false)));
  EXPECT_EQ(hash, canonical_hash(two_branches(true, true)));
}

TEST(CanonicalHash, SeesTheOrderOfConcatenation) {
  const auto concatenated = [](bool swap) {
    Graph graph;
    const NodeId in = graph.input({4, 4, 2});
    const NodeId a = graph.add(kSmall, {in});
    const NodeId b = graph.add(kLarge, {in});
    graph.add(Concat{}, swap ? std::vector{b, a} : std::vector{a, b});
    return graph;
  };
  EXPECT_NE(canonical_hash(concatenated(false)), canonical_hash(concatenated(true)));
}

TEST(CanonicalHash, IgnoresNodesThatNoOutputNeeds) {
  Graph lean = two_branches(true, false);
  lean.mark_output(3);
  Graph with_waste = lean;
  with_waste.add(Dense{.units = 7}, {3});
  EXPECT_EQ(canonical_hash(lean), canonical_hash(with_waste));
}

// One node read twice is not two equal nodes: the weights are shared.
TEST(CanonicalHash, TellsASharedNodeFromTwoEqualOnes) {
  Graph shared;
  const NodeId in = shared.input({4, 4, 2});
  const NodeId a = shared.add(kSmall, {in});
  shared.add(Concat{}, {a, a});
  Graph doubled;
  const NodeId in2 = doubled.input({4, 4, 2});
  const NodeId b = doubled.add(kSmall, {in2});
  const NodeId c = doubled.add(kSmall, {in2});
  doubled.add(Concat{}, {b, c});
  EXPECT_NE(canonical_hash(shared), canonical_hash(doubled));
}

TEST(CanonicalHash, SeesEveryField) {
  const std::vector<Op> ops{
      Conv2D{},
      Conv2D{.filters = 2},
      Conv2D{.kernel = {1, 2}},
      Conv2D{.kernel = {2, 1}},
      Conv2D{.stride = {2, 1}},
      Conv2D{.dilation = {2, 1}},
      Conv2D{.padding = Padding::kSame},
      Conv2D{.bias = false},
      Conv2D{.activation = Activation::kRelu},
      Conv2D{.activation = Activation::kRelu6},
      DepthwiseConv2D{},
      Conv2D{.weights = WeightType::kInt4},
      DepthwiseConv2D{.multiplier = 2},
      DepthwiseConv2D{.weights = WeightType::kInt4},
      Dense{},
      Dense{.weights = WeightType::kInt4},
      Dense{.units = 2},
      Pool2D{},
      Pool2D{.kind = PoolKind::kAverage},
      Pool2D{.window = {2, 2}},
      GlobalPool{},
      GlobalPool{.kind = PoolKind::kMax},
      Pad{.top = 1},
      Pad{.bottom = 1},
      Activate{},
      Activate{Activation::kRelu6},
      BatchNorm{},
      BatchNorm{.epsilon = 1e-5F},
      Dropout{},
      Dropout{.rate = 0.5F},
      Flatten{},
      Softmax{},
      Mean{},
      ResizeNearest{.size = {2, 3}},
      ResizeNearest{.size = {3, 2}},
      ResizeNearest{.size = {2, 3}, .align_corners = true},
      ResizeNearest{.size = {2, 3}, .half_pixel_centers = true},
      Apply{Function::kLogistic},
      Apply{Function::kTanh},
      Apply{Function::kHardSwish},
  };
  std::set<std::uint64_t> hashes;
  for (const Op& op : ops) {
    Graph graph;
    graph.add(op, {graph.input({4, 4, 2})});
    hashes.insert(canonical_hash(graph));
  }
  EXPECT_EQ(hashes.size(), ops.size());
}

TEST(CanonicalHash, DoesNotSeeTheOrderOfFactors) {
  const auto gated = [](bool swap, Activation activation) {
    Graph graph;
    const NodeId in = graph.input({4, 4, 2});
    const NodeId gate = graph.add(Apply{Function::kLogistic}, {graph.add(Mean{}, {in})});
    graph.add(Mul{activation}, swap ? std::vector{gate, in} : std::vector{in, gate});
    return canonical_hash(graph);
  };
  EXPECT_EQ(gated(false, Activation::kNone), gated(true, Activation::kNone));
  EXPECT_NE(gated(false, Activation::kNone), gated(false, Activation::kRelu));
}

// Studies keep hashes in files: a change of the function would make every old study's networks
// strangers.
TEST(CanonicalHash, IsTheSameInEveryBuild) {
  EXPECT_EQ(canonical_hash(two_branches(true, false)), 17073950336722279054ULL);
}

}  // namespace
}  // namespace thimble
