#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/program.hpp"
#include "support/media.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/core/rng.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kSampleRate = 8000;
constexpr int kRecording = 2400;  // 11 frames of the front end: windows of 4 at 0, 2, 4, 6
constexpr int kMachines = 3;

/// The hum of a machine; a broken one whistles.
std::vector<std::int16_t> hum(int machine, bool broken, Rng& rng) {
  const double turn = 0.2 * std::exp2(machine) * rng.uniform(0.97, 1.03);
  const double whistle = rng.uniform(2.2, 2.9);
  std::vector<std::int16_t> sound;
  for (int t = 0; t < kRecording; ++t) {
    double value = 3000 * std::sin(turn * t) + 100 * rng.normal();
    if (broken) value += 1500 * std::sin(whistle * t);
    sound.push_back(static_cast<std::int16_t>(std::lround(value)));
  }
  return sound;
}

frontend::Settings log_mel() {
  return {.kind = frontend::Kind::kLogMel,
          .sample_rate = kSampleRate,
          .clip_length = 1000,
          .window_length = 400,
          .hop_length = 200,
          .mel = {.bands = 20, .low_hz = 20, .high_hz = 4000},
          .log = {.offset = 1e-6},
          .quantisation = {.scale = 0.07, .zero_point = 50}};
}

class AnomalyCommand : public ::testing::Test {
 protected:
  AnomalyCommand() {
    Rng rng(5);
    std::string list;
    const auto add = [&](const char* split, int count, bool anomalies) {
      for (int i = 0; i < count; ++i) {
        const int machine = i % kMachines;
        const bool broken = anomalies && i / kMachines % 2 == 1;
        const std::string name = fmt::format("{}{}.wav", split, i);
        write_file(folder_.path() / "hums" / name,
                   fixtures::wav(hum(machine, broken, rng), kSampleRate));
        list += fmt::format(R"({{"path": "{}", "label": "id_0{}", "split": "{}", "anomalous": {}}})"
                            "\n",
                            name, machine, split, broken);
      }
    };
    std::filesystem::create_directories(folder_.path() / "hums");
    add("train", 90, false);
    add("validation", 18, false);
    add("test", 36, true);
    write_file(folder_.path() / "hums/manifest.jsonl", list);
    write_file(folder_ / "log_mel.json", to_json(log_mel()).dump());
  }

  std::vector<std::string> with_data(std::vector<std::string> arguments,
                                     const std::vector<std::string>& more) {
    const std::vector<std::string> data{"--data",     folder_ / "hums",
                                        "--features", folder_ / "log_mel.json",
                                        "--clip",     std::to_string(kRecording),
                                        "--every",    "2",
                                        "--batch",    "16",
                                        "--quiet"};
    arguments.insert(arguments.end(), data.begin(), data.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  Json answer(const std::vector<std::string>& arguments) {
    const Finished run = thimble(arguments, folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    return run.code == 0 ? Json::parse(run.out) : Json();
  }

  /// Of the test split 12 recordings each, half of them of a broken machine, whatever their
  /// windows.
  static void expect_recordings(const Json& machines) {
    ASSERT_EQ(machines.size(), std::size_t{kMachines});
    for (const Json& machine : machines) {
      EXPECT_EQ(machine.at("normal"), 6);
      EXPECT_EQ(machine.at("anomalous"), 6);
    }
  }

  TemporaryFolder folder_;
};

TEST_F(AnomalyCommand, FindsThemByRebuildingWhatIsNormal) {
  const std::string model = folder_ / "model.tflite";
  const Json report = answer(with_data({"train", "baseline:ad-autoencoder"},
                                       {"--epochs", "10", "--out", model, "--json"}));
  EXPECT_EQ(report.at("objective"), "auc");
  EXPECT_TRUE(report.at("val_accuracy").is_null());
  EXPECT_TRUE(report.at("val_score").is_null()) << "validation is normal";
  EXPECT_GT(report.at("test_score"), 0.9);
  expect_recordings(report.at("test").at("machines"));
  const auto settings = frontend::parse_settings(read_text(folder_ / "features.json"), "features");
  EXPECT_EQ(settings, log_mel()) << "a device hears a window at a time";
}

TEST_F(AnomalyCommand, FindsThemByTheDoubtsOfAClassifierOfMachines) {
  const Finished run =
      thimble(with_data({"train", "baseline:ds-cnn-s"}, {"--epochs", "3"}), folder_);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("on hums: int8 accuracy "), HasSubstr("\nAUC "),
                             HasSubstr("\nmachine  normal  anomalous"), HasSubstr("\nid_02")));
}

TEST_F(AnomalyCommand, SearchesByAccuracyAndTellsTheAreasOfItsFinalists) {
  const Json found =
      answer(with_data({"search", "--ram", "16KiB", "--flash", "32KiB", "--trials", "3"},
                       {"--epochs", "2", "--final-epochs", "2", "--heats", "0", "--finalists", "1",
                        "--out", folder_ / "run", "--json"}));
  int finalists = 0;
  for (const Json& entry : found.at("front")) {
    if (!entry.at("finalist").get<bool>()) continue;
    ++finalists;
    expect_recordings(entry.at("machines"));
    EXPECT_TRUE(entry.at("test_scores").contains("pauc"));
    EXPECT_FALSE(entry.at("val_scores").contains("pauc"));
  }
  EXPECT_EQ(finalists, 1);
  const Finished resumed =
      thimble({"resume", folder_ / "run", "--trials", "4", "--quiet"}, folder_);
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, HasSubstr("test int8  test AUC  test pAUC"));
}

TEST_F(AnomalyCommand, SaysWhatItCannotDo) {
  EXPECT_EQ(complaint(with_data({"search"}, {"--objective", "auc"}), folder_),
            "--objective = auc: validation of hums has no anomalous sample: give accuracy (of a "
            "classifier of the machines), or a validation split with anomalies\n");
  EXPECT_THAT(
      complaint({"train", "baseline:ad-autoencoder", "--data", write_bars(folder_)}, folder_),
      StartsWith("baseline:ad-autoencoder: finds anomalies: bars does not say which"));
  const auto refused = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> arguments = with_data({"train", "baseline:ds-cnn-s"}, {});
    *std::next(std::ranges::find(arguments, option)) = value;
    return complaint(arguments, folder_);
  };
  EXPECT_THAT(refused("--features", "mfcc"),
              StartsWith("--every = 2: only the clip of a front end says how long a window is"));
  EXPECT_THAT(refused("--clip", "999"),
              StartsWith("--every = 2: recordings of hums have 999 samples, a window 1000"));
  EXPECT_THAT(refused("--every", "0"), StartsWith("--every = 0: must be a whole number in 1.."));
  frontend::Settings by_clip = log_mel();
  by_clip.level = frontend::Level::kClipMaximum;
  write_file(folder_ / "by_clip.json", to_json(by_clip).dump());
  EXPECT_THAT(refused("--features", folder_ / "by_clip.json"),
              HasSubstr("which windows do not share"));
}

}  // namespace
}  // namespace thimble
