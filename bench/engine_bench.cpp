// How fast does the engine train networks of the size that a search trains?
#include <benchmark/benchmark.h>

#include "training_job.hpp"

namespace thimble {
namespace {

/// Counts the forward pass and twice as much for the backward one, two operations a
/// multiply-accumulate.
void train(benchmark::State& state, const SuiteNetwork& network) {
  TrainingJob job(network);
  const double first = job.step();
  double loss = first;
  for (auto _ : state) {
    loss = job.step();
    benchmark::DoNotOptimize(loss);
  }
  if (!(loss < first)) state.SkipWithError("the loss did not fall");
  const double trained = static_cast<double>(state.iterations()) * kSuiteBatch;
  state.counters["samples/s"] = benchmark::Counter(trained, benchmark::Counter::kIsRate);
  state.counters["GFLOP/s"] =
      benchmark::Counter(trained * 6 * macs_of(network.graph) / 1e9, benchmark::Counter::kIsRate);
  state.counters["MiB"] = static_cast<double>(job.engine().memory().value) / (1 << 20);
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
  for (const thimble::SuiteNetwork& network : thimble::engine_suite()) {
    benchmark::RegisterBenchmark(
        ("BM_Train/" + network.name).c_str(),
        [network](benchmark::State& state) { thimble::train(state, network); })
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
