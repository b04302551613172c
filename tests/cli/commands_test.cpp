#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/program.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Commands : public ::testing::Test {
 protected:
  std::string answer(const std::vector<std::string>& arguments) {
    const Finished run = thimble(arguments, folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return run.out;
  }

  TemporaryFolder folder_;
};

TEST_F(Commands, ExplainThemselves) {
  EXPECT_THAT(answer({"--help"}), HasSubstr("usage: thimble COMMAND"));
  EXPECT_THAT(answer({"search", "-h"}), HasSubstr("--ram SIZE"));
  const std::string help = answer({"search", "--help"});
  for (const char* text : {"examples:", "Budget:", "THIMBLE_RAM", "[evolution]"}) {
    EXPECT_THAT(help, HasSubstr(text));
  }
  EXPECT_THAT(answer({"--version"}), StartsWith("thimble "));
  EXPECT_EQ(thimble({}, folder_).code, 2);
}

TEST_F(Commands, ListWhatThereIs) {
  EXPECT_THAT(answer({"devices"}), HasSubstr("nucleo-f446re"));
  EXPECT_THAT(answer({"datasets"}), HasSubstr("fashion-mnist"));
  EXPECT_THAT(answer({"spaces"}), HasSubstr("munas"));
  EXPECT_THAT(answer({"strategies"}), HasSubstr("evolution"));
  const Json devices = Json::parse(answer({"devices", "--json"}));
  EXPECT_EQ(devices.at("schema"), 1);
  EXPECT_GE(devices.at("devices").size(), 7U);
  const Json board = Json::parse(answer({"devices", "nucleo-f446re", "--json"}));
  EXPECT_EQ(board.at("ram"), 128 * 1024);
  EXPECT_EQ(board.at("flash"), 512 * 1024);
}

TEST_F(Commands, MeasureTheMachine) {
  const Json bench =
      Json::parse(answer({"bench", "--epochs", "3", "--jobs", "1", "--json", "--quiet"}));
  EXPECT_EQ(bench.at("networks").size(), 5U);
  for (const Json& network : bench.at("networks")) {
    EXPECT_GT(network.at("samples_per_second"), 0);
    EXPECT_GT(network.at("samples_per_second_all_busy"), 0);
  }
  const double seconds = bench.at("seconds_per_candidate");
  EXPECT_NEAR(bench.at("candidates_per_hour").get<double>(), 3600 / seconds, 1e-6 * 3600 / seconds);
}

// docs/peak_ram.md works this example out by hand.
TEST_F(Commands, ProfileTheExampleOfTheDocs) {
  const std::string example = THIMBLE_SOURCE_DIR "/examples/two_branches.json";
  const Json profile =
      Json::parse(answer({"profile", example, "--input", "8x8x1", "--classes", "3", "--json"}));
  EXPECT_EQ(profile.at("schema"), 1);
  EXPECT_EQ(profile.at("ram").at("peak_tensors"), 440);
  std::vector<std::string> order;
  for (const Json& op : profile.at("ops")) order.push_back(op.at("output").dump());
  EXPECT_EQ(order[0], "[1,2,2,2]") << "the branch runs first";
  EXPECT_THAT(answer({"profile", example, "--input", "8x8x1", "--classes", "3"}),
              HasSubstr("peak RAM  440 B"));
}

TEST_F(Commands, ProfileAPublishedNetworkAgainstABoard) {
  // MLPerf Tiny's keyword network: 2,656,768 MACs.
  const std::string text = answer({"profile", "baseline:ds-cnn-s", "--input", "49x10x1",
                                   "--classes", "12", "--device", "nucleo-f446re"});
  EXPECT_THAT(text, HasSubstr("2656768 MACs"));
  EXPECT_THAT(text, HasSubstr("peak RAM  16000 B"));
}

TEST_F(Commands, TakeTheEnvironmentUnlessAFlagSpeaks) {
  ::setenv("THIMBLE_CLASSES", "1", 1);
  const std::string example = THIMBLE_SOURCE_DIR "/examples/two_branches.json";
  const Finished run = thimble({"profile", example, "--input", "8x8x1"}, folder_);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, StartsWith("THIMBLE_CLASSES = 1: "));
  EXPECT_EQ(thimble({"profile", example, "--input", "8x8x1", "--classes", "3"}, folder_).code, 0);
  ::unsetenv("THIMBLE_CLASSES");
}

}  // namespace
}  // namespace thimble
