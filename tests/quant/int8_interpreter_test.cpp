#include "thimble/quant/int8_interpreter.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "quant/random_models.hpp"
#include "quant/reference_kernels.hpp"
#include "thimble/core/error.hpp"
#include "thimble/quant/check.hpp"

namespace thimble {
namespace {

/// The last tensors of `count` samples, one after another.
std::vector<std::int8_t> reference_outputs(const QuantizedModel& model,
                                           const std::vector<std::int8_t>& samples, int count) {
  std::vector<std::int8_t> outputs;
  const auto size = samples.size() / static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < samples.size(); i += size) {
    const auto from = samples.begin() + static_cast<std::ptrdiff_t>(i);
    const auto tensors = reference::run(model, {from, from + static_cast<std::ptrdiff_t>(size)});
    const auto& last = tensors[static_cast<std::size_t>(model.graph.output())];
    outputs.insert(outputs.end(), last.begin(), last.end());
  }
  return outputs;
}

void expect_same_bytes(const Graph& graph, Rng& rng) {
  const QuantizedModel model = random_integers(graph, rng);
  const int count = static_cast<int>(rng.uniform_int(1, 3));
  const std::vector<std::int8_t> samples = random_bytes(rng, count * graph.shape(0).elements());
  Int8Interpreter interpreter(model);
  ASSERT_EQ(interpreter.run(samples), reference_outputs(model, samples, count)) << describe(graph);
}

class EveryLayer : public ::testing::TestWithParam<int> {};

TEST_P(EveryLayer, EqualsTheReferenceKernelsByteForByte) {
  Rng rng = Rng(11).fork(static_cast<std::uint64_t>(GetParam()));
  for (int round = 0; round < 1000; ++round) {
    expect_same_bytes(random_layer(GetParam(), rng), rng);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryLayer, ::testing::Range(0, kLayerKinds));

TEST(Int8Interpreter, EqualsTheReferenceKernelsOnWholeNetworks) {
  Rng rng(5);
  for (int round = 0; round < 100; ++round) {
    expect_same_bytes(random_network(rng), rng);
    if (HasFatalFailure()) return;
  }
}

TEST(Int8Interpreter, DoesNotDependOnHowManySamplesRunTogether) {
  Rng rng(6);
  const QuantizedModel model = random_integers(random_network(rng), rng);
  const std::int64_t size = model.graph.shape(0).elements();
  const std::vector<std::int8_t> samples = random_bytes(rng, 37 * size);
  Int8Interpreter interpreter(model);
  EXPECT_EQ(interpreter.run(samples), reference_outputs(model, samples, 37));
}

TEST(Int8Interpreter, TraceShowsEveryTensor) {
  Rng rng(7);
  for (int round = 0; round < 20; ++round) {
    const QuantizedModel model = random_integers(random_network(rng), rng);
    const std::vector<std::int8_t> sample = random_bytes(rng, model.graph.shape(0).elements());
    EXPECT_EQ(Int8Interpreter(model).trace(sample), reference::run(model, sample));
  }
}

TEST(Int8Interpreter, NamesAWrongNumberOfValues) {
  Rng rng(8);
  Int8Interpreter interpreter(random_integers(random_layer(0, rng), rng));
  const auto size = static_cast<std::size_t>(interpreter.input_elements());
  std::vector<std::int8_t> inputs(2 * size + 1);
  std::vector<std::int8_t> outputs(2 * static_cast<std::size_t>(interpreter.output_elements()));
  if (size > 1) {
    EXPECT_THROW(interpreter.run(inputs, outputs), DataError);
  }
  inputs.resize(3 * size);
  EXPECT_THROW(interpreter.run(inputs, outputs), DataError);
}

// In float the quotient of the scales, of which 15 bits are kept, would lie on a tie, and 18 would
// give −7; tflite-micro gives −6.
TEST(Int8Interpreter, DividesTheScalesOfAHardSwishInDouble) {
  Graph graph;
  graph.add(Apply{Function::kHardSwish}, {graph.input({1, 1, 1})});
  const QuantizedModel model{.graph = graph,
                             .activations = {{0.025651103F, 117}, {0.009994713F, 13}},
                             .weights = {{}, {}}};
  EXPECT_EQ(Int8Interpreter(model).run(std::vector<std::int8_t>{18})[0], -6);
}

TEST(PredictedClasses, TakesTheFirstOfEqualsAndTheSignOfALogit) {
  const std::vector<std::int8_t> scores{1, 5, 5, -3, -4, -9};
  EXPECT_THAT(predicted_classes(scores, 3, {}), ::testing::ElementsAre(1, 0));
  const std::vector<std::int8_t> logits{-20, -19, 30};
  EXPECT_THAT(predicted_classes(logits, 1, {.scale = 0.1F, .zero_point = -20}),
              ::testing::ElementsAre(0, 1, 1));
}

}  // namespace
}  // namespace thimble
