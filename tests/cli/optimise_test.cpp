#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "cli/program.hpp"
#include "support/random_models.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The network of docs/peak_ram.md, its wide branch first: 496 bytes in lines of 16, where 448 will
/// do.
Graph two_branches() {
  Graph graph;
  const NodeId in = graph.input({8, 8, 1});
  const NodeId a = graph.add(Conv2D{.filters = 8, .kernel = {3, 3}}, {in});
  const NodeId b = graph.add(Conv2D{.filters = 4}, {a});
  const NodeId c = graph.add(Conv2D{.filters = 2, .kernel = {3, 3}, .stride = {2, 2}}, {b});
  const NodeId d = graph.add(Conv2D{.filters = 2, .kernel = {5, 5}, .stride = {2, 2}}, {in});
  graph.add(Add{}, {c, d});
  return graph;
}

class Optimise : public ::testing::Test {
 protected:
  std::string file_of(const Graph& graph) {
    Rng rng(1);
    const std::string path = folder_ / "model.tflite";
    write_file(path, write_tflite(testing::random_quantized_model(rng, graph)));
    return path;
  }

  Finished optimise(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "optimise");
    return thimble(arguments, folder_);
  }

  std::string complaint(std::vector<std::string> arguments) {
    const Finished run = optimise(std::move(arguments));
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "lean.tflite"));
    return run.err;
  }

  TemporaryFolder folder_;
};

TEST_F(Optimise, WritesAFileThatNeedsLess) {
  const std::string file = file_of(two_branches());
  const std::string lean = folder_ / "lean.tflite";
  const Finished run = optimise({file, "-o", lean, "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const Json answer = Json::parse(run.out);
  EXPECT_EQ(answer.at("schema"), 1);
  EXPECT_EQ(answer.at("target"), "x86-64");
  EXPECT_TRUE(answer.at("gained"));
  EXPECT_TRUE(answer.at("reordered"));
  EXPECT_EQ(answer.at("head"),
            Json({{"before", 496}, {"after", 448}, {"lower_bound", 448}, {"of_all_orders", true}}));
  EXPECT_EQ(answer.at("tflite").at("before"), std::filesystem::file_size(file));
  EXPECT_EQ(answer.at("tflite").at("after"), std::filesystem::file_size(lean));
  const Finished profile = thimble({"profile", lean, "--json"}, folder_);
  EXPECT_EQ(Json::parse(profile.out).at("ram").at("tflm").at("min_arena"),
            answer.at("min_arena").at("after"));
}

TEST_F(Optimise, TellsWhatItChangedAndHowItWasProved) {
  const std::string lean = folder_ / "lean.tflite";
  const Finished run = optimise({file_of(two_branches()), "-o", lean, "--device", "nucleo-f446re"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr(" on cortex-m4: TensorFlow Lite Micro 90b983c"));
  EXPECT_THAT(run.out, HasSubstr("order     another one, which needs less at once\n"));
  EXPECT_THAT(run.out, HasSubstr("proof     64 inputs, 4 of them extreme, give the same bytes "));
  EXPECT_THAT(run.out, EndsWith(lean + "\n"));
}

TEST_F(Optimise, SaysWhenThereIsNothingToGain) {
  Graph graph;
  graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  const std::string file = file_of(graph);
  const std::string lean = folder_ / "lean.tflite";
  const Finished run = optimise({file, "-o", lean});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, EndsWith("nothing to gain: " + lean + " is the file as it was\n"));
  EXPECT_EQ(read_bytes(lean), read_bytes(file));
}

TEST_F(Optimise, RefusesInOneLineAndWritesNothing) {
  const std::string file = file_of(two_branches());
  const std::string lean = folder_ / "lean.tflite";
  EXPECT_THAT(complaint({file}), StartsWith("--out: is missing"));
  EXPECT_THAT(complaint({folder_ / "absent.tflite", "-o", lean}), HasSubstr("cannot be read"));
  EXPECT_THAT(complaint({file, "-o", lean, "--target", "cortex-m4", "--device", "nucleo-f446re"}),
              HasSubstr("give one of the two"));
  EXPECT_THAT(complaint({file, "-o", lean, "--device", "raspberry-pi-pico"}),
              HasSubstr("has not been measured on raspberry-pi-pico"));
  EXPECT_THAT(complaint({file, "-o", folder_ / "no/lean.tflite"}), HasSubstr("there is no folder"));
  const std::string bytes = read_text(file);
  write_file(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(complaint({file, "-o", lean}), StartsWith(file));
}

}  // namespace
}  // namespace thimble
