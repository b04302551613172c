#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/study/study.hpp"

namespace thimble {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ObjectiveCommand : public ::testing::Test {
 protected:
  Finished search(const std::string& run, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "search", "--data",      data_,   "--ram",       "4KiB",     "--flash", "12KiB",
        "--macs", "400k",        "--out", folder_ / run, "--epochs", "1",       "--final-epochs",
        "2",      "--finalists", "1",     "--heats",     "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return thimble(arguments, folder_);
  }

  Finished train(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"train",    THIMBLE_SOURCE_DIR "/examples/two_branches.json",
                                       "--data",   data_,
                                       "--epochs", "1",
                                       "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return thimble(arguments, folder_);
  }

  Json front(const std::string& run) {
    return Json::parse(read_text(folder_ / (run + "/front.json")));
  }

  TemporaryFolder folder_;
  std::string data_ = write_bars(folder_, 300, 60);
};

TEST_F(ObjectiveCommand, IsWhatASearchNamesAndGoesBy) {
  const Finished run = search("a", {"--trials", "4", "--objective", "macro-f1"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("objective: macro-f1, "));
  EXPECT_THAT(run.out, HasSubstr("trial  val macro F1  test macro F1  val int8  test int8"));
  EXPECT_THAT(read_text(folder_ / "a/config.toml"), HasSubstr("objective = 'macro-f1'"));
  const Json answer = front("a");
  EXPECT_EQ(answer.at("objective"), "macro-f1");
  double before = 1;
  for (const Json& entry : answer.at("front")) {
    if (entry.at("finalist").get<bool>()) {
      EXPECT_EQ(entry.at("val_score"), entry.at("val_scores").at("macro_f1"));
      EXPECT_EQ(entry.at("test_score"), entry.at("test_scores").at("macro_f1"));
      EXPECT_EQ(entry.at("test_accuracy"), entry.at("test_scores").at("accuracy"));
      continue;
    }
    EXPECT_LE(entry.at("val_score"), before) << "best first";
    before = entry.at("val_score");
  }
  const std::string trial = answer.at("front").at(0).at("trial").dump();
  EXPECT_THAT(thimble({"explain", folder_ / ("a:" + trial)}, folder_).out,
              HasSubstr("% int8 validation macro F1"));
}

TEST_F(ObjectiveCommand, StaysWithARunThatGoesOn) {
  ASSERT_EQ(search("a", {"--trials", "3", "--objective", "auc", "--quiet"}).code, 0);
  const Finished resumed = thimble({"resume", folder_ / "a", "--trials", "6", "--quiet"}, folder_);
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(front("a").at("objective"), "auc");
  int scored = 0;
  for (const TrialRow& row : Study::open_readonly(folder_ / "a/study.db").trials()) {
    if (row.status == TrialStatus::kEvaluated) scored += row.extra.contains("val_score") ? 1 : 0;
  }
  EXPECT_EQ(scored, 6);
}

TEST_F(ObjectiveCommand, IsAccuracyForARunFromBeforeThereWasAChoice) {
  ASSERT_EQ(search("a", {"--trials", "3", "--quiet"}).code, 0);
  {
    Study study = Study::open(folder_ / "a/study.db");
    Json settings = Json::parse(study.meta().at("settings"));
    ASSERT_EQ(settings.erase("objective"), 1U);
    study.set_meta("settings", settings.dump());
  }
  ::setenv("THIMBLE_OBJECTIVE", "auc", 1);
  const Finished resumed = thimble({"resume", folder_ / "a", "--trials", "5", "--quiet"}, folder_);
  ::unsetenv("THIMBLE_OBJECTIVE");
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(front("a").at("objective"), "accuracy");
  for (const Json& entry : front("a").at("front")) {
    EXPECT_EQ(entry.at("val_score"), entry.at("val_accuracy"));
  }
}

TEST_F(ObjectiveCommand, IsRefusedByTheNearestName) {
  EXPECT_EQ(complaint({"search", "--data", data_, "--objective", "balanced_accuracy"}, folder_),
            "--objective = balanced_accuracy: must be one of accuracy, balanced-accuracy, "
            "macro-f1, auc, pauc (did you mean \"balanced-accuracy\"?)\n");
}

TEST_F(ObjectiveCommand, IsOneOfTheScoresThatTrainPrints) {
  const Finished run = train({"--objective", "balanced-accuracy"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr(" on bars: int8 balanced accuracy "),
                             HasSubstr("\nbalanced accuracy "), HasSubstr("\nmacro F1 "),
                             Not(HasSubstr("a row for each class"))));
}

TEST_F(ObjectiveCommand, LeavesTheConfusionToBeAskedFor) {
  const Finished run = train({"--confusion"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("int8 accuracy "), HasSubstr("a row for each class"),
                             HasSubstr("\n   class ")));
  const Json answer = Json::parse(train({"--json"}).out);
  EXPECT_EQ(answer.at("objective"), "accuracy");
  EXPECT_EQ(answer.at("val_score"), answer.at("val_accuracy"));
  for (const auto& [split, samples, accuracy] :
       {std::tuple("validation", 30, "val_accuracy"), std::tuple("test", 60, "test_accuracy")}) {
    const Json& report = answer.at(split);
    EXPECT_EQ(report.at("scores").at("accuracy"), answer.at(accuracy));
    EXPECT_EQ(report.at("scores").size(), 5U);
    const Json& counts = report.at("confusion").at("counts");
    int all = 0;
    int right = 0;
    for (std::size_t label = 0; label < 3; ++label) {
      for (std::size_t answered = 0; answered < 3; ++answered) {
        const int count = counts.at(label).at(answered);
        all += count;
        right += label == answered ? count : 0;
      }
    }
    EXPECT_EQ(all, samples);
    EXPECT_DOUBLE_EQ(static_cast<double>(right) / all, answer.at(accuracy).get<double>());
  }
}

}  // namespace
}  // namespace thimble
