// How many images a second one core scores in int8, and how fast a network is calibrated.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>

#include "thimble/core/rng.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/quant/quantise.hpp"

namespace thimble {
namespace {

NodeId conv(Graph& graph, NodeId from, int filters, Extent kernel, int stride = 1) {
  return graph.add(Conv2D{.filters = filters,
                          .kernel = kernel,
                          .stride = {stride, stride},
                          .padding = Padding::kSame,
                          .activation = Activation::kRelu},
                   {from});
}

NodeId depthwise(Graph& graph, NodeId from, int stride = 1) {
  return graph.add(DepthwiseConv2D{.kernel = {3, 3},
                                   .stride = {stride, stride},
                                   .padding = Padding::kSame,
                                   .activation = Activation::kRelu},
                   {from});
}

void finish(Graph& graph, NodeId from) {
  const Shape shape = graph.shape(from);
  const Extent whole{shape.height, shape.width};
  const NodeId mean =
      graph.add(Pool2D{.kind = PoolKind::kAverage, .window = whole, .stride = whole}, {from});
  graph.add(Dense{.units = 10}, {mean});
}

/// Channels 1→5, depthwise s2, 11, depthwise, 23, depthwise s2, 37, 3×3→19, as a search on
/// Fashion-MNIST finds them.
Graph odd_channels() {
  Graph graph;
  NodeId x = conv(graph, graph.input({28, 28, 1}), 5, {3, 3});
  x = conv(graph, depthwise(graph, x, 2), 11, {1, 1});
  x = conv(graph, depthwise(graph, x), 23, {1, 1});
  x = conv(graph, depthwise(graph, x, 2), 37, {1, 1});
  finish(graph, conv(graph, x, 19, {3, 3}));
  return graph;
}

/// Some 1 MMAC, most of it in 1×1 convolutions of 32 and 64 channels.
Graph one_mmac() {
  Graph graph;
  NodeId x = conv(graph, graph.input({28, 28, 1}), 16, {3, 3}, 2);
  x = conv(graph, depthwise(graph, x), 24, {1, 1});
  x = conv(graph, depthwise(graph, x, 2), 48, {1, 1});
  x = conv(graph, depthwise(graph, x), 64, {1, 1});
  x = conv(graph, depthwise(graph, x), 64, {1, 1});
  x = conv(graph, depthwise(graph, x), 64, {1, 1});
  finish(graph, conv(graph, depthwise(graph, x), 64, {1, 1}));
  return graph;
}

/// A 3×3 network with residual additions.
Graph residual() {
  Graph graph;
  NodeId x = conv(graph, graph.input({32, 32, 3}), 8, {3, 3}, 2);
  const NodeId y = conv(graph, conv(graph, x, 8, {3, 3}), 8, {3, 3});
  x = conv(graph, graph.add(Add{Activation::kRelu}, {x, y}), 16, {3, 3}, 2);
  const NodeId z = conv(graph, x, 16, {3, 3});
  finish(graph, graph.add(Add{Activation::kRelu}, {x, z}));
  return graph;
}

double macs(const Graph& graph) {
  double total = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const double places = graph.shape(id).height * graph.shape(id).width;
    total += places * static_cast<double>(parameter_count(graph, id).kernel);
  }
  return total;
}

Model random_model(const Graph& graph, Rng& rng) {
  Model model{.graph = graph, .weights = Weights(graph.nodes().size())};
  for (NodeId id = 0; id < graph.size(); ++id) {
    const ParameterCount count = parameter_count(graph, id);
    NodeWeights& weights = model.weights[static_cast<std::size_t>(id)];
    const double fan_in = static_cast<double>(count.kernel) / graph.shape(id).channels;
    for (std::int64_t i = 0; i < count.kernel; ++i) {
      weights.kernel.push_back(static_cast<float>(rng.normal() / std::sqrt(fan_in)));
    }
    weights.bias.assign(static_cast<std::size_t>(count.bias), 0.1F);
  }
  return model;
}

std::vector<float> random_images(const Graph& graph, int count, Rng& rng) {
  std::vector<float> images(static_cast<std::size_t>(count * graph.shape(0).elements()));
  for (float& x : images) x = static_cast<float>(rng.normal());
  return images;
}

void report(benchmark::State& state, const Graph& graph, int images) {
  const auto total = static_cast<double>(state.iterations()) * images;
  state.counters["images/s"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
  state.counters["MAC/s"] = benchmark::Counter(total * macs(graph), benchmark::Counter::kIsRate);
  state.counters["MMAC"] = macs(graph) / 1e6;
}

void BM_Int8Interpreter(benchmark::State& state, Graph (*make)()) {
  constexpr int kImages = 512;
  Rng rng(1);
  const Graph graph = make();
  const Model model = random_model(graph, rng);
  const std::vector<float> images = random_images(graph, kImages, rng);
  const QuantizedModel quantised = quantise(model, images);
  Int8Interpreter interpreter(quantised);
  const std::vector<std::int8_t> inputs = quantise_inputs(images, interpreter.input_params());
  std::vector<std::int8_t> outputs;
  for (auto _ : state) benchmark::DoNotOptimize(outputs = interpreter.run(inputs));
  report(state, graph, kImages);
  // The first image alone must score as it did in company.
  const std::span first(inputs.data(), static_cast<std::size_t>(graph.shape(0).elements()));
  const std::vector<std::int8_t> alone = interpreter.trace(first).back();
  if (!std::equal(alone.begin(), alone.end(), outputs.begin())) state.SkipWithError("wrong answer");
}
BENCHMARK_CAPTURE(BM_Int8Interpreter, odd_channels, odd_channels)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Int8Interpreter, one_mmac, one_mmac)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_Int8Interpreter, residual, residual)->Unit(benchmark::kMillisecond);

void BM_Quantise(benchmark::State& state, Graph (*make)()) {
  constexpr int kImages = 512;
  Rng rng(1);
  const Graph graph = make();
  const Model model = random_model(graph, rng);
  const std::vector<float> images = random_images(graph, kImages, rng);
  for (auto _ : state) benchmark::DoNotOptimize(quantise(model, images));
  report(state, graph, kImages);
}
BENCHMARK_CAPTURE(BM_Quantise, one_mmac, one_mmac)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble

BENCHMARK_MAIN();
