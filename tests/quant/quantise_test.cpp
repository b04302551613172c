#include "thimble/quant/quantise.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "quant/random_models.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/check.hpp"
#include "thimble/quant/float_interpreter.hpp"
#include "thimble/quant/int8_interpreter.hpp"

namespace thimble {
namespace {

std::vector<float> random_samples(Rng& rng, std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

Model random_model(const Graph& graph, Rng& rng) {
  return deployed(Model{.graph = graph, .weights = random_weights(graph, rng)});
}

std::vector<float> float_outputs(const Model& model, const std::vector<float>& samples) {
  FloatInterpreter interpreter(model);
  const auto count = static_cast<std::int64_t>(samples.size()) / interpreter.input_elements();
  std::vector<float> outputs(static_cast<std::size_t>(count * interpreter.output_elements()));
  interpreter.run(samples, outputs);
  return outputs;
}

std::vector<float> int8_outputs(const QuantizedModel& model, const std::vector<float>& samples) {
  Int8Interpreter interpreter(model);
  return dequantise(interpreter.run(quantise_inputs(samples, interpreter.input_params())),
                    interpreter.output_params());
}

double largest_magnitude(const std::vector<float>& values) {
  return std::transform_reduce(
      values.begin(), values.end(), 0.0, [](double a, double b) { return std::max(a, b); },
      [](float x) { return std::abs(double{x}); });
}

/// Σ|w| over the weights of an output channel.
double weight_sum(const Model& model, NodeId id, std::size_t channel) {
  const std::vector<float>& kernel = model.weights[static_cast<std::size_t>(id)].kernel;
  const auto channels = static_cast<std::size_t>(model.graph.shape(id).channels);
  const bool depthwise = std::holds_alternative<DepthwiseConv2D>(model.graph.node(id).op);
  const std::size_t run = kernel.size() / channels;
  double sum = 0;
  for (std::size_t i = 0; i < run; ++i) {
    sum += std::abs(double{kernel[depthwise ? i * channels + channel : channel * run + i]});
  }
  return sum;
}

// Each x is off by at most s_in/2, each w by s_w/2, the bias by s_in·s_w/2; the result is rounded
// (s_out/2) into a range whose ends were nudged (s_out/2). Rounding twice adds less than s_out/100
// for the shifts that occur here.
TEST(Quantise, KeepsASingleLayerWithinTheBoundOfItsScales) {
  Rng rng(21);
  for (int round = 0; round < 300; ++round) {
    const Graph graph = random_layer(static_cast<int>(rng.uniform_int(0, 2)), rng);
    const Model model = random_model(graph, rng);
    const std::vector<float> samples = random_samples(rng, 20 * graph.shape(0).elements());
    const QuantizedModel quantised = quantise(model, samples);
    const std::vector<float> expected = float_outputs(model, samples);
    const std::vector<float> found = int8_outputs(quantised, samples);
    const double in_scale = quantised.activations[0].scale;
    const double out_scale = quantised.activations[1].scale;
    const auto channels = static_cast<std::size_t>(graph.shape(1).channels);
    const double terms =
        static_cast<double>(model.weights[1].kernel.size()) / static_cast<double>(channels);
    const double input = largest_magnitude(samples);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const std::size_t c = i % channels;
      const std::vector<float>& scales = quantised.weights[1].kernel_scales;
      const double kernel_scale = scales.size() == 1 ? scales[0] : scales[c];
      const double bound = in_scale / 2 * weight_sum(model, 1, c) +
                           (input + in_scale) * terms * kernel_scale / 2 +
                           in_scale * kernel_scale / 2 + 1.01 * out_scale;
      ASSERT_NEAR(found[i], expected[i], bound) << describe(graph) << "value " << i;
    }
  }
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const double n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(Quantise, KeepsWholeNetworksCloseToFloat) {
  Rng rng(22);
  std::vector<double> correlations;
  for (int round = 0; round < 40; ++round) {
    const Graph graph = random_network(rng);
    const Model model = random_model(graph, rng);
    const std::vector<float> samples = random_samples(rng, 60 * graph.shape(0).elements());
    const QuantizedModel quantised = quantise(model, samples);
    correlations.push_back(
        correlation(float_outputs(model, samples), int8_outputs(quantised, samples)));
  }
  std::ranges::sort(correlations);
  EXPECT_GT(correlations.front(), 0.9);
  EXPECT_GT(correlations[correlations.size() / 2], 0.995);
}

TEST(Quantise, WorksOnAFoldedTrainingGraph) {
  Graph graph;
  const NodeId in = graph.input({8, 8, 3});
  const NodeId conv = graph.add(
      Conv2D{.filters = 6, .kernel = {3, 3}, .padding = Padding::kSame, .bias = false}, {in});
  const NodeId relu = graph.add(Activate{Activation::kRelu6}, {graph.add(BatchNorm{}, {conv})});
  const NodeId side =
      graph.add(BatchNorm{},
                {graph.add(DepthwiseConv2D{.kernel = {3, 3}, .padding = Padding::kSame}, {relu})});
  const NodeId sum = graph.add(Add{}, {relu, side, conv});
  graph.add(Dense{.units = 5}, {graph.add(GlobalPool{}, {graph.add(Dropout{0.5F}, {sum})})});
  Rng rng(23);
  const Model model = random_model(graph, rng);
  const std::vector<float> samples = random_samples(rng, 100 * 8 * 8 * 3);
  const QuantizedModel quantised = quantise(model, samples);
  EXPECT_EQ(quantised.graph, deployed(graph));
  EXPECT_GT(correlation(float_outputs(model, samples), int8_outputs(quantised, samples)), 0.98);
}

TEST(Quantise, GivesTensorsThatOnlyMoveOneScale) {
  Graph graph;
  const NodeId in = graph.input({6, 6, 2});
  const NodeId left = graph.add(Conv2D{.filters = 3}, {in});
  const NodeId right = graph.add(Conv2D{.filters = 2}, {in});
  const NodeId pooled =
      graph.add(Pool2D{.kind = PoolKind::kAverage, .window = {2, 2}, .stride = {2, 2}}, {left});
  const NodeId small = graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {right});
  const NodeId joined = graph.add(Concat{}, {pooled, small});
  const NodeId padded = graph.add(Pad{1, 1, 1, 1}, {joined});
  graph.add(Flatten{}, {graph.add(Activate{Activation::kRelu6}, {padded})});
  Rng rng(24);
  Model model = random_model(graph, rng);
  for (float& w : model.weights[static_cast<std::size_t>(right)].kernel) w *= 30;
  const std::vector<float> samples = random_samples(rng, 50 * 72);
  const QuantizedModel quantised = quantise(model, samples);
  const std::vector<Range> ranges = calibrate(model, samples);
  const auto l = static_cast<std::size_t>(left);
  const auto r = static_cast<std::size_t>(right);
  const QuantParams shared = quant_params(
      {std::min(ranges[l].low, ranges[r].low), std::max(ranges[l].high, ranges[r].high)});
  for (std::size_t id = l; id < quantised.activations.size(); ++id) {
    EXPECT_EQ(quantised.activations[id], shared) << id;
  }
  EXPECT_NE(quantised.activations[0], shared);
}

TEST(Quantise, GivesASoftmaxItsFixedScale) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 4});
  graph.add(Flatten{}, {graph.add(Softmax{}, {in})});
  Rng rng(25);
  const QuantizedModel quantised = quantise(Model{graph, Weights(3)}, random_samples(rng, 40));
  EXPECT_EQ(quantised.activations[1], kSoftmaxParams);
  EXPECT_EQ(quantised.activations[2], kSoftmaxParams);
}

TEST(Quantise, GivesALogisticFunctionAndATangentTheirFixedScales) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 4});
  graph.mark_output(graph.add(Mul{}, {graph.add(Apply{Function::kLogistic}, {in}),
                                      graph.add(Apply{Function::kTanh}, {in})}));
  Rng rng(29);
  const QuantizedModel quantised = quantise(Model{graph, Weights(4)}, random_samples(rng, 40));
  EXPECT_EQ(quantised.activations[1], kSoftmaxParams);
  EXPECT_EQ(quantised.activations[2], kTanhParams);
}

TEST(Quantise, RefusesTwoFixedScalesForOneTensor) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 4});
  graph.add(Concat{},
            {graph.add(Apply{Function::kLogistic}, {in}), graph.add(Apply{Function::kTanh}, {in})});
  Rng rng(30);
  EXPECT_THROW(quantise(Model{graph, Weights(4)}, random_samples(rng, 40)), ModelError);
}

// Nearly all inputs lie where the function is 0: the input's scale is 1001 / 255, 1/128 of it
// 0.031, and 1.075 / 255 would do for the output.
TEST(Quantise, RaisesTheScaleThatAHardSwishWouldNotTake) {
  Graph graph;
  graph.add(Apply{Function::kHardSwish}, {graph.input({1, 1, 1})});
  const QuantizedModel quantised =
      quantise(Model{graph, Weights(2)}, std::vector<Range>{{-1000, 1}, {-0.375F, 0.7F}});
  EXPECT_GT(quantised.activations[1].scale, quantised.activations[0].scale / 128);
  EXPECT_LT(quantised.activations[1].scale, quantised.activations[0].scale / 127);
}

// The input is off by s_in / 2 and no function is steeper than 3/2; rounding and nudging the output
// make it s_out; fixed point adds less than one step more. A product of two such inputs is off by
// their sizes times that.
TEST(Quantise, KeepsTheUntrainableOperatorsCloseToFloat) {
  Rng rng(31);
  for (int round = 0; round < 50; ++round) {
    for (const Op& op :
         {Op(Mean{}), Op(ResizeNearest{.size = {5, 7}}), Op(Mul{}), Op(Apply{Function::kLogistic}),
          Op(Apply{Function::kTanh}), Op(Apply{Function::kHardSwish})}) {
      Graph graph;
      const NodeId in = graph.input({3, 4, 3});
      const bool product = std::holds_alternative<Mul>(op);
      graph.add(op, product ? std::vector{in, in} : std::vector{in});
      const Model model{graph, Weights(2)};
      const std::vector<float> samples = random_samples(rng, 20 * 36);
      const QuantizedModel quantised = quantise(model, samples);
      const auto expected = float_outputs(model, samples);
      const auto found = int8_outputs(quantised, samples);
      const double in_scale = quantised.activations[0].scale;
      const double slope = product ? 2 * largest_magnitude(samples) + in_scale : 1.5;
      const double bound = slope * in_scale + 2 * double{quantised.activations[1].scale};
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_NEAR(found[i], expected[i], bound) << op_name(op);
      }
    }
  }
}

TEST(Quantise, RefusesASoftmaxTiedToLargerValues) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 4});
  graph.add(Concat{}, {graph.add(Softmax{}, {in}), in});
  Rng rng(26);
  EXPECT_THROW(quantise(Model{graph, Weights(3)}, random_samples(rng, 40)), ModelError);
}

Model pointwise(std::vector<float> kernel, std::vector<float> bias) {
  Graph graph;
  graph.add(Conv2D{.filters = static_cast<int>(bias.size())}, {graph.input({1, 1, 1})});
  Model model{.graph = graph, .weights = Weights(2)};
  model.weights[1].kernel = std::move(kernel);
  model.weights[1].bias = std::move(bias);
  return model;
}

TEST(Quantise, ScalesEachChannelByItsLargestWeight) {
  const QuantizedModel quantised =
      quantise(pointwise({127, -0.254F}, {0, 1}), std::vector<float>{-1, 1.55F});
  EXPECT_FLOAT_EQ(quantised.activations[0].scale, 0.01F);
  EXPECT_FLOAT_EQ(quantised.weights[1].kernel_scales[0], 1);
  EXPECT_FLOAT_EQ(quantised.weights[1].kernel_scales[1], 0.002F);
  EXPECT_THAT(quantised.weights[1].kernel, ::testing::ElementsAre(127, -127));
  EXPECT_THAT(quantised.weights[1].bias, ::testing::ElementsAre(0, 50000));  // 1 / (0.01 · 0.002)
}

// 0.7 / 7 = 0.1 a step.
TEST(Quantise, GivesInt4WeightsFifteenValues) {
  Graph graph;
  graph.add(Dense{.units = 1, .weights = WeightType::kInt4}, {graph.input({1, 1, 3})});
  Model model{.graph = graph, .weights = Weights(2)};
  model.weights[1] = {.kernel = {0.7F, -0.7F, 0.24F}, .bias = {0}};
  const QuantizedModel quantised = quantise(model, std::vector<float>{-1, 1, 1, 1, 1, 1});
  EXPECT_EQ(quantised.weights[1].kernel, (std::vector<std::int8_t>{7, -7, 2}));
  EXPECT_FLOAT_EQ(quantised.weights[1].kernel_scales[0], 0.1F);
}

TEST(Quantise, KeepsChannelsWithoutWeights) {
  const Model model = pointwise({0, 0, 1}, {0, 3, 0});
  const std::vector<float> samples{-1, 1};
  const std::vector<float> found = int8_outputs(quantise(model, samples), samples);
  const std::vector<float> expected{0, 3, -1, 0, 3, 1};
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 0.02);
}

TEST(Quantise, TamesABiasThatWouldOverflow) {
  const Model model = pointwise({1e-7F}, {5});
  const std::vector<float> samples{-1, 1};
  const QuantizedModel quantised = quantise(model, samples);
  EXPECT_LE(quantised.weights[1].bias[0], 1 << 30);
  EXPECT_THAT(int8_outputs(quantised, samples), ::testing::Each(::testing::FloatNear(5, 0.03F)));
}

// A layer whose inputs cancelled on every calibration sample: its range is nothing, yet other
// inputs make it large.
TEST(Quantise, SurvivesARangeThatTellsNothing) {
  Graph graph;
  const NodeId in = graph.input({1, 1, 2});
  const NodeId difference = graph.add(Dense{.units = 1}, {in});
  graph.add(Add{}, {difference, difference});
  Model model{.graph = graph, .weights = Weights(3)};
  model.weights[1].kernel = {100, -100};
  model.weights[1].bias = {0};
  const std::vector<float> samples{1e6F, 1e6F, -1e6F, -1e6F};
  const QuantizedModel quantised = quantise(model, samples);
  // The difference is far above zero, the output must end at the top, not wrap around.
  const std::vector<std::int8_t> lopsided{127, -128, -128, 127};
  EXPECT_THAT(Int8Interpreter(quantised).run(lopsided), ::testing::ElementsAre(127, -128));
}

// As a network leaves them that is about to diverge: finite, but their sums are not.
TEST(Quantise, RefusesNumbersThatNoScaleHolds) {
  Graph graph;
  NodeId id = graph.input({1, 1, 4});
  for (int layer = 0; layer < 3; ++layer) id = graph.add(Dense{.units = 4}, {id});
  Rng rng(1);
  Model model = random_model(graph, rng);
  for (NodeWeights& weights : model.weights) {
    for (float& weight : weights.kernel) weight *= 1e37F;
  }
  const std::vector<Range> ranges(4, Range{-1e38F, 1e38F});
  EXPECT_THAT([&] { quantise(model, ranges); },
              testing::ThrowsMessage<ModelError>(testing::HasSubstr("too large for int8")));
}

TEST(Quantise, LeavesAGivenInputAsItIs) {
  Graph graph;
  const NodeId in = graph.input({2, 2, 1});
  const NodeId pool = graph.add(Pool2D{.window = {2, 2}, .stride = {2, 2}}, {in});
  graph.add(Dense{.units = 1}, {pool});
  Rng rng(1);
  const Model model = random_model(graph, rng);
  const QuantParams given{.scale = 0.25F, .zero_point = 40};
  const std::vector<float> samples{-1, 1, 2, 3, 21.8F, -42, 0, 0};
  const QuantizedModel quantised = quantise(model, samples, {.input = given});
  EXPECT_EQ(quantised.activations[0], given);
  EXPECT_EQ(quantised.activations[1], given) << "a pool hands its bytes on";
  EXPECT_NE(quantise(model, samples).activations[0], given);
}

// Nothing is cut off without a word: 22 / 0.25 + 40 = 128.
TEST(Quantise, RefusesAGivenInputThatCannotHoldTheSamples) {
  const Model model = pointwise({1}, {0});
  const QuantiseOptions options{.input = QuantParams{.scale = 0.25F, .zero_point = 40}};
  EXPECT_NO_THROW(quantise(model, std::vector<float>{-42, 21.8F}, options));
  EXPECT_THAT(
      [&] {
        quantise(model, std::vector<float>{0, 22}, options);
      },
      testing::ThrowsMessage<ModelError>(testing::HasSubstr("node 0 INPUT")));
  EXPECT_THROW(quantise(model, std::vector<float>{0, -42.2F}, options), ModelError);
}

TEST(Quantise, NamesWhatIsWrong) {
  const std::vector<float> samples{-1, 1};
  const Model model = pointwise({1}, {0});
  EXPECT_THROW(quantise(model, std::vector<float>{}), DataError);
  EXPECT_THROW(quantise(model, std::vector<float>{NAN}), DataError);
  EXPECT_THROW(quantise(pointwise({INFINITY}, {0}), samples), ModelError);
  EXPECT_THROW(quantise(pointwise({3e38F}, {3e38F}), std::vector<float>{5}), ModelError);
  EXPECT_THROW(quantise(model, samples, {.calibration = {.percentile = 30}}), ConfigError);
  Graph training;
  training.add(BatchNorm{}, {training.input({2, 2, 1})});
  Rng rng(1);
  const Model undeployed{.graph = training, .weights = random_weights(training, rng)};
  EXPECT_THROW(quantise(undeployed, std::vector<float>(4)), ModelError);
}

TEST(CheckQuantized, NamesTheNodeAndWhatWouldDo) {
  QuantizedModel model = quantise(pointwise({1}, {0}), std::vector<float>{-1, 1});
  model.activations[1].scale = 0;
  try {
    check_quantized(model);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_STREQ(error.what(), "node 1 CONV_2D: scale = 0: must be positive and finite");
  }
  model.activations[1].scale = 1;
  model.weights[1].bias.clear();
  EXPECT_THROW(check_quantized(model), ModelError);
  Graph pool;
  pool.add(Pool2D{.window = {2, 2}}, {pool.input({2, 2, 1})});
  const QuantizedModel apart{.graph = pool, .activations = {{1, 0}, {1, 1}}, .weights = {{}, {}}};
  EXPECT_THROW(check_quantized(apart), ModelError);
}

TEST(CheckQuantized, RefusesAWeightThatInt4CannotHold) {
  Graph graph;
  graph.add(Dense{.units = 1, .weights = WeightType::kInt4}, {graph.input({1, 1, 1})});
  QuantizedModel model{.graph = graph, .activations = {{1, 0}, {1, 0}}, .weights = {{}, {}}};
  model.weights[1] = {.kernel = {-8}, .kernel_scales = {1}, .bias = {0}};
  EXPECT_NO_THROW(check_quantized(model));
  model.weights[1].kernel = {8};
  EXPECT_THROW(check_quantized(model), ModelError);
}

/// What is wrong with an operator of these parameters; "" for nothing.
std::string complaint(const Op& op, QuantParams in, QuantParams out, Shape shape = {2, 2, 2}) {
  Graph graph;
  const NodeId input = graph.input(shape);
  graph.add(op, std::holds_alternative<Mul>(op) ? std::vector{input, input} : std::vector{input});
  try {
    check_quantized({.graph = graph, .activations = {in, out}, .weights = {{}, {}}});
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(CheckQuantized, KnowsTheLimitsOfTheUntrainableOperators) {
  EXPECT_EQ(complaint(Apply{Function::kLogistic}, {1, 3}, kSoftmaxParams), "");
  EXPECT_EQ(complaint(Apply{Function::kLogistic}, {1, 3}, {1.0F / 256, 0}),
            "node 1 LOGISTIC: output: scale must be 1/256 and zero point -128");
  EXPECT_EQ(complaint(Apply{Function::kTanh}, {0x1p-28F, 0}, kTanhParams),
            "node 1 TANH: input scale = 3.7252903e-09: must be in [2^-27, 2^30)");
  EXPECT_EQ(complaint(Apply{Function::kHardSwish}, {1, 0}, {1, 0}), "");
  EXPECT_EQ(complaint(Apply{Function::kHardSwish}, {1, 0}, {1.0F / 128, 0}),
            "node 1 HARD_SWISH: output scale = 0.0078125: must be above 1/128 of the input's and "
            "at most 512 times it");
  EXPECT_NE(complaint(Apply{Function::kHardSwish}, {1, 0}, {1000, 0}), "");
  EXPECT_NE(complaint(Apply{Function::kHardSwish}, {3e38F, 0}, {1e-38F, 0}), "");
  EXPECT_NE(complaint(Apply{Function::kHardSwish}, {1e-30F, 0}, {1e-30F, 0}), "");
  EXPECT_NE(complaint(ResizeNearest{.size = {3, 3}}, {1, 0}, {1, 1}), "");
  EXPECT_NE(complaint(Mul{}, {1e10F, 0}, {1, 0}), "");
  EXPECT_NE(complaint(Mean{}, {1e10F, 0}, {1, 0}), "");
  EXPECT_EQ(complaint(Mean{}, {1, 0}, {1, 0}, {1 << 12, 1 << 11, 1}), "");
  EXPECT_NE(complaint(Mean{}, {1, 0}, {1, 0}, {1 << 12, (1 << 11) + 1, 1}), "");
}

}  // namespace
}  // namespace thimble
