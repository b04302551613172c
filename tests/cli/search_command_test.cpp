#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "cli/program.hpp"
#include "support/full_disk.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/study/study.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;

class SearchCommand : public ::testing::Test {
 protected:
  SearchCommand() : data_(write_bars(folder_)) {}

  std::vector<std::string> search(const std::string& run, std::vector<std::string> more = {},
                                  const std::string& trials = "6") {
    std::vector<std::string> arguments{
        "search", "--data",         data_,  "--ram",    "4KiB",       "--flash",
        "12KiB",  "--macs",         "400k", "--trials", trials,       "--epochs",
        "2",      "--final-epochs", "3",    "--out",    folder_ / run};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// The trials of a run without the seconds that they took.
  std::vector<TrialRow> history(const std::string& run) {
    auto rows = Study::open_readonly(folder_ / (run + "/study.db")).trials();
    for (TrialRow& row : rows) row.seconds.reset();
    return rows;
  }

  TemporaryFolder folder_;
  std::string data_;
};

TEST_F(SearchCommand, FindsTrainsAndExportsNetworksThatKeepTheBudget) {
  const Finished run = thimble(search("a", {"--json", "--finalists", "2"}), folder_);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json answer = Json::parse(run.out);
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("trials").at("evaluated"), 6);
  EXPECT_EQ(answer, Json::parse(read_text(folder_ / "a/front.json")));
  ASSERT_FALSE(answer.at("front").empty());
  int finalists = 0;
  for (const Json& entry : answer.at("front")) {
    EXPECT_LE(entry.at("ram"), 4096);
    EXPECT_LE(entry.at("flash"), 12288);
    EXPECT_LE(entry.at("macs"), 400'000);
    if (!entry.at("finalist").get<bool>()) continue;
    ++finalists;
    const std::string model = entry.at("model");
    EXPECT_EQ(std::filesystem::file_size(model), entry.at("flash").get<std::size_t>());
    EXPECT_GT(entry.at("test_accuracy"), 0.5) << "three classes that a few filters tell apart";
  }
  EXPECT_EQ(finalists, std::min<int>(2, static_cast<int>(answer.at("front").size())));
  EXPECT_THAT(read_text(folder_ / "a/config.toml"), HasSubstr("seed = '0'")) << "as resolved";
}

TEST_F(SearchCommand, GivesOneStudyForOneSeedOnAnyNumberOfWorkers) {
  ASSERT_EQ(thimble(search("one", {"--jobs", "1", "--finalists", "0"}), folder_).code, 0);
  ASSERT_EQ(thimble(search("three", {"--jobs", "3", "--finalists", "0"}), folder_).code, 0);
  ASSERT_EQ(thimble(search("other", {"--seed", "1", "--finalists", "0"}), folder_).code, 0);
  EXPECT_EQ(history("one"), history("three"));
  EXPECT_NE(history("one"), history("other"));
}

TEST_F(SearchCommand, GoesOnWhereCtrlCStoppedIt) {
  const std::vector<std::string> more{"--jobs", "1", "--finalists", "1", "--quiet"};
  const pid_t process = start_thimble(search("cut", more, "12"), folder_);
  ASSERT_TRUE(wait_for_trained(2, folder_ / "cut/study.db", process));
  ::kill(process, SIGINT);
  const Finished cut = wait_for(process, folder_);
  ASSERT_EQ(cut.code, 130) << cut.err;
  EXPECT_THAT(cut.err, HasSubstr("thimble resume " + folder_ / "cut"));
  const Finished resumed = thimble({"resume", folder_ / "cut", "--quiet"}, folder_);
  ASSERT_EQ(resumed.code, 0) << resumed.err;

  ASSERT_EQ(thimble(search("whole", more, "12"), folder_).code, 0);
  EXPECT_EQ(history("cut"), history("whole"));
  const auto front = [&](const std::string& run) {
    return Json::parse(read_text(folder_ / (run + "/front.json")))
        .at("front")
        .at(0)
        .at("test_accuracy");
  };
  EXPECT_EQ(front("cut"), front("whole"));
}

TEST_F(SearchCommand, RefusesARunThatAnotherProcessIsUsing) {
  const pid_t process = start_thimble(search("busy", {"--quiet"}, "10000"), folder_);
  ASSERT_TRUE(wait_for_trained(1, folder_ / "busy/study.db", process));
  const TemporaryFolder elsewhere;
  const Finished second = thimble({"resume", folder_ / "busy"}, elsewhere);
  EXPECT_EQ(second.code, 2);
  EXPECT_EQ(std::ranges::count(second.err, '\n'), 1) << second.err;
  EXPECT_THAT(second.err, HasSubstr("process " + std::to_string(process)));
  EXPECT_TRUE(wait_for_trained(3, folder_ / "busy/study.db", process)) << "and goes on undisturbed";
  ::kill(process, SIGINT);
  EXPECT_EQ(wait_for(process, folder_).code, 130);
}

TEST_F(SearchCommand, StopsOnAFullDiskAndGoesOnWhenThereIsRoom) {
  const std::vector<std::string> more{"--finalists", "0", "--quiet"};
  {
    const FullDisk full(250'000);
    const Finished run = thimble(search("full", more, "40"), folder_);
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    EXPECT_THAT(run.err, HasSubstr("study.db"));
    EXPECT_THAT(run.err, HasSubstr("make room on the disk, then resume"));
  }
  const auto before = history("full");
  EXPECT_FALSE(before.empty());
  ASSERT_EQ(thimble({"resume", folder_ / "full", "--quiet"}, folder_).code, 0);
  ASSERT_EQ(thimble(search("whole", more, "40"), folder_).code, 0);
  EXPECT_EQ(history("full"), history("whole"));
}

TEST_F(SearchCommand, SaysWhichBoundBindsWhenNothingFits) {
  const Finished run = thimble(
      {"search", "--data", data_, "--ram", "100", "--out", folder_ / "none", "--json"}, folder_);
  EXPECT_EQ(run.code, 1);
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr("ram"));
  const Json answer = Json::parse(run.out);
  EXPECT_EQ(answer.at("binding").at(0).at("bound"), "ram");
  // The image alone is 144 bytes; the first tensor behind it has one at least.
  EXPECT_GE(answer.at("binding").at(0).at("needed"), 145);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

TEST_F(SearchCommand, ExplainsAndExportsItsTrials) {
  ASSERT_EQ(thimble(search("a", {"--finalists", "0", "--quiet"}), folder_).code, 0);
  std::int64_t evaluated = -1;
  std::int64_t rejected = -1;
  for (const TrialRow& row : history("a")) {
    if (row.status == TrialStatus::kEvaluated) evaluated = row.id;
    if (row.status == TrialStatus::kRejected) rejected = row.id;
  }
  const Finished why = thimble({"explain", folder_ / "a:" + std::to_string(rejected)}, folder_);
  EXPECT_EQ(why.code, 0) << why.err;
  EXPECT_THAT(why.out, HasSubstr("rejected"));
  EXPECT_THAT(thimble({"explain", folder_ / "a:" + std::to_string(evaluated)}, folder_).out,
              HasSubstr("budget    kept"));
  const Finished exported = thimble(
      {"export", folder_ / "a:" + std::to_string(evaluated), "-o", folder_ / "models", "--quiet"},
      folder_);
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_TRUE(
      std::filesystem::exists(folder_ / "models/" + std::to_string(evaluated) + "/model.tflite"));
  EXPECT_EQ(thimble({"explain", folder_ / "a:99999"}, folder_).code, 2);
}

}  // namespace
}  // namespace thimble
