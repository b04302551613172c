#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "cli/program.hpp"
#include "thimble/core/file.hpp"

namespace thimble {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BadInput : public ::testing::Test {
 protected:
  std::string complaint(const std::vector<std::string>& arguments) {
    return thimble::complaint(arguments, folder_);
  }

  TemporaryFolder folder_;
};

TEST_F(BadInput, NamesTheNearestCommand) {
  EXPECT_EQ(complaint({"serach"}),
            "thimble: serach: is no command (did you mean \"search\"?); see thimble --help\n");
}

TEST_F(BadInput, NamesTheNearestFlag) {
  EXPECT_THAT(complaint({"search", "--devise", "x"}),
              HasSubstr("--devise: is no option (did you mean \"--device\"?)"));
  EXPECT_THAT(complaint({"search", "--dta=x"}), HasSubstr("(did you mean \"--data\"?)"));
}

TEST_F(BadInput, NamesTheNearestDataSetBoardSpaceAndStrategy) {
  EXPECT_THAT(complaint({"search", "--data", "fashon-mnist"}), HasSubstr("fashion-mnist"));
  EXPECT_THAT(complaint({"search", "--data", "mnist", "--device", "nucleo-f446er"}),
              HasSubstr("nucleo-f446re"));
  EXPECT_THAT(complaint({"search", "--data", "mnist", "--space", "munass"}), HasSubstr("munas"));
  EXPECT_THAT(complaint({"search", "--data", write_bars(folder_), "--strategy", "evolutoin"}),
              HasSubstr("evolution"));
  EXPECT_THAT(complaint({"train", "baseline:ds-cnn", "--data", "mnist"}), HasSubstr("ds-cnn-s"));
  EXPECT_THAT(complaint({"devices", "pico"}), StartsWith("thimble: device = pico: there is none"));
}

TEST_F(BadInput, NamesTheNearestVariationAndThoseOfTheKindOfData) {
  const std::string bars = write_bars(folder_);
  EXPECT_THAT(
      complaint({"train", "baseline:ds-cnn-s", "--data", bars, "--augment", "full,cutot=2"}),
      AllOf(StartsWith("--augment = full,cutot=2: cutot: no such variation"),
            HasSubstr("(did you mean \"cutout\"?)")));
  EXPECT_THAT(complaint({"search", "--data", bars, "--final-augment", "noise=5..20"}),
              StartsWith("--final-augment = noise=5..20: noise: is nothing for images: there are "
                         "shift, flip,"));
  EXPECT_EQ(complaint({"train", "baseline:ds-cnn-s", "--data", bars, "--augment", "crop=2"}),
            "--augment = crop=2: crop: must be a number in 0..0.9\n");
}

TEST_F(BadInput, IsToldWhereNothingCanBeWrittenBeforeItTrains) {
  const std::string bars = write_bars(folder_);
  const auto refused = [&](const std::string& out) {
    return complaint({"train", "baseline:ds-cnn-s", "--data", bars, "--out", out});
  };
  const std::string absent = folder_ / "absent";
  EXPECT_EQ(refused(absent + "/x.tflite"),
            "--out = " + absent + "/x.tflite: there is no folder " + absent + "\n");
  EXPECT_EQ(refused(bars), "--out = " + bars + ": is a folder: a file expected\n");
  EXPECT_EQ(complaint({"optimise", "x.tflite", "--out", absent + "/x.tflite"}),
            "--out = " + absent + "/x.tflite: there is no folder " + absent + "\n");
}

TEST_F(BadInput, SaysWhatAValueMustBeAndWhereItCameFrom) {
  EXPECT_EQ(complaint({"search", "--data", "mnist", "--ram", "lots"}),
            "--ram = lots: must be a size such as 64KiB, 64KB or 65536\n");
  EXPECT_EQ(complaint({"search", "--data", "mnist", "--time", "6"}),
            "--time = 6: must be a time such as 6m or 1.5h\n");
  EXPECT_EQ(complaint({"search", "--data", "mnist", "--epochs", "0"}),
            "--epochs = 0: must be a whole number in 1..100000\n");
  EXPECT_EQ(complaint({"search", "--data", "mnist", "--latency", "50ms"}),
            "--latency = 50ms: this version has no model of it yet: bound --macs instead\n");
  EXPECT_EQ(complaint({"search"}),
            "--data: is missing: give it as a flag, as THIMBLE_DATASET or in a --config file\n");

  const std::string config = folder_ / "task.toml";
  std::ofstream(config) << "data = \"mnist\"\nram = \"lots\"\n";
  EXPECT_EQ(complaint({"search", "--config", config}),
            config + ": ram = lots: must be a size such as 64KiB, 64KB or 65536\n");
  std::ofstream(config) << "data = \"mnist\"\nrma = \"4KiB\"\n";
  EXPECT_EQ(complaint({"search", "--config", config}),
            config + ":2: rma: is no known setting (did you mean \"ram\"?)\n");
  std::ofstream(config) << "data = \n";
  EXPECT_THAT(complaint({"search", "--config", config}), StartsWith(config + ":1:"));
}

TEST_F(BadInput, NamesTheFieldOfAGenotype) {
  const std::string file = folder_ / "g.json";
  std::ofstream(file) << R"({"space": "mlp", "dense": [5]})";
  EXPECT_THAT(complaint({"profile", file, "--input", "8x8x1", "--classes", "3"}),
              StartsWith(file + ": dense[0] = 5: "));
  std::ofstream(file) << R"({"space": "mlp", )";
  EXPECT_THAT(complaint({"profile", file, "--input", "8x8x1", "--classes", "3"}),
              StartsWith(file + ":1:"));
  EXPECT_THAT(complaint({"profile", "nothing"}), HasSubstr("is no network"));
  EXPECT_THAT(complaint({"profile", folder_ / "absent.json"}), HasSubstr("cannot be read"));
}

TEST_F(BadInput, RefusesADamagedDataSet) {
  const std::string data = write_bars(folder_);
  std::filesystem::resize_file(data + "/train-images-idx3-ubyte", 5000);
  EXPECT_THAT(complaint({"search", "--data", data, "--trials", "1"}),
              HasSubstr("train-images-idx3-ubyte"));
}

TEST_F(BadInput, RefusesACorruptStudyAndLeavesItAlone) {
  std::filesystem::create_directories(folder_ / "run");
  const std::string study = folder_ / "run/study.db";
  std::ofstream(study) << "this is no data base";
  for (const std::string command : {"resume", "export"}) {
    EXPECT_THAT(complaint({command, folder_ / "run"}), HasSubstr("study.db"));
  }
  EXPECT_THAT(complaint({"explain", folder_ / "run:0"}), HasSubstr("study.db"));
  EXPECT_EQ(read_text(study), "this is no data base");
}

TEST_F(BadInput, RefusesAFolderThatHoldsAnotherRun) {
  const std::string data = write_bars(folder_);
  const std::vector<std::string> search{
      "search",        "--data", data,      "--trials", "1",           "--epochs", "1",
      "--ram",         "8KiB",   "--flash", "16KiB",    "--finalists", "0",        "--out",
      folder_ / "run", "--quiet"};
  EXPECT_EQ(thimble(search, folder_).code, 0);
  EXPECT_THAT(complaint(search), HasSubstr("holds a run already"));
}

TEST_F(BadInput, RefusesAFileThatIsNoModel) {
  const std::string file = folder_ / "model.tflite";
  std::ofstream(file) << "hello";
  EXPECT_THAT(complaint({"infer", file, "--input", file, "-o", folder_ / "x"}), StartsWith(file));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x"));
}

}  // namespace
}  // namespace thimble
