#include "thimble/quant/calibrate.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "quant/random_models.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/float_interpreter.hpp"

namespace thimble {
namespace {

/// One value, doubled and clipped below at 0.
Model doubled() {
  Graph graph;
  graph.add(Conv2D{.activation = Activation::kRelu}, {graph.input({1, 1, 1})});
  Model model{.graph = graph, .weights = Weights(2)};
  model.weights[1].kernel = {2};
  model.weights[1].bias = {0};
  return model;
}

TEST(Calibrate, FindsTheSmallestAndLargestValueOfEachTensor) {
  std::vector<float> samples(37, 0.5F);  // two whole groups of sixteen and a part of one
  samples[3] = -7;
  samples[36] = 4;
  EXPECT_THAT(calibrate(doubled(), samples), ::testing::ElementsAre(Range{-7, 4}, Range{0, 8}));
  // The lanes that the last group leaves empty do not count: no 0 among the inputs.
  EXPECT_EQ(calibrate(doubled(), std::vector<float>{3, 2})[0], (Range{2, 3}));
}

// 0 … 9,999 in 4,096 bins; 99 % inside leaves 50 on each side: [50, 9949], outwards to a bin's edge
// of width 2.44.
TEST(Calibrate, LeavesOutTheTails) {
  std::vector<float> samples(10000);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = static_cast<float>(i * 7919 % 10000);
  const CalibrationOptions options{.observer = RangeObserver::kPercentile, .percentile = 99};
  const Range range = calibrate(doubled(), samples, options)[0];
  EXPECT_LE(range.low, 50);
  EXPECT_GT(range.low, 50 - 2.5F);
  EXPECT_GE(range.high, 9949);
  EXPECT_LT(range.high, 9949 + 2.5F);
  const CalibrationOptions all{.observer = RangeObserver::kPercentile, .percentile = 100};
  EXPECT_EQ(calibrate(doubled(), samples, all)[0], (Range{0, 9999}));
}

TEST(Calibrate, AcceptsATensorThatNeverChanges) {
  const CalibrationOptions options{.observer = RangeObserver::kPercentile};
  EXPECT_EQ(calibrate(doubled(), std::vector<float>(20, -3.0F), options)[1], (Range{0, 0}));
}

/// Each value in turn, summed in double.
double convolution_at(const Model& model, const std::vector<float>& x, int oy, int ox, int f) {
  const auto& op = std::get<Conv2D>(model.graph.node(1).op);
  const Shape in = model.graph.shape(0);
  double sum = double{model.weights[1].bias[static_cast<std::size_t>(f)]};
  const int top =
      padding_before(in.height, op.kernel.height, op.stride.height, op.dilation.height, op.padding);
  const int left =
      padding_before(in.width, op.kernel.width, op.stride.width, op.dilation.width, op.padding);
  for (int ky = 0; ky < op.kernel.height; ++ky) {
    for (int kx = 0; kx < op.kernel.width; ++kx) {
      const int y = oy * op.stride.height - top + ky * op.dilation.height;
      const int w = ox * op.stride.width - left + kx * op.dilation.width;
      if (y < 0 || y >= in.height || w < 0 || w >= in.width) continue;
      for (int c = 0; c < in.channels; ++c) {
        const int k = ((f * op.kernel.height + ky) * op.kernel.width + kx) * in.channels + c;
        sum += double{model.weights[1].kernel[static_cast<std::size_t>(k)]} *
               double{x[static_cast<std::size_t>((y * in.width + w) * in.channels + c)]};
      }
    }
  }
  if (op.activation != Activation::kNone) sum = std::max(sum, 0.0);
  return op.activation == Activation::kRelu6 ? std::min(sum, 6.0) : sum;
}

TEST(FloatInterpreter, ConvolvesAsTheDefinitionSays) {
  Rng rng(31);
  for (int round = 0; round < 100; ++round) {
    const Graph graph = random_layer(0, rng);
    const Model model{.graph = graph, .weights = random_weights(graph, rng)};
    std::vector<float> sample(static_cast<std::size_t>(graph.shape(0).elements()));
    for (float& x : sample) x = static_cast<float>(rng.normal());
    std::vector<float> found(static_cast<std::size_t>(graph.shape(1).elements()));
    FloatInterpreter(model).run(sample, found);
    const Shape out = graph.shape(1);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const int at = static_cast<int>(i);
      const double expected = convolution_at(model, sample, at / out.channels / out.width,
                                             at / out.channels % out.width, at % out.channels);
      ASSERT_NEAR(found[i], expected, 1e-4) << describe(graph);
    }
  }
}

TEST(FloatInterpreter, GivesEachSampleWhatItGivesItAlone) {
  Rng rng(32);
  const Graph graph = random_network(rng);
  const Model model = deployed(Model{.graph = graph, .weights = random_weights(graph, rng)});
  FloatInterpreter interpreter(model);
  const auto in = static_cast<std::size_t>(interpreter.input_elements());
  const auto out = static_cast<std::size_t>(interpreter.output_elements());
  std::vector<float> samples(35 * in);
  for (float& x : samples) x = static_cast<float>(rng.normal());
  std::vector<float> together(35 * out);
  interpreter.run(samples, together);
  for (std::size_t i = 0; i < 35; ++i) {
    std::vector<float> alone(out);
    interpreter.run(std::span(samples).subspan(i * in, in), alone);
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                           together.begin() + static_cast<std::ptrdiff_t>(i * out)));
  }
}

}  // namespace
}  // namespace thimble
