#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/study/study.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kCode = 1000;

/// Searches whose budget means TensorFlow Lite Micro's memory, on a board of the test's own.
class TflmSearch : public ::testing::Test {
 protected:
  TflmSearch() : data_(write_bars(folder_)), board_(folder_ / "board.toml") {
    write_file(
        board_,
        "title = \"Board\"\nchip = \"Chip\"\ncore = \"cortex-m4\"\nram = \"64KiB\"\n"
        "flash = \"64KiB\"\nclock_mhz = 80\ntflm_target = \"cortex-m4\"\ntflm_code = 1000\n");
  }

  Finished search(const std::string& run, const std::string& ram) {
    return thimble({"search",  "--data",      data_,        "--device",       board_,  "--runtime",
                    "tflm",    "--ram",       ram,          "--flash",        "13KiB", "--macs",
                    "400k",    "--trials",    "6",          "--epochs",       "2",     "--heats",
                    "0",       "--finalists", "1",          "--final-epochs", "2",     "--json",
                    "--quiet", "--out",       folder_ / run},
                   folder_);
  }

  TemporaryFolder folder_;
  std::string data_;
  std::string board_;
};

TEST_F(TflmSearch, PromisesTheSmallestArenaAndFlashWithTheCode) {
  const Finished run = search("a", "8KiB");
  ASSERT_EQ(run.code, 0) << run.err;
  const Json answer = Json::parse(run.out);
  EXPECT_EQ(answer.at("runtime"), "tflm");
  EXPECT_EQ(answer.at("target"), "cortex-m4");
  int finalists = 0;
  for (const Json& entry : answer.at("front")) {
    EXPECT_LE(entry.at("ram"), 8192);
    EXPECT_LE(entry.at("flash"), 13 * 1024);
    if (!entry.at("finalist").get<bool>()) continue;
    ++finalists;
    const std::string model = entry.at("model");
    EXPECT_EQ(std::filesystem::file_size(model) + kCode, entry.at("flash").get<std::size_t>());
    const Finished profile = thimble({"profile", model, "--device", board_, "--json"}, folder_);
    EXPECT_EQ(Json::parse(profile.out).at("ram").at("tflm").at("min_arena"), entry.at("ram"));
  }
  EXPECT_EQ(finalists, 1);
}

TEST_F(TflmSearch, IsWhatTheRunGoesOnExplainsAndExportsBy) {
  ASSERT_EQ(search("a", "8KiB").code, 0);
  const Finished resumed = thimble({"resume", folder_ / "a", "--trials", "8", "--quiet"}, folder_);
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  std::int64_t evaluated = -1;
  for (const TrialRow& row : Study::open_readonly(folder_ / "a/study.db").trials()) {
    if (row.status == TrialStatus::kEvaluated) evaluated = row.id;
  }
  const std::string trial = folder_ / "a:" + std::to_string(evaluated);
  const Finished explained = thimble({"explain", trial}, folder_);
  EXPECT_THAT(explained.out, HasSubstr("arena     on cortex-m4: "));
  EXPECT_THAT(explained.out, HasSubstr("budget    kept"));
  const Finished exported =
      thimble({"export", trial, "-o", folder_ / "models", "--quiet"}, folder_);
  EXPECT_EQ(exported.code, 0) << exported.err;
}

// 144 bytes of image and a handful behind it are little beside the runtime's own objects.
TEST_F(TflmSearch, SaysWhatAnArenaNeedsAtLeast) {
  const Finished run = search("none", "300");
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("ram"));
  EXPECT_GE(Json::parse(run.out).at("binding").at(0).at("needed"), 1000);
}

TEST_F(TflmSearch, NeedNotBeAskedForOnABoardThatWasMeasured) {
  const auto search = [&](const std::string& run, std::vector<std::string> more) {
    std::vector<std::string> arguments{
        "search",      "--data",   data_,      "--ram",   "8KiB",        "--flash",
        "13KiB",       "--trials", "2",        "--heats", "0",           "--out",
        folder_ / run, "--json",   "--epochs", "1",       "--finalists", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = thimble(arguments, folder_);
    EXPECT_EQ(finished.code, 0) << finished.err;
    return finished;
  };
  const Finished on_board = search("a", {"--device", board_});
  EXPECT_EQ(Json::parse(on_board.out).at("runtime"), "tflm");
  EXPECT_THAT(on_board.err,
              HasSubstr("RAM is TensorFlow Lite Micro's arena on cortex-m4, flash the "
                        ".tflite file and 1000 B of code"));
  const Finished nowhere = search("b", {});
  EXPECT_EQ(Json::parse(nowhere.out).at("runtime"), "ideal");
  EXPECT_THAT(nowhere.err, HasSubstr("RAM is the live tensors"));
}

TEST_F(TflmSearch, NeedsADeviceThatWasMeasured) {
  const auto complaint = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"search", "--data", data_, "--runtime"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished run = thimble(arguments, folder_);
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    return run.err;
  };
  EXPECT_THAT(complaint({"tflm"}),
              HasSubstr("--runtime = tflm: needs a --device: known on nrf52840-dk"));
  EXPECT_THAT(complaint({"tflm", "--device", "esp32-s3"}),
              HasSubstr("--runtime = tflm: TensorFlow Lite Micro has not been measured on esp32-s3 "
                        "(xtensa-lx7): known on nrf52840-dk"));
  EXPECT_THAT(complaint({"tfml"}), HasSubstr("(did you mean \"tflm\"?)"));
}

}  // namespace
}  // namespace thimble
