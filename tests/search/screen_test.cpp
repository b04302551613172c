#include "thimble/search/screen.hpp"

#include <gtest/gtest.h>

#include "thimble/core/error.hpp"
#include "thimble/search/descent.hpp"
#include "toy.hpp"

namespace thimble {
namespace {

/// A screen whose measures are 100 bytes of RAM and 200 of flash, and count how often they are
/// taken.
struct CountingScreen {
  int measured = 0;

  Screening operator()(const Budget& budget) {
    const auto memory = [this](const Graph&) {
      ++measured;
      return MemoryNeeds{.ram = 100_B, .flash = 200_B};
    };
    const Screen screen({.input = {1, 1, 20}, .classes = 3}, budget, {.memory = memory});
    return screen(screen.graph(MlpGenotype{{10}}));  // 20·10 + 10·3 = 230 MACs, 243 parameters
  }
};

/// Of a runtime that runs nothing.
Screen refusing_screen(const Budget& budget) {
  return Screen(
      {.input = {1, 1, 20}, .classes = 3}, budget,
      {.memory = [](const Graph&) -> MemoryNeeds { raise<ModelError>("ADD is not known"); }});
}

TEST(Screen, MeasuresWhatKeepsTheBudget) {
  CountingScreen screen;
  const Screening result = screen({.ram = 100_B, .flash = 200_B, .macs = 230_MAC});
  EXPECT_FALSE(result.violation);
  EXPECT_EQ(result.usage, (Usage{.ram = 100_B, .flash = 200_B, .macs = 230_MAC, .params = 243}));
}

TEST(Screen, StopsAtTheFirstBoundThatIsBrokenInTheOrderOfCost) {
  CountingScreen screen;
  const Budget none{.ram = 1_B, .flash = 1_B, .macs = 1_MAC};
  EXPECT_EQ(screen(none).violation->bound, "macs");
  EXPECT_EQ(screen({.ram = 1_B, .flash = 1_B, .macs = {}}).violation->bound, "ram");
  EXPECT_EQ(screen.measured, 0);
  EXPECT_EQ(screen({.ram = 99_B, .flash = 199_B, .macs = {}}).violation,
            (Violation{.bound = "ram", .used = 100, .allowed = 99}));
  EXPECT_EQ(screen({.ram = 100_B, .flash = 199_B, .macs = {}}).violation,
            (Violation{.bound = "flash", .used = 200, .allowed = 199}));
}

TEST(Screen, MeasuresEverythingWhateverTheBudget) {
  const Screen screen =
      toy_screen({.input = {1, 1, 20}, .classes = 3}, {.ram = 1_B, .flash = 1_B, .macs = 1_MAC});
  EXPECT_EQ(screen.measure(screen.graph(MlpGenotype{{10}})),
            (Usage{.ram = 30_B, .flash = 282_B, .macs = 230_MAC, .params = 243}));
}

// 30 bytes are live in the first layer: too many for any runtime, whatever it counts besides.
TEST(Screen, AsksNoRuntimeWhereTheLiveTensorsAreTooMany) {
  CountingScreen screen;
  const Screening result = screen({.ram = 29_B, .flash = {}, .macs = {}});
  EXPECT_EQ(screen.measured, 0);
  EXPECT_EQ(result.violation->used, 30);
  EXPECT_EQ(result.usage.ram, 30_B);
}

TEST(Screen, CountsTheRuntimesCodeAsFlash) {
  const Screen screen({.input = {1, 1, 20}, .classes = 3}, {.ram = {}, .flash = 299_B, .macs = {}},
                      {.memory = toy_memory, .code = 18_B});
  const Screening result = screen(screen.graph(MlpGenotype{{10}}));
  EXPECT_EQ(result.usage.flash, 300_B) << "282 + 18";
  EXPECT_EQ(result.violation->bound, "flash");
  EXPECT_EQ(screen.runtime_code(), 18_B);
}

TEST(Screen, TellsWhyTheRuntimeRefusesANetwork) {
  const Screen screen = refusing_screen({});
  const Graph graph = screen.graph(MlpGenotype{{10}});
  const Screening result = screen(graph);
  EXPECT_FALSE(result.fits());
  EXPECT_FALSE(result.violation);
  EXPECT_EQ(result.refusal, "ADD is not known");
  EXPECT_EQ(result.usage.ram, 0_B) << "not measured";
  EXPECT_EQ(screen.without_budget(graph).refusal, result.refusal);
  EXPECT_THROW(screen.measure(graph), ModelError);
  // What breaks the budget is not looked at further.
  EXPECT_EQ(refusing_screen({.macs = 1_MAC})(graph).refusal, "");
}

TEST(Screen, RefusesATaskThatIsNone) {
  EXPECT_THROW(toy_screen({.input = {28, 28, 1}, .classes = 1}, {}), ModelError);
}

TEST(Descent, ReachesABudgetThatHardlyAnyRandomNetworkKeeps) {
  const Budget tiny{.ram = 2500_B, .flash = 2_KiB, .macs = {}};
  const Screen screen = toy_screen(kSmallImages, tiny);
  const SearchSpace& space = find_space("munas");
  Rng rng(1);
  int feasible = 0;
  for (int i = 0; i < 5; ++i) {
    const Descent descent = descend_to_budget(space.random(rng), space, screen, rng);
    EXPECT_EQ(descent.feasible, !first_violation(descent.usage, tiny));
    EXPECT_EQ(descent.usage, screen.measure(screen.graph(descent.genotype)));
    feasible += descent.feasible ? 1 : 0;
  }
  EXPECT_GE(feasible, 4);
}

TEST(Descent, OfARuntimeThatRunsNothingIsNotFeasible) {
  Rng rng(1);
  const Descent descent =
      descend_to_budget(MlpGenotype{{10}}, find_space("mlp"), refusing_screen({}), rng);
  EXPECT_FALSE(descent.feasible);
  EXPECT_EQ(descent.refusal, "ADD is not known");
}

}  // namespace
}  // namespace thimble
