#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "schema_generated.h"
#include "support/random_models.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/graph.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

TEST(TfliteSize, IsTheSizeOfTheFileForAnyNumbers) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const Graph graph =
        testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(1, 20)));
    const Bytes size = tflite_size(graph);
    for (int i = 0; i < 2; ++i) {
      const auto file = write_tflite(testing::random_quantized_model(rng, graph));
      ASSERT_EQ(size.value, static_cast<std::int64_t>(file.size())) << "seed " << seed;
      flatbuffers::Verifier verifier(file.data(), file.size());
      ASSERT_TRUE(tflite::VerifyModelBuffer(verifier)) << "seed " << seed;
    }
  }
}

TEST(TfliteSize, IsTheSameForAModelOfZeros) {
  Rng rng(1);
  const Graph graph = testing::random_deployed_graph(rng, 12);
  QuantizedModel model = testing::random_quantized_model(rng, graph);
  for (QuantizedWeights& weights : model.weights) {
    std::ranges::fill(weights.kernel, std::int8_t{0});
    std::ranges::fill(weights.bias, 0);
  }
  EXPECT_EQ(tflite_size(graph).value, static_cast<std::int64_t>(write_tflite(model).size()));
}

TEST(TfliteSize, RefusesMoreThanAFileCanHold) {
  Graph graph;
  graph.add(Dense{.units = 1100}, {graph.input({1024, 1024, 1})});
  EXPECT_THROW(tflite_size(graph), ModelError);
}

/// The keyword-spotting DS-CNN of MLPerf Tiny, which in TensorFlow's own int8 file takes 53,936
/// bytes and, stripped of names, ranges and metadata, 30,704.
Graph ds_cnn() {
  Graph graph;
  NodeId x = graph.input({49, 10, 1});
  x = graph.add(Conv2D{.filters = 64,
                       .kernel = {10, 4},
                       .stride = {2, 2},
                       .padding = Padding::kSame,
                       .activation = Activation::kRelu},
                {x});
  for (int i = 0; i < 4; ++i) {
    x = graph.add(
        DepthwiseConv2D{
            .kernel = {3, 3}, .padding = Padding::kSame, .activation = Activation::kRelu},
        {x});
    x = graph.add(Conv2D{.filters = 64, .activation = Activation::kRelu}, {x});
  }
  x = graph.add(Pool2D{.kind = PoolKind::kAverage, .window = {25, 5}, .stride = {25, 5}}, {x});
  x = graph.add(Dense{.units = 12}, {x});
  graph.add(Softmax{}, {x});
  return graph;
}

TEST(TfliteSize, OfTheKeywordSpottingDsCnnIsPinned) {
  // Kernels and biases take 24,392 bytes, the scales of 9 · 64 channels 2,304: 2,840 bytes tell the
  // rest.
  EXPECT_EQ(tflite_size(ds_cnn()), 29'536_B);
}

}  // namespace
}  // namespace thimble
