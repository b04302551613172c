#include "thimble/optimise/file_optimiser.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/core/error.hpp"
#include "thimble/core/file.hpp"
#include "thimble/optimise/proof.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const ArenaTarget& host() { return find_arena_target("x86-64"); }

/// Of random networks with these seeds, all that the optimiser promises.
TEST(FileOptimiser, KeepsItsPromisesOnRandomNetworks) {
  int better = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    const QuantizedModel model =
        testing::random_quantized_model(rng, testing::random_deployed_graph(rng, 12));
    const auto file = write_tflite(model);
    const OptimisedFile result = optimise_file(
        file, "random", host(),
        {.effort = {.packing = {.orders = 100, .placements = 2'000}}, .random_inputs = 4});
    ASSERT_EQ(result.failure, "") << "seed " << seed;
    ASSERT_LE(result.after.smallest, result.before.smallest);
    ASSERT_EQ(result.before, plan_arena(model, host()));
    ASSERT_EQ(result.after, plan_arena(arena_network(result.bytes, "optimised"), host()));
    better += result.is_better ? 1 : 0;
    const OptimisedFile again = optimise_file(result.bytes, "again", host(), {.random_inputs = 0});
    ASSERT_LE(again.after.smallest, result.after.smallest) << "seed " << seed;
  }
  EXPECT_GT(better, 10);
}

// As the converter lays it out, with a RESHAPE that reads its shape, names and a scale for each
// bias.
TEST(FileOptimiser, LeavesOutWhatIsNeverRead) {
  auto made = testing::made_classifier();
  made.tensors.push_back({.shape = {1, 100}});
  made.metadata = {{.name = "min_runtime_version", .data = {1, 2, 3}}};
  const auto file = made.bytes();
  const OptimisedFile result = optimise_file(file, "made", host());
  EXPECT_EQ(result.failure, "");
  EXPECT_TRUE(result.is_better);
  EXPECT_LT(result.bytes.size(), file.size());
  EXPECT_LE(result.after.head_size, result.before.head_size);
  EXPECT_LT(result.after.tail.tensors, result.before.tail.tensors);
  EXPECT_EQ(result.inputs, 64);
}

// The dense layer reads the convolution's tensor as it lies. What a softmax or the caller reads
// keeps its shape.
TEST(FileOptimiser, LeavesOutReshapesBeforeDenseLayers) {
  const auto file = testing::made_classifier().bytes();
  const OptimisedFile result = optimise_file(file, "made", find_arena_target("cortex-m4"));
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(arena_network(file, "made").operators.size(), 4U);
  EXPECT_EQ(arena_network(result.bytes, "lean").operators.size(), 3U);
  EXPECT_EQ(result.after.tail.nodes + 32_B, result.before.tail.nodes);
  Rng rng(1);
  Graph graph;
  const NodeId in = graph.input({2, 2, 3});
  const NodeId convolved = graph.add(Conv2D{.filters = 4}, {in});
  graph.add(Softmax{}, {graph.add(Flatten{}, {convolved})});
  const auto softmax = write_tflite(testing::random_quantized_model(rng, graph));
  EXPECT_EQ(optimise_file(softmax, "softmax", host()).bytes, softmax);
}

TEST(FileOptimiser, GivesAFileBackThatHasNothingToGain) {
  Rng rng(1);
  Graph graph;
  graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  const auto file = write_tflite(testing::random_quantized_model(rng, graph));
  const OptimisedFile result = optimise_file(file, "lean", host());
  EXPECT_FALSE(result.is_better);
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.bytes, file);
  EXPECT_EQ(result.after, result.before);
}

TEST(FileOptimiser, RefusesSeveralOutputs) {
  auto made = testing::made_classifier();
  made.outputs = {8, 9};
  EXPECT_THAT([&] { optimise_file(made.bytes(), "made", host()); },
              ThrowsMessage<ModelError>(HasSubstr("made: 1 inputs and 2 outputs: must be one of")));
}

// The input and what is convolved from it, at one place: TensorFlow Lite Micro does as it is told.
TEST(FileOptimiser, RefusesAPlanThatLaysTensorsOverEachOther) {
  auto made = testing::made_classifier();
  made.metadata = {
      {.name = kOfflinePlan, .data = {0, 0, 10, 0, -1, -1, 0, -1, -1, -1, -1, -1, -1}}};
  EXPECT_THAT([&] { optimise_file(made.bytes(), "made", host()); },
              ThrowsMessage<ModelError>(HasSubstr("tensors 0 and 3 lie over each other")));
}

TEST(FileOptimiser, StripsTheKeywordNetwork) {
  const char* shared = std::getenv("THIMBLE_SHARED");
  const std::filesystem::path folder = shared ? shared : THIMBLE_SOURCE_DIR "/../shared";
  const auto path = folder / "models/kws_ref_int8.tflite";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not on this machine";
  const auto file = read_bytes(path);
  const OptimisedFile result =
      optimise_file(file, "kws", find_arena_target("cortex-m4"), {.random_inputs = 1});
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(file.size(), 53'936U);
  EXPECT_LE(result.bytes.size(), 30'704U);
  EXPECT_LE(result.after.smallest, result.before.smallest);
}

TEST(Proof, FindsTheFirstByteThatDiffers) {
  Rng rng(2);
  Graph graph;
  graph.add(Dense{.units = 3}, {graph.input({1, 1, 8})});
  const QuantizedModel model = testing::random_quantized_model(rng, graph);
  const auto inputs = probing_inputs(model, 10);
  EXPECT_EQ(inputs.size(), 14U * 8U);
  EXPECT_EQ(first_difference(model, model, inputs), std::nullopt);
  QuantizedModel other = model;
  other.weights[1].bias[1] += 1 << 14;
  EXPECT_THAT(first_difference(model, other, inputs).value_or(""),
              HasSubstr("byte 1 of the output is "));
  other = model;
  other.activations[1].scale *= 2;
  EXPECT_EQ(first_difference(model, other, inputs), "the outputs differ in scale");
}

}  // namespace
}  // namespace thimble
