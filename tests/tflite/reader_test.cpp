#include "thimble/tflite/reader.hpp"

#include <gmock/gmock.h>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using testing::made_classifier;
using testing::made_mean;
using testing::MadeFile;
using ::testing::SizeIs;
using tflite::ActivationFunctionType;
using tflite::BuiltinOperator;
using tflite::BuiltinOptions;

QuantizedModel read(const MadeFile& file) { return read_tflite(file.bytes(), "net.tflite"); }

TEST(TfliteReader, ReadsBackEveryNetworkThatTheWriterWrites) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    Rng rng(seed);
    const auto operators = static_cast<int>(rng.uniform_int(1, 12));
    const auto which = seed < 300 ? testing::Operators::kTrainable : testing::Operators::kAll;
    Graph graph = testing::random_deployed_graph(rng, operators, which);
    const QuantizedModel model = testing::random_quantized_model(rng, std::move(graph));
    const auto file = write_tflite(model);
    const QuantizedModel again = read_tflite(file, "net.tflite");
    SCOPED_TRACE(describe(model.graph));
    ASSERT_EQ(describe(again.graph), describe(model.graph));
    for (NodeId id = 0; id < model.graph.size(); ++id) {
      ASSERT_EQ(again.graph.node(id), model.graph.node(id)) << id;
    }
    ASSERT_EQ(again.activations, model.activations);
    ASSERT_EQ(again.weights, model.weights);
    ASSERT_EQ(write_tflite(again), file);
  }
}

TEST(TfliteReader, ReadsTheFilesThatAreWrittenForTensorFlowLite) {
  Rng rng(1);
  Graph graph;
  const NodeId conv = graph.add(Conv2D{.filters = 3}, {graph.input({2, 2, 2})});
  graph.add(DepthwiseConv2D{.multiplier = 2}, {conv});
  const QuantizedModel model = testing::random_quantized_model(rng, std::move(graph));
  const QuantizedModel again =
      read_tflite(write_tflite(model, {.for_tensorflow_lite = true}), "net.tflite");
  EXPECT_EQ(again.weights, model.weights);
}

TEST(TfliteReader, ReadsABiasWhoseScaleIsTooSmallForAFloat) {
  Rng rng(3);
  Graph graph;
  graph.add(Dense{.units = 2}, {graph.input({2, 2, 2})});
  QuantizedModel model = testing::random_quantized_model(rng, graph);
  model.activations[0].scale = 0x1p-80F;
  model.weights[1].kernel_scales = {0x1p-80F};  // their product, 2^−160, is 0
  EXPECT_EQ(read_tflite(write_tflite(model), "net.tflite").weights, model.weights);
}

TEST(TfliteReader, ReadsSeveralInputsAndOutputsInTheirOrder) {
  Rng rng(2);
  Graph graph;
  const NodeId a = graph.input({2, 2, 1});
  const NodeId b = graph.input({2, 2, 1});
  const NodeId both = graph.add(Concat{}, {b, a});
  const NodeId sum = graph.add(Add{}, {a, b});
  graph.mark_output(sum);
  graph.mark_output(both);
  const auto file = write_tflite(testing::random_quantized_model(rng, graph));
  EXPECT_EQ(read_tflite(file, "net.tflite").graph, graph);
}

TEST(TfliteReader, ReadsAFileOfTheConverter) {
  const QuantizedModel model = read(made_classifier());
  EXPECT_EQ(describe(model.graph),
            "0 INPUT 4x3x2\n"
            "1 CONV_2D 3x2x3 <- 0\n"
            "2 RESHAPE 1x1x18 <- 1\n"
            "3 FULLY_CONNECTED 1x1x2 <- 2\n"
            "4 SOFTMAX 1x1x2 <- 3 (output)\n");
  EXPECT_EQ(std::get<Conv2D>(model.graph.node(1).op),
            (Conv2D{.filters = 3, .kernel = {2, 2}, .activation = Activation::kRelu}));
  EXPECT_EQ(model.activations[0], (QuantParams{0.25F, -3}));
  EXPECT_EQ(model.activations[3], (QuantParams{2, 11}));
  EXPECT_EQ(model.weights[1].kernel[23], 115);
  EXPECT_THAT(model.weights[1].kernel_scales, ElementsAre(0.5F, 0.25F, 0.125F));
  EXPECT_THAT(model.weights[1].bias, ElementsAre(100, -200, 300));
  EXPECT_THAT(model.weights[3].kernel, SizeIs(36));
  EXPECT_EQ(model.weights[3].kernel[35], -3);
  EXPECT_THAT(model.weights[3].bias, ElementsAre(7, -8));
}

TEST(TfliteReader, TakesALeftOutBiasAsZeros) {
  MadeFile file = made_classifier();
  file.operators[0].inputs = {0, 1};
  file.operators[2].inputs = {5, 6, -1};
  const QuantizedModel model = read(file);
  EXPECT_THAT(model.weights[1].bias, ElementsAre(0, 0, 0));
  EXPECT_THAT(model.weights[3].bias, ElementsAre(0, 0));
}

TEST(TfliteReader, RepeatsAKernelsSingleScaleForEachChannel) {
  MadeFile file = made_classifier();
  file.tensors[1].scales = {0.25F};
  file.tensors[1].zero_points = {0};
  EXPECT_THAT(read(file).weights[1].kernel_scales, ElementsAre(0.25F, 0.25F, 0.25F));
}

TEST(TfliteReader, LeavesOutAReshapeThatChangesNothing) {
  MadeFile file = made_classifier();
  file.tensors[5].shape = {1, 3, 2, 3};
  EXPECT_EQ(describe(read(file).graph),
            "0 INPUT 4x3x2\n"
            "1 CONV_2D 3x2x3 <- 0\n"
            "2 FULLY_CONNECTED 1x1x2 <- 1\n"
            "3 SOFTMAX 1x1x2 <- 2 (output)\n");
}

// 24 weights in 12 bytes, the first of each pair in the lower half.
TEST(TfliteReader, ReadsInt4Weights) {
  MadeFile file = made_classifier();
  file.tensors[1].type = tflite::TensorType::INT4;
  file.tensors[1].data.assign(12, 0x81);
  file.tensors[1].data[0] = 0x7F;
  const QuantizedModel model = read(file);
  EXPECT_EQ(std::get<Conv2D>(model.graph.node(1).op).weights, WeightType::kInt4);
  ASSERT_THAT(model.weights[1].kernel, SizeIs(24));
  EXPECT_EQ(model.weights[1].kernel[0], -1);
  EXPECT_EQ(model.weights[1].kernel[1], 7);
  EXPECT_EQ(model.weights[1].kernel[22], 1);
  EXPECT_EQ(model.weights[1].kernel[23], -8);
  EXPECT_EQ(read_tflite(write_tflite(model), "net.tflite").weights, model.weights);
}

TEST(TfliteReader, ReadsAMeanOverHeightAndWidthHoweverItIsWritten) {
  const std::string image = "0 INPUT 4x3x2\n1 MEAN 1x1x2 <- 0 (output)\n";
  EXPECT_EQ(describe(read(made_mean({1, 4, 3, 2}, {1, 2}, true)).graph), image);
  EXPECT_EQ(describe(read(made_mean({1, 4, 3, 2}, {2, 1}, false)).graph), image);
  EXPECT_EQ(describe(read(made_mean({1, 4, 3, 2}, {-2, -3}, true)).graph), image);
  EXPECT_EQ(describe(read(made_mean({1, 3, 2}, {1}, true)).graph),
            "0 INPUT 1x3x2\n1 MEAN 1x1x2 <- 0 (output)\n");
}

TEST(TfliteReader, RefusesOtherMeansByName) {
  const auto refusal = [](const MadeFile& file) {
    try {
      read(file);
    } catch (const ModelError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(refusal(made_mean({1, 4, 3, 2}, {1, 3}, true)),
            "net.tflite: operator 0 MEAN: axes: [1, 3]: must be those of height and width");
  EXPECT_EQ(refusal(made_mean({1, 4, 3, 2}, {1, 1}, true)),
            "net.tflite: operator 0 MEAN: axes: [1, 1]: must be those of height and width");
  EXPECT_EQ(refusal(made_mean({1, 4, 3, 2}, {1}, true)),
            "net.tflite: operator 0 MEAN: axes: shape [1]: must be [2]");
  EXPECT_EQ(refusal(made_mean({1, 2}, {1}, false)),
            "net.tflite: operator 0 MEAN: axes: shape [1]: must be [0]");
  MadeFile wrong = made_mean({1, 4, 3, 2}, {1, 2}, true);
  wrong.tensors[2].shape = {1, 2};
  EXPECT_EQ(refusal(wrong), "net.tflite: operator 0 MEAN: output of 2 axes: must have 4");
}

TEST(TfliteReader, TakesThreeAxesAsAnImageOfOneRow) {
  const QuantizedModel model =
      read(testing::made_concatenation(2, {{1, 5, 3}, {1, 5, 4}, {1, 5, 7}}));
  EXPECT_EQ(describe(model.graph),
            "0 INPUT 1x5x3\n"
            "1 INPUT 1x5x4\n"
            "2 CONCATENATION 1x5x7 <- 0, 1 (output)\n");
}

}  // namespace
}  // namespace thimble
