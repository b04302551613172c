#include "thimble/tflite/writer.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <set>
#include <string>

#include "schema_generated.h"
#include "support/random_models.hpp"
#include "thimble/core/error.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A file with its parsed root.
struct File {
  explicit File(const QuantizedModel& source) : bytes(write_tflite(source)) {
    flatbuffers::Verifier verifier(bytes.data(), bytes.size());
    EXPECT_TRUE(tflite::VerifyModelBuffer(verifier));
    model = tflite::GetModel(bytes.data());
    subgraph = model->subgraphs()->Get(0);
  }

  const tflite::Tensor* tensor(int id) const {
    return subgraph->tensors()->Get(static_cast<unsigned>(id));
  }
  const tflite::Operator* op(int id) const {
    return subgraph->operators()->Get(static_cast<unsigned>(id));
  }
  tflite::BuiltinOperator code(int id) const {
    return model->operator_codes()->Get(op(id)->opcode_index())->builtin_code();
  }
  const flatbuffers::Vector<std::uint8_t>* data(int tensor_id) const {
    return model->buffers()->Get(tensor(tensor_id)->buffer())->data();
  }

  std::vector<std::uint8_t> bytes;
  const tflite::Model* model = nullptr;
  const tflite::SubGraph* subgraph = nullptr;
};

template <class T>
std::vector<T> numbers(const flatbuffers::Vector<std::uint8_t>* bytes) {
  std::vector<T> result(bytes->size() / sizeof(T));
  std::memcpy(result.data(), bytes->data(), bytes->size());
  return result;
}

template <class T>
std::vector<T> numbers(const flatbuffers::Vector<T>* values) {
  return {values->begin(), values->end()};
}

/// Input 5×4×2 → conv 3×2 to 3 channels → depthwise ×2 → padding → average pool → dense 4 →
/// softmax.
QuantizedModel small_model() {
  Rng rng(1);
  Graph graph;
  NodeId x = graph.input({5, 4, 2});
  x = graph.add(Conv2D{.filters = 3,
                       .kernel = {3, 2},
                       .stride = {1, 2},
                       .padding = Padding::kSame,
                       .activation = Activation::kRelu6},
                {x});
  x = graph.add(DepthwiseConv2D{.multiplier = 2, .kernel = {2, 2}, .dilation = {2, 1}}, {x});
  x = graph.add(Pad{.top = 1, .bottom = 2, .left = 3, .right = 4}, {x});
  x = graph.add(Pool2D{.kind = PoolKind::kAverage, .window = {2, 3}, .stride = {2, 1}}, {x});
  x = graph.add(Dense{.units = 4, .activation = Activation::kRelu}, {x});
  graph.add(Softmax{}, {x});
  return testing::random_quantized_model(rng, graph);
}

TEST(TfliteWriter, WritesWhatIdentifiesTheFormat) {
  const File file(small_model());
  EXPECT_EQ(std::string(file.bytes.begin() + 4, file.bytes.begin() + 8), "TFL3");
  EXPECT_EQ(file.model->version(), 3U);
  EXPECT_EQ(file.model->subgraphs()->size(), 1U);
}

TEST(TfliteWriter, NumbersTensorsByNodeAndThenTheConstants) {
  const File file(small_model());
  ASSERT_EQ(file.subgraph->tensors()->size(), 7U + 2 + 2 + 1 + 2);
  EXPECT_THAT(numbers(file.subgraph->inputs()), ElementsAre(0));
  EXPECT_THAT(numbers(file.subgraph->outputs()), ElementsAre(6));
  EXPECT_THAT(numbers(file.op(0)->inputs()), ElementsAre(0, 7, 8));
  EXPECT_THAT(numbers(file.op(0)->outputs()), ElementsAre(1));
  EXPECT_THAT(numbers(file.op(1)->inputs()), ElementsAre(1, 9, 10));
  EXPECT_THAT(numbers(file.op(2)->inputs()), ElementsAre(2, 11));
  EXPECT_THAT(numbers(file.op(3)->inputs()), ElementsAre(3));
  EXPECT_THAT(numbers(file.op(4)->inputs()), ElementsAre(4, 12, 13));
  EXPECT_THAT(numbers(file.op(5)->outputs()), ElementsAre(6));
}

TEST(TfliteWriter, WritesTheOperatorsInTheGraphsOrder) {
  const File file(small_model());
  using enum tflite::BuiltinOperator;
  std::vector<tflite::BuiltinOperator> codes;
  for (int i = 0; i < 6; ++i) codes.push_back(file.code(i));
  EXPECT_THAT(codes, ElementsAre(CONV_2D, DEPTHWISE_CONV_2D, PAD, AVERAGE_POOL_2D, FULLY_CONNECTED,
                                 SOFTMAX));
}

TEST(TfliteWriter, GivesShapesWithTheBatchAxisAndDenseOutputsTwoAxes) {
  const File file(small_model());
  EXPECT_THAT(numbers(file.tensor(0)->shape()), ElementsAre(1, 5, 4, 2));
  EXPECT_THAT(numbers(file.tensor(1)->shape()), ElementsAre(1, 5, 2, 3));
  EXPECT_THAT(numbers(file.tensor(2)->shape()), ElementsAre(1, 3, 1, 6));
  EXPECT_THAT(numbers(file.tensor(3)->shape()), ElementsAre(1, 6, 8, 6));
  EXPECT_THAT(numbers(file.tensor(4)->shape()), ElementsAre(1, 3, 6, 6));
  EXPECT_THAT(numbers(file.tensor(5)->shape()), ElementsAre(1, 4));
  EXPECT_THAT(numbers(file.tensor(6)->shape()), ElementsAre(1, 4));
  EXPECT_THAT(numbers(file.tensor(7)->shape()), ElementsAre(3, 3, 2, 2));
  EXPECT_THAT(numbers(file.tensor(8)->shape()), ElementsAre(3));
  EXPECT_THAT(numbers(file.tensor(9)->shape()), ElementsAre(1, 2, 2, 6));
  EXPECT_THAT(numbers(file.tensor(11)->shape()), ElementsAre(4, 2));
  EXPECT_THAT(numbers(file.tensor(12)->shape()), ElementsAre(4, 3 * 6 * 6));
}

TEST(TfliteWriter, WritesTheOptionsOfEveryOperator) {
  const File file(small_model());
  const auto* conv = file.op(0)->builtin_options_as_Conv2DOptions();
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->padding(), tflite::Padding::SAME);
  EXPECT_EQ(conv->stride_h(), 1);
  EXPECT_EQ(conv->stride_w(), 2);
  EXPECT_EQ(conv->fused_activation_function(), tflite::ActivationFunctionType::RELU6);
  const auto* depthwise = file.op(1)->builtin_options_as_DepthwiseConv2DOptions();
  ASSERT_NE(depthwise, nullptr);
  EXPECT_EQ(depthwise->padding(), tflite::Padding::VALID);
  EXPECT_EQ(depthwise->depth_multiplier(), 2);
  EXPECT_EQ(depthwise->dilation_h_factor(), 2);
  EXPECT_EQ(depthwise->dilation_w_factor(), 1);
  const auto* pool = file.op(3)->builtin_options_as_Pool2DOptions();
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->filter_height(), 2);
  EXPECT_EQ(pool->filter_width(), 3);
  EXPECT_EQ(pool->stride_h(), 2);
  EXPECT_EQ(pool->stride_w(), 1);
  const auto* dense = file.op(4)->builtin_options_as_FullyConnectedOptions();
  ASSERT_NE(dense, nullptr);
  EXPECT_EQ(dense->fused_activation_function(), tflite::ActivationFunctionType::RELU);
  EXPECT_EQ(file.op(5)->builtin_options_as_SoftmaxOptions()->beta(), 1.0F);
}

TEST(TfliteWriter, WritesEveryConstantAsItIsAlignedToSixteenBytes) {
  const QuantizedModel model = small_model();
  const File file(model);
  EXPECT_THAT(numbers<std::int8_t>(file.data(7)), ElementsAreArray(model.weights[1].kernel));
  EXPECT_THAT(numbers<std::int32_t>(file.data(8)), ElementsAreArray(model.weights[1].bias));
  EXPECT_THAT(numbers<std::int8_t>(file.data(9)), ElementsAreArray(model.weights[2].kernel));
  EXPECT_THAT(numbers<std::int32_t>(file.data(11)), ElementsAre(0, 0, 1, 2, 3, 4, 0, 0));
  EXPECT_THAT(numbers<std::int8_t>(file.data(12)), ElementsAreArray(model.weights[5].kernel));
  EXPECT_THAT(numbers<std::int32_t>(file.data(13)), ElementsAreArray(model.weights[5].bias));
  for (int id = 7; id <= 13; ++id) {
    EXPECT_EQ((file.data(id)->data() - file.bytes.data()) % 16, 0) << "tensor " << id;
  }
  EXPECT_EQ(file.model->buffers()->Get(0)->data(), nullptr);
  for (int id = 0; id < 7; ++id) EXPECT_EQ(file.tensor(id)->buffer(), 0U);
}

TEST(TfliteWriter, WritesScalesPerTensorAndPerChannel) {
  const QuantizedModel model = small_model();
  const File file(model);
  for (int id = 0; id < 7; ++id) {
    const QuantParams params = model.activations[static_cast<std::size_t>(id)];
    const auto* quantization = file.tensor(id)->quantization();
    EXPECT_THAT(numbers(quantization->scale()), ElementsAre(params.scale));
    EXPECT_THAT(numbers(quantization->zero_point()), ElementsAre(params.zero_point));
    EXPECT_EQ(file.tensor(id)->type(), tflite::TensorType::INT8);
  }
  const auto* conv = file.tensor(7)->quantization();
  EXPECT_THAT(numbers(conv->scale()), ElementsAreArray(model.weights[1].kernel_scales));
  EXPECT_THAT(numbers(conv->zero_point()), ElementsAre(0));
  EXPECT_EQ(conv->quantized_dimension(), 0);
  const auto* depthwise = file.tensor(9)->quantization();
  EXPECT_THAT(numbers(depthwise->scale()), ElementsAreArray(model.weights[2].kernel_scales));
  EXPECT_EQ(depthwise->quantized_dimension(), 3);
  const float dense_scale = model.weights[5].kernel_scales[0];
  EXPECT_THAT(numbers(file.tensor(12)->quantization()->scale()), ElementsAre(dense_scale));
  EXPECT_THAT(numbers(file.tensor(13)->quantization()->scale()),
              ElementsAre(model.activations[4].scale * dense_scale));
  EXPECT_EQ(file.tensor(13)->type(), tflite::TensorType::INT32);
}

TEST(TfliteWriter, LeavesOutWhatTensorFlowLiteMicroDoesNotNeed) {
  const File file(small_model());
  EXPECT_EQ(file.model->description(), nullptr);
  EXPECT_EQ(file.model->metadata(), nullptr);
  EXPECT_EQ(file.subgraph->name(), nullptr);
  for (const auto* tensor : *file.subgraph->tensors()) EXPECT_EQ(tensor->name(), nullptr);
  EXPECT_EQ(file.tensor(8)->quantization(), nullptr) << "the bias of a convolution";
  EXPECT_EQ(file.tensor(10)->quantization(), nullptr);
  EXPECT_EQ(file.op(2)->builtin_options_type(), tflite::BuiltinOptions::NONE) << "PAD";
}

TEST(TfliteWriter, StoresEqualPaddingsOptionsAndQuantisationsOnce) {
  Rng rng(2);
  Graph graph;
  NodeId x = graph.input({4, 4, 3});
  for (int i = 0; i < 2; ++i) {
    x = graph.add(Pad{.top = 1, .left = 1}, {x});
    x = graph.add(Conv2D{.filters = 3, .kernel = {2, 2}}, {x});
  }
  const File file(testing::random_quantized_model(rng, graph));
  EXPECT_EQ(file.op(0)->inputs()->Get(1), file.op(2)->inputs()->Get(1));
  EXPECT_EQ(file.op(1)->builtin_options(), file.op(3)->builtin_options());
  EXPECT_EQ(file.tensor(0)->quantization(), file.tensor(1)->quantization());
  EXPECT_NE(file.tensor(1)->quantization(), file.tensor(2)->quantization());
  EXPECT_EQ(file.tensor(0)->shape(), file.tensor(2)->shape());
}

TEST(TfliteWriter, KeepsFourAxesWhereAnImageOperatorReadsADenseOutput) {
  Rng rng(3);
  Graph graph;
  const NodeId in = graph.input({1, 1, 3});
  const NodeId dense = graph.add(Dense{.units = 5}, {in});
  const NodeId relu = graph.add(Activate{Activation::kRelu}, {dense});
  graph.add(Conv2D{.filters = 2}, {relu});
  const File file(testing::random_quantized_model(rng, graph));
  EXPECT_THAT(numbers(file.tensor(dense)->shape()), ElementsAre(1, 1, 1, 5));
  EXPECT_THAT(numbers(file.tensor(relu)->shape()), ElementsAre(1, 1, 1, 5));
}

// Squeeze and excitation on 4×3×2: tensor 1 is the mean, 2 and 3 the gate, 4 the product. The gate
// has two axes beside the image's four; the mean's axes and the resizing's size are constants.
TEST(TfliteWriter, WritesAGateOfOneValueAChannel) {
  Rng rng(5);
  Graph graph;
  const NodeId in = graph.input({4, 3, 2});
  const NodeId mean = graph.add(Mean{}, {in});
  const NodeId dense = graph.add(Dense{.units = 2}, {mean});
  const NodeId gate = graph.add(Apply{Function::kLogistic}, {dense});
  const NodeId product = graph.add(Mul{Activation::kRelu}, {in, gate});
  graph.add(ResizeNearest{.size = {8, 6}, .half_pixel_centers = true}, {product});
  const File file(testing::random_quantized_model(rng, graph));
  EXPECT_THAT(numbers(file.tensor(gate)->shape()), ElementsAre(1, 2));
  EXPECT_THAT(numbers(file.tensor(product)->shape()), ElementsAre(1, 4, 3, 2));
  EXPECT_THAT(numbers<std::int32_t>(file.data(file.op(0)->inputs()->Get(1))), ElementsAre(1, 2));
  EXPECT_FALSE(file.op(0)->builtin_options_as_ReducerOptions()->keep_dims());
  EXPECT_EQ(file.op(3)->builtin_options_as_MulOptions()->fused_activation_function(),
            tflite::ActivationFunctionType::RELU);
  const auto* resize = file.op(4)->builtin_options_as_ResizeNearestNeighborOptions();
  EXPECT_FALSE(resize->align_corners());
  EXPECT_TRUE(resize->half_pixel_centers());
  EXPECT_THAT(numbers<std::int32_t>(file.data(file.op(4)->inputs()->Get(1))), ElementsAre(8, 6));
}

TEST(TfliteWriter, KeepsTheAxesOfAMeanThatAnImageOperatorReads) {
  Rng rng(6);
  Graph graph;
  const NodeId in = graph.input({4, 3, 2});
  const NodeId kept = graph.add(Mean{}, {in});
  graph.mark_output(graph.add(Conv2D{.filters = 2}, {kept}));
  const NodeId flat = graph.add(Mean{}, {in});
  graph.mark_output(flat);
  const File file(testing::random_quantized_model(rng, graph));
  EXPECT_THAT(numbers(file.tensor(kept)->shape()), ElementsAre(1, 1, 1, 2));
  EXPECT_TRUE(file.op(0)->builtin_options_as_ReducerOptions()->keep_dims());
  EXPECT_THAT(numbers(file.tensor(flat)->shape()), ElementsAre(1, 2));
  EXPECT_FALSE(file.op(2)->builtin_options_as_ReducerOptions()->keep_dims());
  EXPECT_EQ(file.op(0)->inputs()->Get(1), file.op(2)->inputs()->Get(1)) << "the axes";
}

TEST(TfliteWriter, PacksTwoInt4WeightsIntoAByte) {
  Graph graph;
  graph.add(Dense{.units = 1, .weights = WeightType::kInt4}, {graph.input({1, 1, 5})});
  QuantizedModel model{.graph = graph, .activations = {{1, 0}, {1, 0}}, .weights = {{}, {}}};
  model.weights[1] = {.kernel = {1, -2, 7, -8, 3}, .kernel_scales = {1}, .bias = {0}};
  const File file(model);
  const std::int32_t kernel = file.op(0)->inputs()->Get(1);
  EXPECT_EQ(file.tensor(kernel)->type(), tflite::TensorType::INT4);
  EXPECT_THAT(numbers<std::uint8_t>(file.data(kernel)), ElementsAre(0xE1, 0x87, 0x03));
}

TEST(TfliteWriter, WritesSeveralInputsAndOutputsInTheirOrder) {
  Rng rng(4);
  Graph graph;
  const NodeId a = graph.input({2, 2, 1});
  const NodeId b = graph.input({2, 2, 1});
  const NodeId sum = graph.add(Add{}, {a, b});
  const NodeId both = graph.add(Concat{}, {sum, sum});
  graph.mark_output(both);
  graph.mark_output(sum);
  const File file(testing::random_quantized_model(rng, graph));
  EXPECT_THAT(numbers(file.subgraph->inputs()), ElementsAre(a, b));
  EXPECT_THAT(numbers(file.subgraph->outputs()), ElementsAre(both, sum));
}

/// What `write_tflite` says to the network that `build` makes on an input of 4×4×2.
template <class Build>
std::string size_refusal(Build build) {
  Graph graph;
  const NodeId input = graph.input({4, 4, 2});
  build(graph, input);
  try {
    tflite_size(graph);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TfliteWriter, RefusesByNameWhatIsNotDeployed) {
  EXPECT_EQ(size_refusal([](Graph& g, NodeId x) { g.add(BatchNorm{}, {x}); }),
            "node 1 BATCH_NORM: not an operator of TensorFlow Lite: deploy the graph first");
  EXPECT_THAT(size_refusal([](Graph& g, NodeId x) { g.add(Dropout{}, {x}); }),
              HasSubstr("node 1 DROPOUT"));
  EXPECT_THAT(size_refusal([](Graph& g, NodeId x) { g.add(GlobalPool{}, {x}); }),
              HasSubstr("node 1 GLOBAL_AVERAGE_POOL"));
  EXPECT_THAT(size_refusal([](Graph& g, NodeId x) {
                g.add(Add{}, {x, x, x});
              }),
              HasSubstr("node 1 ADD: inputs = 3: must be 2"));
  EXPECT_THAT(size_refusal([](Graph& g, NodeId x) { g.add(Conv2D{.bias = false}, {x}); }),
              HasSubstr("node 1 CONV_2D: bias = false"));
  EXPECT_THAT(size_refusal([](Graph& g, NodeId x) { g.add(Concat{}, std::vector<NodeId>(11, x)); }),
              HasSubstr("node 1 CONCATENATION: inputs = 11"));
  EXPECT_THAT(size_refusal([](Graph&, NodeId) {}), HasSubstr("network: operators = 0"));
}

TEST(TfliteWriter, RefusesNumbersThatTheRuntimeWouldMisread) {
  const auto refuses = [](auto spoil, const std::string& node) {
    QuantizedModel model = small_model();
    spoil(model);
    EXPECT_THAT([&] { write_tflite(model); }, ThrowsMessage<ModelError>(HasSubstr(node)));
  };
  refuses([](auto& m) { m.activations[4].zero_point ^= 1; }, "node 4 AVERAGE_POOL_2D");
  refuses([](auto& m) { m.activations[6].scale = 0.5F; }, "node 6 SOFTMAX");
  refuses([](auto& m) { m.activations[1].zero_point = 128; }, "node 1 CONV_2D");
  refuses([](auto& m) { m.weights[1].bias.pop_back(); }, "node 1 CONV_2D");
  refuses([](auto& m) { m.weights[5].kernel_scales.push_back(1); }, "node 5 FULLY_CONNECTED");
  refuses([](auto& m) { m.weights.pop_back(); }, "network");
}

TEST(TfliteWriter, GivesTensorFlowLiteAZeroPointForEachScale) {
  const QuantizedModel model = small_model();
  const auto bytes = write_tflite(model, {.for_tensorflow_lite = true});
  const auto* subgraph = tflite::GetModel(bytes.data())->subgraphs()->Get(0);
  const auto zero_points = [&](unsigned id) {
    return numbers(subgraph->tensors()->Get(id)->quantization()->zero_point());
  };
  EXPECT_THAT(zero_points(7), ElementsAre(0, 0, 0));
  EXPECT_THAT(zero_points(9), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(zero_points(12), ElementsAre(0));
  EXPECT_EQ(tflite_size(model.graph, {.for_tensorflow_lite = true}).value,
            static_cast<std::int64_t>(bytes.size()));
  EXPECT_GT(bytes.size(), write_tflite(model).size());
}

TEST(TfliteWriter, RefusesADenseLayerBeforeImagesForTensorFlowLiteOnly) {
  Graph graph;
  const NodeId dense = graph.add(Dense{.units = 5}, {graph.input({1, 1, 3})});
  graph.add(Conv2D{.filters = 2}, {dense});
  EXPECT_NO_THROW(tflite_size(graph));
  EXPECT_THAT([&] { tflite_size(graph, {.for_tensorflow_lite = true}); },
              ThrowsMessage<ModelError>(HasSubstr("node 1 FULLY_CONNECTED")));
}

}  // namespace
}  // namespace thimble
