#include <gtest/gtest.h>

#include "thimble/core/error.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {
namespace {

Shape inferred(const Op& op, std::vector<Shape> inputs) {
  return infer_shape(op, inputs, "node 1");
}

std::string refusal(const Op& op, std::vector<Shape> inputs) {
  try {
    inferred(op, std::move(inputs));
  } catch (const ModelError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(OutputLength, FollowsTheTwoRulesOfPadding) {
  // Brute force: count the window's places. SAME places one window at every stride-th element.
  for (int input = 1; input <= 12; ++input) {
    for (int kernel = 1; kernel <= 5; ++kernel) {
      for (int stride = 1; stride <= 4; ++stride) {
        for (int dilation = 1; dilation <= 3; ++dilation) {
          const int reach = (kernel - 1) * dilation + 1;
          int valid = 0;
          int same = 0;
          for (int at = 0; at < input; at += stride) {
            valid += at + reach <= input ? 1 : 0;
            same += 1;
          }
          EXPECT_EQ(output_length(input, kernel, stride, dilation, Padding::kValid), valid);
          EXPECT_EQ(output_length(input, kernel, stride, dilation, Padding::kSame), same);
        }
      }
    }
  }
}

// 5 elements, kernel 4, stride 2: 3 outputs need (3−1)·2 + 4 = 8, so 3 of padding: 1 before, 2
// after.
TEST(PaddingBefore, PutsTheSmallerHalfFirst) {
  EXPECT_EQ(padding_before(5, 4, 2, 1, Padding::kSame), 1);
  EXPECT_EQ(padding_before(5, 4, 2, 1, Padding::kValid), 0);
  EXPECT_EQ(padding_before(4, 1, 2, 1, Padding::kSame), 0);
}

TEST(InferShape, KnowsTheKeywordNetworksFirstLayers) {
  // MLPerf Tiny's DS-CNN: 49×10×1, convolution 10×4 stride 2 SAME to 64 channels gives 25×5×64.
  const Conv2D stem{.filters = 64, .kernel = {10, 4}, .stride = {2, 2}, .padding = Padding::kSame};
  EXPECT_EQ(inferred(stem, {{49, 10, 1}}), (Shape{25, 5, 64}));
  EXPECT_EQ(inferred(DepthwiseConv2D{.multiplier = 2, .kernel = {3, 3}}, {{25, 5, 64}}),
            (Shape{23, 3, 128}));
  EXPECT_EQ(inferred(Pool2D{.window = {25, 5}, .stride = {25, 5}}, {{25, 5, 64}}),
            (Shape{1, 1, 64}));
  EXPECT_EQ(inferred(GlobalPool{}, {{25, 5, 64}}), (Shape{1, 1, 64}));
  EXPECT_EQ(inferred(Dense{.units = 12}, {{25, 5, 64}}), (Shape{1, 1, 12}));
  EXPECT_EQ(inferred(Flatten{}, {{25, 5, 64}}), (Shape{1, 1, 8000}));
  EXPECT_EQ(inferred(Concat{}, {{2, 3, 4}, {2, 3, 5}}), (Shape{2, 3, 9}));
  EXPECT_EQ(inferred(Pad{.top = 1, .right = 2}, {{2, 3, 4}}), (Shape{3, 5, 4}));
  EXPECT_EQ(inferred(Mean{}, {{2, 3, 4}}), (Shape{1, 1, 4}));
  EXPECT_EQ(inferred(ResizeNearest{.size = {5, 1}}, {{2, 3, 4}}), (Shape{5, 1, 4}));
  EXPECT_EQ(inferred(Apply{}, {{2, 3, 4}}), (Shape{2, 3, 4}));
}

// A gate of one value a channel, as in squeeze and excitation; and any axis of length 1.
TEST(InferShape, StretchesTheFactorsOfAProduct) {
  EXPECT_EQ(inferred(Mul{}, {{2, 3, 4}, {2, 3, 4}}), (Shape{2, 3, 4}));
  EXPECT_EQ(inferred(Mul{}, {{2, 3, 4}, {1, 1, 4}}), (Shape{2, 3, 4}));
  EXPECT_EQ(inferred(Mul{}, {{1, 3, 1}, {2, 1, 4}}), (Shape{2, 3, 4}));
  EXPECT_EQ(refusal(Mul{}, {{2, 3, 4}, {2, 3, 2}}),
            "node 1 MUL: inputs 2x3x4 and 2x3x2: along each axis they must be equal or one of them "
            "1");
}

// 3 places to 7, s = 3/7: ⌊y·3/7⌋; and with half a pixel ⌊(y + 1/2)·3/7⌋. Corners on corners:
// s = 2/6, rounded.
TEST(NearestPlace, FollowsTheThreeRulesOfResizing) {
  const auto places = [](const ResizeNearest& op, int input, int output) {
    std::vector<int> found;
    for (int y = 0; y < output; ++y) found.push_back(nearest_place(op, y, input, output));
    return found;
  };
  EXPECT_EQ(places({}, 3, 7), (std::vector{0, 0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(places({.half_pixel_centers = true}, 3, 7), (std::vector{0, 0, 1, 1, 1, 2, 2}));
  EXPECT_EQ(places({.align_corners = true}, 3, 7), (std::vector{0, 0, 1, 1, 1, 2, 2}));
  EXPECT_EQ(places({.align_corners = true}, 5, 1), (std::vector{0}));
  EXPECT_EQ(places({}, 7, 3), (std::vector{0, 2, 4}));
}

TEST(InferShape, RefusesNonsenseByName) {
  EXPECT_EQ(refusal(Conv2D{.kernel = {5, 5}}, {{4, 9, 1}}),
            "node 1 CONV_2D: height = 4: smaller than the kernel's reach 5 (padding is VALID)");
  EXPECT_EQ(refusal(Conv2D{.filters = 0}, {{4, 4, 1}}),
            "node 1 CONV_2D: filters = 0: must be at least 1");
  EXPECT_EQ(refusal(Pool2D{.stride = {0, 1}}, {{4, 4, 1}}),
            "node 1 MAX_POOL_2D: stride = 0: must be at least 1");
  EXPECT_EQ(refusal(Add{}, {{4, 4, 1}, {4, 4, 2}}),
            "node 1 ADD: inputs 4x4x1 and 4x4x2: shapes must be equal");
  EXPECT_EQ(refusal(Add{}, {{4, 4, 1}}), "node 1 ADD: inputs = 1: two or more are needed");
  EXPECT_EQ(refusal(Concat{}, {{4, 4, 1}, {4, 3, 1}}),
            "node 1 CONCATENATION: inputs 4x4x1 and 4x3x1: height and width must be equal");
  EXPECT_EQ(refusal(Dense{.units = 5}, {}), "node 1 FULLY_CONNECTED: inputs = 0: needs 1");
  EXPECT_EQ(refusal(Dropout{.rate = 1}, {{1, 1, 1}}),
            "node 1 DROPOUT: rate = 1: must be in [0, 1)");
  EXPECT_EQ(refusal(Input{{0, 4, 4}}, {}),
            "node 1 INPUT: output 0x4x4: every side must be at least 1");
  EXPECT_EQ(refusal(Pad{.top = -1}, {{4, 4, 1}}), "node 1 PAD: padding = -1: must be 0 or more");
  EXPECT_EQ(refusal(Activate{Activation::kNone}, {{4, 4, 1}}),
            "node 1 RELU: function = none: must be relu or relu6");
  EXPECT_EQ(refusal(Mul{}, {{4, 4, 1}}), "node 1 MUL: inputs = 1: needs 2");
  EXPECT_EQ(refusal(ResizeNearest{.size = {0, 4}}, {{4, 4, 1}}),
            "node 1 RESIZE_NEAREST_NEIGHBOR: height = 0: must be at least 1");
  EXPECT_EQ(refusal(ResizeNearest{.align_corners = true, .half_pixel_centers = true}, {{4, 4, 1}}),
            "node 1 RESIZE_NEAREST_NEIGHBOR: align corners and half pixel centers: at most one of "
            "them");
}

TEST(InferShape, RefusesSizesThatOverflow) {
  constexpr int huge = 2'000'000'000;
  EXPECT_NE(refusal(Input{{huge, huge, huge}}, {}).find("more than 2^30"), std::string::npos);
  EXPECT_NE(
      refusal(Conv2D{.kernel = {huge, 1}, .dilation = {huge, 1}}, {{4, 4, 1}}).find("too large"),
      std::string::npos);
  EXPECT_NE(refusal(ResizeNearest{.size = {huge, huge}}, {{4, 4, 1}}).find("more than 2^30"),
            std::string::npos);
  EXPECT_NE(refusal(DepthwiseConv2D{.multiplier = huge}, {{1, 1, 4}}).find("too many"),
            std::string::npos);
}

}  // namespace
}  // namespace thimble
