#include "thimble/eval/runtime.hpp"

#include <gtest/gtest.h>

#include "support/random_models.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/error.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/space/search_space.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

const Task kTask{.input = {28, 28, 1}, .classes = 10};

/// How many targets know all its operators; on each of them the arena must hold the live tensors.
int check_arenas(const Graph& deployed) {
  const Bytes live = peak_tensor_ram(deployed);
  int known = 0;
  for (const ArenaTarget& target : arena_targets()) {
    try {
      EXPECT_GE(plan_arena(deployed, target).head_size, live) << target.name;
      ++known;
    } catch (const ModelError&) {
    }
  }
  return known;
}

// So a network whose live tensors are over the budget needs no plan.
TEST(Runtime, NeverNeedsLessThanTheLiveTensors) {
  int known = 0;
  for (const SearchSpace* space : all_spaces()) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Rng rng(seed);
      known +=
          check_arenas(in_order_of_least_ram(deployed(genotype_graph(space->random(rng), kTask))));
    }
  }
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Rng rng(seed);
    known +=
        check_arenas(testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(1, 24))));
  }
  EXPECT_GT(known, 2000) << "of some 4500";
}

TEST(Runtime, MeasuresTheArenaAndTheFileWithItsCode) {
  const ArenaTarget& target = find_arena_target("cortex-m4");
  const Screen ideal(kTask, {}, measures_of({}));
  const Screen tflm(kTask, {}, measures_of({.tflm = &target, .code = 99'800_B}));
  Rng rng(2);
  const Graph graph = ideal.graph(find_space("mlp").random(rng));
  const Graph exported = in_order_of_least_ram(deployed(graph));
  const Usage live = ideal.measure(graph);
  const Usage all = tflm.measure(graph);
  EXPECT_EQ(live.ram, peak_tensor_ram(exported));
  EXPECT_EQ(live.flash, tflite_size(exported));
  EXPECT_EQ(all.ram, plan_arena(exported, target).smallest);
  EXPECT_EQ(all.flash, live.flash + 99'800_B);
  EXPECT_EQ(all.macs, live.macs);
}

}  // namespace
}  // namespace thimble
