#include <gtest/gtest.h>

#include "cli/program.hpp"
#include "support/judges.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

// The judge runs on this machine, so this machine is the board.
constexpr const char* kBoard = R"(title = "This machine"
chip = "x86-64"
core = "cortex-m4"
ram = "64KiB"
flash = "64KiB"
clock_mhz = 80
tflm_target = "x86-64"
)";

TEST(TflmJudge, AllocatesEveryFinalistInTheArenaThatWasPromisedAndNotInLess) {
  if (!testing::judges_python()) GTEST_SKIP() << testing::kJudgesMissing;
  const TemporaryFolder folder;
  write_file(folder / "board.toml", kBoard);
  const Finished run = thimble({"search",
                                "--data",
                                write_bars(folder),
                                "--device",
                                folder / "board.toml",
                                "--runtime",
                                "tflm",
                                "--ram",
                                "24KiB",
                                "--trials",
                                "12",
                                "--epochs",
                                "1",
                                "--heats",
                                "0",
                                "--macs",
                                "400k",
                                "--finalists",
                                "6",
                                "--final-epochs",
                                "1",
                                "--json",
                                "--quiet",
                                "--out",
                                folder / "run"},
                               folder);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json answer = Json::parse(run.out);
  std::vector<testing::ArenaCase> cases;
  for (const Json& entry : answer.at("front")) {
    if (!entry.at("finalist").get<bool>()) continue;
    EXPECT_LE(entry.at("ram"), 24 * 1024);
    cases.push_back(
        {.file = read_bytes(entry.at("model").get<std::string>()), .smallest = entry.at("ram")});
  }
  ASSERT_GE(cases.size(), 2U);
  const auto reports = testing::judged_arenas(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ASSERT_TRUE(reports[i]) << "finalist " << i;
    EXPECT_TRUE(reports[i]->fits) << "finalist " << i;
    EXPECT_FALSE(reports[i]->fits_with_less) << "finalist " << i;
  }
}

}  // namespace
}  // namespace thimble
