#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/program.hpp"
#include "support/random_models.hpp"
#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// 8 → 4: tests/arena/arena_plan_test.cpp adds its arena on a Cortex-M4 up by hand.
Graph one_dense_layer() {
  Graph graph;
  graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  return graph;
}

class ProfileOfAFile : public ::testing::Test {
 protected:
  std::string file_of(const Graph& graph) {
    Rng rng(1);
    const std::string path = folder_ / "model.tflite";
    write_file(path, write_tflite(testing::random_quantized_model(rng, graph)));
    return path;
  }

  std::string answer(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "profile");
    const Finished run = thimble(arguments, folder_);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return run.out;
  }

  std::string complaint(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "profile");
    return thimble::complaint(arguments, folder_);
  }

  TemporaryFolder folder_;
};

TEST_F(ProfileOfAFile, GivesTheArenaOfATarget) {
  const std::string file = file_of(one_dense_layer());
  const Json profile = Json::parse(answer({file, "--target", "cortex-m4", "--json"}));
  EXPECT_EQ(profile.at("schema"), 1);
  EXPECT_EQ(profile.at("flash").at("tflite"), std::filesystem::file_size(file));
  EXPECT_EQ(profile.at("ram").at("peak_tensors"), 12);
  const Json arena = profile.at("ram").at("tflm");
  EXPECT_EQ(arena.at("target"), "cortex-m4");
  EXPECT_EQ(arena.at("head"), 32);
  EXPECT_EQ(arena.at("tail"), 436);
  EXPECT_EQ(arena.at("used"), 468);
  EXPECT_EQ(arena.at("min_arena"), 656);
  EXPECT_EQ(arena.at("tail_parts").at("states"), 87);
  ASSERT_EQ(arena.at("buffers").size(), 2U);
  EXPECT_EQ(arena.at("buffers").at(0), Json({{"buffer", "input"},
                                             {"offset", 16},
                                             {"size", 16},
                                             {"first", 0},
                                             {"last", 1},
                                             {"at_peak", true}}));
  EXPECT_EQ(arena.at("peak").at("operator"), "1 FULLY_CONNECTED");
}

TEST_F(ProfileOfAFile, DrawsThePlan) {
  const std::string text = answer({file_of(one_dense_layer()), "--target", "cortex-m4"});
  EXPECT_THAT(text, HasSubstr("arena     on cortex-m4: TensorFlow Lite Micro 90b983c"));
  EXPECT_THAT(text, HasSubstr("  smallest    656  the arena to give it: while it allocates"));
  // Of equal sizes the later buffer is placed first.
  EXPECT_THAT(text, HasSubstr("  offset  bytes  live  01  buffer\n"
                              "      16     16   0-1  =#  input              <- peak\n"
                              "       0     16   1-1  .#  1 FULLY_CONNECTED  <- peak\n"
                              "  peak at 1 FULLY_CONNECTED: 32 B held\n"));
}

TEST_F(ProfileOfAFile, IsForThisMachineUnlessADeviceIsNamed) {
  const std::string file = file_of(one_dense_layer());
  EXPECT_THAT(answer({file}), HasSubstr("arena     on x86-64: "));
  const std::string text = answer({file, "--device", "nucleo-f446re"});
  EXPECT_THAT(text, HasSubstr("arena     on cortex-m4: "));
  EXPECT_THAT(text, HasSubstr("ST NUCLEO-F446RE: arena 656 B of 128.0 KiB (0.5 %)\n"));
  EXPECT_THAT(text, HasSubstr("ST NUCLEO-F446RE: flash with TensorFlow Lite Micro's code "));
}

TEST_F(ProfileOfAFile, SqueezesThePictureOfALongNetwork) {
  Graph graph;
  NodeId last = graph.input({1, 1, 8});
  for (int i = 0; i < 100; ++i) last = graph.add(Dense{.units = 8}, {last});
  // 101 times in 64 columns at most
  EXPECT_THAT(answer({file_of(graph)}), HasSubstr("  a column: 2 operators\n"));
}

TEST_F(ProfileOfAFile, SaysWhereTheArenaIsNotKnown) {
  const std::string file = file_of(one_dense_layer());
  const std::string reason =
      "TensorFlow Lite Micro has not been measured on raspberry-pi-pico (cortex-m0+)";
  const std::string text = answer({file, "--device", "raspberry-pi-pico"});
  EXPECT_THAT(text, HasSubstr("arena     not known: " + reason + "\n"));
  EXPECT_THAT(text, HasSubstr("Raspberry Pi Pico: RAM 12 B of")) << "the live tensors";
  const Json json = Json::parse(answer({file, "--device", "raspberry-pi-pico", "--json"}));
  EXPECT_EQ(json.at("ram").at("tflm"), Json({{"target", nullptr}, {"unknown", reason}}));

  Graph graph;
  const NodeId dense = graph.add(Dense{.units = 4}, {graph.input({1, 1, 8})});
  graph.add(Conv2D{.filters = 2}, {dense});
  EXPECT_THAT(
      answer({file_of(graph), "--target", "cortex-m4"}),
      HasSubstr("arena     not known: FULLY_CONNECTED that makes tensor 1, an output of more "
                "than two axes: what it takes on cortex-m4 is not known"));
}

TEST_F(ProfileOfAFile, SaysWhichFiguresAreDerived) {
  Graph graph;
  const NodeId in = graph.input({2, 2, 2});
  graph.add(Concat{}, {in, in});
  const std::string file = file_of(graph);
  EXPECT_THAT(answer({file, "--target", "cortex-m4"}),
              HasSubstr("  derived: CONCATENATION: sizes from the sources' layout, not measured on "
                        "cortex-m4\n"));
  EXPECT_THAT(answer({file, "--target", "x86-64"}), ::testing::Not(HasSubstr("derived")));
  const Json json = Json::parse(answer({file, "--target", "cortex-m4", "--json"}));
  EXPECT_EQ(json.at("ram").at("tflm").at("derived"), Json({"CONCATENATION"}));
}

TEST_F(ProfileOfAFile, OfAGenotypeTellsTheArenaOfADevice) {
  const std::vector<std::string> example{THIMBLE_SOURCE_DIR "/examples/two_branches.json",
                                         "--input", "8x8x1", "--classes", "3"};
  EXPECT_THAT(answer(example), ::testing::Not(HasSubstr("arena")));
  auto on_a_board = example;
  on_a_board.insert(on_a_board.end(), {"--device", "nucleo-f746zg"});
  const std::string text = answer(on_a_board);
  EXPECT_THAT(text, HasSubstr("arena     on cortex-m7: "));
  EXPECT_THAT(text, HasSubstr("  peak at 3 CONV_2D: 448 B held\n"))
      << "16 + 288 + 144: the tensors of docs/peak_ram.md, in whole lines of 16";
}

TEST_F(ProfileOfAFile, RefusesWhatIsNotThere) {
  const std::string file = file_of(one_dense_layer());
  EXPECT_EQ(complaint({file, "--target", "cortex-m"}),
            "runtime target = cortex-m: is not known (did you mean \"cortex-m4\"?)\n");
  EXPECT_EQ(complaint({file, "--target", "x86-64", "--device", "nucleo-f446re"}),
            "--target = x86-64: the --device says it: give one of the two\n");
  EXPECT_THAT(complaint({folder_ / "absent.tflite"}), HasSubstr("cannot be read"));
  const std::string bytes = read_text(file);
  write_file(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(complaint({file}), StartsWith(file));
}

}  // namespace
}  // namespace thimble
