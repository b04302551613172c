// How long does the exact peak RAM of a random network of the form of μNAS's space take? Screening
// pays this for every candidate. BM_PeakRam times single networks of a given number of blocks;
// BM_PeakRamOfPopulation gives median, 99th percentile and worst over 10,000 random networks, in
// microseconds.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "footprint/branchy_graph.hpp"
#include "thimble/footprint/peak_ram.hpp"

namespace thimble {
namespace {

/// Processor time of this thread, so that what else runs on the machine does not show in the worst
/// case.
double processor_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

double microseconds(const Graph& graph, PeakRamOptions options, benchmark::State& state) {
  const double begin = processor_microseconds();
  const PeakRam found = minimal_peak_ram(graph, options);
  const double took = processor_microseconds() - begin;
  if (peak_ram_of_order(graph, found.order, options) != found.peak)
    state.SkipWithError("wrong order");
  return took;
}

void BM_PeakRamOfPopulation(benchmark::State& state) {
  const PeakRamOptions options{.count_inputs = state.range(0) != 0,
                               .add_in_place = state.range(1) != 0};
  const auto image = static_cast<int>(state.range(2));
  for (auto _ : state) {
    Rng rng(7);
    std::vector<double> times;
    for (int i = 0; i < 10'000; ++i) {
      times.push_back(microseconds(branchy_graph(rng, {.image = image}), options, state));
    }
    std::ranges::sort(times);
    state.counters["median_us"] = times[times.size() / 2];
    state.counters["p99_us"] = times[times.size() * 99 / 100];
    state.counters["worst_us"] = times.back();
  }
}
BENCHMARK(BM_PeakRamOfPopulation)
    ->ArgNames({"inputs", "in_place", "image"})
    ->ArgsProduct({{0, 1}, {0, 1}, {28, 48}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// The worst form of that space: all blocks behind the first are branches of one section.
void BM_PeakRamOfBranches(benchmark::State& state) {
  const auto blocks = static_cast<int>(state.range(0));
  Rng rng(8);
  std::vector<Graph> graphs;
  for (int i = 0; i < 100; ++i) {
    graphs.push_back(branchy_graph(rng, {.min_blocks = blocks, .max_blocks = blocks, .branch = 1}));
  }
  double worst = 0;
  std::size_t next = 0;
  for (auto _ : state)
    worst = std::max(worst, microseconds(graphs[next++ % graphs.size()], {}, state));
  state.counters["worst_us"] = worst;
}
BENCHMARK(BM_PeakRamOfBranches)
    ->ArgName("blocks")
    ->DenseRange(2, 10, 2)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace thimble

BENCHMARK_MAIN();
