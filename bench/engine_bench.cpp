// How fast does the engine train networks of the size that a search trains?
#include <benchmark/benchmark.h>

#include <cmath>

#include "engine_networks.hpp"
#include "thimble/core/rng.hpp"

namespace thimble {
namespace {

/// Counts the forward pass and twice as much for the backward one, two operations a
/// multiply-accumulate.
void train(benchmark::State& state, const BenchNetwork& network) {
  constexpr int kBatch = 128;
  const std::int64_t inputs = network.graph.shape(0).elements();
  const std::int64_t outputs = network.graph.shape(network.graph.output()).elements();
  Engine engine(network.graph, {.batch = kBatch, .loss = network.loss});
  Rng rng(1);
  engine.initialise(rng);
  std::vector<float> samples(static_cast<std::size_t>(kBatch * inputs));
  for (float& value : samples) value = static_cast<float>(rng.normal());
  std::vector<float> targets(static_cast<std::size_t>(kBatch * outputs));
  for (std::size_t n = 0; n < kBatch; ++n)
    targets[n * static_cast<std::size_t>(outputs) + n % 8] = 1;
  const double first = engine.train_step(samples, targets, 0.01F);
  double loss = first;
  for (auto _ : state) {
    loss = engine.train_step(samples, targets, 0.01F);
    benchmark::DoNotOptimize(loss);
  }
  if (!(loss < first)) state.SkipWithError("the loss did not fall");
  const double trained = static_cast<double>(state.iterations()) * kBatch;
  state.counters["samples/s"] = benchmark::Counter(trained, benchmark::Counter::kIsRate);
  state.counters["GFLOP/s"] =
      benchmark::Counter(trained * 6 * macs_of(network.graph) / 1e9, benchmark::Counter::kIsRate);
  state.counters["MiB"] = static_cast<double>(engine.memory().value) / (1 << 20);
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
  for (const thimble::BenchNetwork& network : thimble::bench_networks()) {
    benchmark::RegisterBenchmark(
        ("BM_Train/" + network.name).c_str(),
        [network](benchmark::State& state) { thimble::train(state, network); })
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
