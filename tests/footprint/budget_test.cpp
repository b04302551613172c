#include "thimble/footprint/budget.hpp"

#include <gtest/gtest.h>

namespace thimble {
namespace {

constexpr Usage kUsage{.ram = 20_KiB, .flash = 32_KiB, .macs = 1_MMAC, .params = 30'000};

TEST(Budget, IsKeptByWhatIsExactlyAtTheLimit) {
  EXPECT_EQ(first_violation(kUsage, {.ram = 20_KiB, .flash = 32_KiB, .macs = 1_MMAC}),
            std::nullopt);
  EXPECT_EQ(first_violation(kUsage, {}), std::nullopt);
}

TEST(Budget, NamesTheBoundThatIsBrokenByOne) {
  const auto ram = first_violation(kUsage, {.ram = 20_KiB - 1_B});
  EXPECT_EQ(ram, (Violation{.bound = "ram", .used = 20'480, .allowed = 20'479}));
  EXPECT_EQ(first_violation(kUsage, {.ram = 20_KiB, .flash = 32'767_B})->bound, "flash");
  EXPECT_EQ(first_violation(kUsage, {.macs = 999'999_MAC})->bound, "macs");
}

TEST(Budget, NamesRamBeforeFlashBeforeMacs) {
  EXPECT_EQ(first_violation(kUsage, {.ram = 1_B, .flash = 1_B, .macs = 1_MAC})->bound, "ram");
  EXPECT_EQ(first_violation(kUsage, {.flash = 1_B, .macs = 1_MAC})->bound, "flash");
}

TEST(Budget, DescribesByHowMuch) {
  // 24.1 KiB = 24,678 B
  EXPECT_EQ(describe({.bound = "ram", .used = 24'678, .allowed = 20'480}),
            "ram 24.1 KiB > 20.0 KiB (over by 4.1 KiB)");
  EXPECT_EQ(describe({.bound = "macs", .used = 1'200'000, .allowed = 1'000'000}),
            "macs 1.20 M > 1.00 M (over by 200 k)");
}

}  // namespace
}  // namespace thimble
