#include "support/random_models.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace thimble {
namespace {

using ::testing::IsSupersetOf;

TEST(RandomModels, HoldEveryOperatorInItsVariants) {
  std::set<std::string> seen;
  const auto note = [&](bool holds, const std::string& what) {
    if (holds) seen.insert(what);
  };
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const Graph graph = testing::random_deployed_graph(rng, 8, testing::Operators::kAll);
    for (const Node& node : graph.nodes()) {
      const std::string name(op_name(node.op));
      seen.insert(name);
      note(weight_type(node.op) == WeightType::kInt4, name + " int4");
      note(fused_activation(node.op) == Activation::kRelu, name + " relu");
      note(fused_activation(node.op) == Activation::kRelu6, name + " relu6");
      if (const auto* conv = std::get_if<Conv2D>(&node.op)) {
        note(conv->padding == Padding::kSame && conv->stride.height > 1, "same and stride");
        note(conv->padding == Padding::kValid && conv->dilation.width > 1, "valid and dilation");
      }
      if (const auto* conv = std::get_if<DepthwiseConv2D>(&node.op)) {
        note(conv->multiplier > 1, "multiplier");
      }
      if (std::holds_alternative<Mul>(node.op)) {
        note(graph.shape(node.inputs[0]) != graph.shape(node.inputs[1]), "gate");
      }
      if (const auto* resize = std::get_if<ResizeNearest>(&node.op)) {
        note(resize->align_corners, "corners");
        note(resize->half_pixel_centers, "half pixels");
      }
      if (const auto* pool = std::get_if<Pool2D>(&node.op)) {
        note(pool->padding == Padding::kSame, "padded pool");
      }
    }
  }
  EXPECT_THAT(seen, IsSupersetOf({"CONV_2D",
                                  "DEPTHWISE_CONV_2D",
                                  "FULLY_CONNECTED",
                                  "MAX_POOL_2D",
                                  "AVERAGE_POOL_2D",
                                  "ADD",
                                  "CONCATENATION",
                                  "PAD",
                                  "RELU",
                                  "RELU6",
                                  "RESHAPE",
                                  "SOFTMAX",
                                  "CONV_2D relu",
                                  "CONV_2D relu6",
                                  "DEPTHWISE_CONV_2D relu6",
                                  "FULLY_CONNECTED relu",
                                  "ADD relu6",
                                  "same and stride",
                                  "valid and dilation",
                                  "MEAN",
                                  "MUL",
                                  "MUL relu6",
                                  "gate",
                                  "RESIZE_NEAREST_NEIGHBOR",
                                  "corners",
                                  "half pixels",
                                  "LOGISTIC",
                                  "TANH",
                                  "HARD_SWISH",
                                  "CONV_2D int4",
                                  "DEPTHWISE_CONV_2D int4",
                                  "FULLY_CONNECTED int4",
                                  "multiplier",
                                  "padded pool"}));
}

}  // namespace
}  // namespace thimble
