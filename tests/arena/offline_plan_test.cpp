#include <gmock/gmock.h>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

/// Of ten tensors, the computed ones of which are 0, 3, 5, 8 and 9, in lines of 32, 32, 32, 16, 16.
std::vector<std::uint8_t> classifier_with_plan(std::vector<std::int32_t> plan) {
  auto file = testing::made_classifier();
  file.metadata = {{.name = "min_runtime_version"},
                   {.name = kOfflinePlan, .data = std::move(plan)}};
  return file.bytes();
}

std::string refusal(std::vector<std::int32_t> plan) {
  try {
    arena_network(classifier_with_plan(std::move(plan)), "made");
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(OfflinePlan, IsReadFromAFile) {
  const auto file = classifier_with_plan({0, 0, 10, 48, -1, 7, 0, -1, 64, -1, -1, 0, -1});
  const ArenaNetwork network = arena_network(file, "made");
  EXPECT_THAT(network.offsets, ElementsAre(48, -1, -1, 0, -1, 64, -1, -1, 0, -1))
      << "a constant has no place in the arena, whatever the plan says";
  EXPECT_THAT(arena_network(testing::made_classifier().bytes(), "made").offsets, IsEmpty());
}

// Convolved at 0, its input at 48 and the flat tensor at 64, which leaves the convolution's scratch
// memory of 32 bytes, at time 1, the gap behind 80; logits at 0. The planner lays the
// probabilities, at time 4, behind the logits.
TEST(OfflinePlan, IsKeptByThePlanner) {
  const auto file = classifier_with_plan({0, 0, 10, 48, -1, -1, 0, -1, 64, -1, -1, 0, -1});
  const ArenaPlan plan = plan_arena(arena_network(file, "made"), find_arena_target("cortex-m4"));
  std::vector<std::int64_t> offsets;
  for (const ArenaBuffer& buffer : plan.head) offsets.push_back(buffer.offset.value);
  EXPECT_THAT(offsets, ElementsAre(48, 0, 64, 0, 16, 80));
  EXPECT_EQ(plan.head_size, 112_B);
}

TEST(OfflinePlan, MayBeFilledUpAndTheLastOneCounts) {
  auto file = testing::made_classifier();
  file.metadata = {
      {.name = kOfflinePlan, .data = {0, 0, 10, 0, -1, -1, 0, -1, 0, -1, -1, 0, 0}},
      {.name = kOfflinePlan, .data = {1, 0, 10, 16, -1, -1, 0, -1, 0, -1, -1, 0, 0, 0, 0, 0}}};
  EXPECT_THAT(arena_network(file.bytes(), "made").offsets,
              ElementsAre(16, -1, -1, 0, -1, 0, -1, -1, 0, 0));
}

TEST(OfflinePlan, IsRefusedWhereItIsNone) {
  EXPECT_EQ(refusal({0, 0}), "made: metadata OfflineMemoryAllocation: 8 bytes: is cut short");
  EXPECT_EQ(refusal({0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
            "made: metadata OfflineMemoryAllocation: tensors = 9: the file has 10");
  EXPECT_EQ(refusal({0, 0, 10, 0}),
            "made: metadata OfflineMemoryAllocation: places = 1: must be 10");
  EXPECT_THAT(refusal({0, 0, 10, 8, -1, -1, 0, -1, 0, -1, -1, 0, 0}), HasSubstr("tensor 0 at 8: "));
  EXPECT_THAT(refusal({0, 0, 10, -16, -1, -1, 0, -1, 0, -1, -1, 0, 0}),
              HasSubstr("tensor 0 at -16: must be a multiple of 16, or -1"));
  EXPECT_THAT(refusal({0, 0, 10, 0x7ffffff0, -1, -1, 0, -1, 0, -1, -1, 0, 0}),
              HasSubstr("tensor 0 at 2147483632: is too far"));
}

TEST(OfflinePlan, OfTheWriterIsWhatTheArenaReads) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const QuantizedModel model =
        testing::random_quantized_model(rng, testing::random_deployed_graph(rng, 8));
    std::vector<std::int32_t> offsets;
    for (NodeId id = 0; id < model.graph.size(); ++id) {
      offsets.push_back(16 * static_cast<std::int32_t>(rng.uniform_int(0, 9)));
    }
    const TfliteOptions options{.offsets = offsets};
    const auto file = write_tflite(model, options);
    EXPECT_EQ(static_cast<std::int64_t>(file.size()), tflite_size(model.graph, options).value);
    ArenaNetwork expected = arena_network(model.graph);
    offsets.resize(expected.tensors.size(), kPlannerDecides);
    expected.offsets = offsets;
    ASSERT_EQ(arena_network(file, "written"), expected) << "seed " << seed;
  }
}

TEST(OfflinePlan, OfTheWriterIsChecked) {
  Rng rng(1);
  const QuantizedModel model =
      testing::random_quantized_model(rng, testing::random_deployed_graph(rng, 1));
  EXPECT_THAT([&] { write_tflite(model, {.offsets = {0}}); },
              ThrowsMessage<ModelError>(HasSubstr("offsets: 1: the network has ")));
  EXPECT_THAT(
      [&] {
        write_tflite(model, {.offsets = std::vector(model.graph.nodes().size(), std::int32_t{8})});
      },
      ThrowsMessage<ModelError>(HasSubstr("node 0: offset = 8: must be -1 or a multiple of 16")));
}

}  // namespace
}  // namespace thimble
