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
  int ram_measured = 0;
  int flash_measured = 0;

  Screening operator()(const Budget& budget) {
    const auto ram = [this](const Graph&) { return ++ram_measured, 100_B; };
    const auto flash = [this](const Graph&) { return ++flash_measured, 200_B; };
    const Screen screen({.input = {1, 1, 20}, .classes = 3}, budget, {.ram = ram, .flash = flash});
    return screen(screen.graph(MlpGenotype{{10}}));  // 20·10 + 10·3 = 230 MACs, 243 parameters
  }
};

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
  EXPECT_EQ(screen.flash_measured, 0);
  EXPECT_EQ(screen({.ram = 1_B, .flash = 1_B, .macs = {}}).violation->bound, "flash");
  EXPECT_EQ(screen.ram_measured, 0);
  const Screening last = screen({.ram = 99_B, .flash = {}, .macs = {}});
  EXPECT_EQ(last.violation->bound, "ram");
  EXPECT_EQ(last.violation->used, 100);
  EXPECT_EQ(last.violation->allowed, 99);
}

TEST(Screen, MeasuresEverythingWhateverTheBudget) {
  const Screen screen =
      toy_screen({.input = {1, 1, 20}, .classes = 3}, {.ram = 1_B, .flash = 1_B, .macs = 1_MAC});
  EXPECT_EQ(screen.measure(screen.graph(MlpGenotype{{10}})),
            (Usage{.ram = 30_B, .flash = 282_B, .macs = 230_MAC, .params = 243}));
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

}  // namespace
}  // namespace thimble
