#include "thimble/search/diagnosis.hpp"

#include <gmock/gmock.h>

#include "thimble/core/error.hpp"
#include "toy.hpp"

namespace thimble {
namespace {

const Task kVector{.input = {1, 1, 20}, .classes = 3};

Usage usage_of_smallest_mlp() {
  // 20 → 10 → 3: weights 20·10 + 10·3 = 230, biases 13; 230 + 4 · 13 = 282 bytes; 230 MACs;
  // RAM: the first layer holds 20 + 10 = 30 bytes.
  return {.ram = 30_B, .flash = 282_B, .macs = 230_MAC, .params = 243};
}

TEST(Diagnosis, ABudgetThatTheSmallestNetworkKeepsIsFeasible) {
  const Usage least = usage_of_smallest_mlp();
  const Budget budget{.ram = least.ram, .flash = least.flash, .macs = least.macs};
  EXPECT_FALSE(diagnose(find_space("mlp"), toy_screen(kVector, budget)));
}

TEST(Diagnosis, NamesTheBindingBoundAndTheSmallestValueThatWouldDo) {
  const Usage least = usage_of_smallest_mlp();
  const SearchSpace& space = find_space("mlp");
  const auto check = [&](const Budget& budget, std::string bound, std::int64_t used) {
    const auto found = diagnose(space, toy_screen(kVector, budget));
    ASSERT_TRUE(found);
    ASSERT_EQ(found->bounds.size(), 1U);
    EXPECT_EQ(found->bounds[0].bound, bound);
    EXPECT_EQ(found->bounds[0].used, used);
  };
  check({.ram = 29_B, .flash = 1_KiB, .macs = {}}, "ram", least.ram.value);
  check({.ram = 30_B, .flash = 281_B, .macs = {}}, "flash", least.flash.value);
  check({.ram = {}, .flash = {}, .macs = 229_MAC}, "macs", least.macs.value);
}

TEST(Diagnosis, SeveralBoundsAreNamedTheWorstFirst) {
  // 282 / 141 = 2; 30 / 20 = 1.5
  const Budget budget{.ram = 20_B, .flash = 141_B, .macs = {}};
  const SearchSpace& space = find_space("mlp");
  const auto found = diagnose(space, toy_screen(kVector, budget));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->bounds.size(), 2U);
  EXPECT_EQ(found->bounds[0].bound, "flash");
  EXPECT_EQ(found->bounds[1].bound, "ram");
  EXPECT_EQ(
      describe(*found, space),
      "budget: flash = 141 B, ram = 20 B: the smallest network found in space mlp needs flash "
      "282 B, ram 30 B");
}

TEST(Diagnosis, WhatItNamesDoes) {
  const SearchSpace& space = find_space("munas");
  for (const Budget& budget : {Budget{.ram = 800_B, .flash = 1_KiB, .macs = {}},
                               Budget{.ram = {}, .flash = 60_B, .macs = {}}}) {
    const Screen screen = toy_screen(kSmallImages, budget);
    const auto found = diagnose(space, screen);
    ASSERT_TRUE(found);
    Budget raised = budget;
    for (const Violation& violation : found->bounds) {
      EXPECT_GT(violation.used, violation.allowed);
      if (violation.bound == "ram") raised.ram = Bytes(violation.used);
      if (violation.bound == "flash") raised.flash = Bytes(violation.used);
      if (violation.bound == "macs") raised.macs = Macs(violation.used);
    }
    const Screen after = toy_screen(kSmallImages, raised);
    EXPECT_FALSE(after(after.graph(found->example)).violation);
    EXPECT_FALSE(diagnose(space, after));
    EXPECT_EQ(diagnose(space, screen)->example, found->example);
  }
}

// The least that the first layer can read and write: the image, 784 bytes, and a 7×7 kernel's
// output with stride 2, 11 · 11 = 121 bytes for one filter.
TEST(Diagnosis, FindsTheLeastRamOfTheMunasSpace) {
  const Budget budget{.ram = 904_B, .flash = {}, .macs = {}};
  const auto found = diagnose(find_space("munas"), toy_screen(kSmallImages, budget));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bounds[0].used, 905);
}

TEST(Diagnosis, NamesWhatTheRuntimeRefusesWhereItRunsNothing) {
  const Screen screen(kVector, {},
                      {.memory = [](const Graph&) -> MemoryNeeds { raise<ModelError>("no"); }});
  EXPECT_THAT([&] { diagnose(find_space("mlp"), screen); },
              testing::ThrowsMessage<ModelError>(
                  "space mlp: no network was found that the runtime can run: no"));
}

// Only perceptrons of one hidden layer run: the descents find one all the same.
TEST(Diagnosis, LooksForANetworkThatTheRuntimeTakes) {
  const Screen screen(kVector, {}, {.memory = [](const Graph& graph) {
                        if (graph.size() > 3) raise<ModelError>("too deep");
                        return toy_memory(graph);
                      }});
  EXPECT_FALSE(diagnose(find_space("mlp"), screen));
}

}  // namespace
}  // namespace thimble
