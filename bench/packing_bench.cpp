// How long does it take to pack an arena, and how good is the packing? BM_GreedyPlanner is what the
// runtime does itself; BM_Pack adds orders, local search and branch and bound for as long as the
// bound is not reached. Counters, over random deployed networks of so many operators: how many
// packings were proved the best, and by how much all heads together are smaller than the greedy
// planner's, in percent. BM_PackTiny is the worst case that is always proved.

#include <benchmark/benchmark.h>

#include <vector>

#include "arena/buffers.hpp"
#include "support/random_models.hpp"
#include "thimble/arena/lifetimes.hpp"
#include "thimble/arena/packing.hpp"

namespace thimble {
namespace {

constexpr std::uint64_t kNetworks = 100;

using Heads = std::vector<std::vector<ArenaBuffer>>;

Heads heads_of_networks(int operators) {
  Heads heads;
  for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
    Rng rng(seed);
    heads.push_back(head_buffers(arena_network(testing::random_deployed_graph(rng, operators)),
                                 find_arena_target("x86-64")));
  }
  return heads;
}

void BM_GreedyPlanner(benchmark::State& state) {
  Heads heads = heads_of_networks(static_cast<int>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(plan_greedily(heads[next++ % heads.size()]));
}
BENCHMARK(BM_GreedyPlanner)->ArgName("operators")->Arg(10)->Arg(20)->Arg(40);

void BM_Pack(benchmark::State& state) {
  Heads heads = heads_of_networks(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    double greedy = 0;
    double packed = 0;
    int best = 0;
    for (auto& buffers : heads) {
      greedy += static_cast<double>(plan_greedily(buffers).value);
      const Packing packing = pack(buffers);
      packed += static_cast<double>(packing.head.value);
      best += packing.gap() == 0_B ? 1 : 0;
      if (head_size(buffers) != packing.head) state.SkipWithError("wrong head");
    }
    state.counters["best"] = best;
    state.counters["smaller_%"] = 100 * (1 - packed / greedy);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * heads.size()));
}
BENCHMARK(BM_Pack)
    ->ArgName("operators")
    ->Arg(10)
    ->Arg(20)
    ->Arg(40)
    ->Arg(80)
    ->Unit(benchmark::kMillisecond);

void BM_PackTiny(benchmark::State& state) {
  Heads heads;
  for (std::uint64_t seed = 0; heads.size() < 1000; ++seed) {
    Rng rng(seed);
    auto buffers = testing::random_buffers(rng, {.most = kSurelyPackedBest, .latest = 8});
    if (buffers.size() == kSurelyPackedBest) heads.push_back(std::move(buffers));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    if (pack(heads[next++ % heads.size()]).gap() != 0_B) state.SkipWithError("not proved");
  }
}
BENCHMARK(BM_PackTiny)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace thimble

BENCHMARK_MAIN();
