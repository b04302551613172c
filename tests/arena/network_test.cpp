#include "thimble/arena/network.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/core/error.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(ArenaNetwork, OfAGraphIsThatOfTheFileWrittenFromIt) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    const auto operators = static_cast<int>(rng.uniform_int(1, 20));
    const auto which = seed % 2 == 0 ? testing::Operators::kTrainable : testing::Operators::kAll;
    const QuantizedModel model =
        testing::random_quantized_model(rng, testing::random_deployed_graph(rng, operators, which));
    ASSERT_EQ(arena_network(model.graph), arena_network(write_tflite(model), "written"))
        << "seed " << seed << "\n"
        << describe(model.graph);
  }
}

// The paddings are equal, and so is the constant that holds them: tensors 5, …, 9 are two kernels
// with a bias each, and one list of paddings.
TEST(ArenaNetwork, CountsEqualPaddingsOnce) {
  Graph graph;
  const NodeId in = graph.input({4, 4, 2});
  NodeId x = graph.add(Pad{1, 1, 1, 1}, {in});
  x = graph.add(Conv2D{.filters = 3, .kernel = {3, 3}}, {x});
  x = graph.add(Pad{1, 1, 1, 1}, {x});
  graph.add(DepthwiseConv2D{.kernel = {3, 3}}, {x});
  const ArenaNetwork network = arena_network(graph);
  EXPECT_EQ(network.tensors.size(), 10U);
  EXPECT_THAT(network.inputs_of(network.operators[0]), ElementsAre(0, 5));
  EXPECT_THAT(network.inputs_of(network.operators[1]), ElementsAre(1, 6, 7));
  EXPECT_THAT(network.inputs_of(network.operators[2]), ElementsAre(2, 5));
}

TEST(ArenaNetwork, RefusesWhatIsNotDeployed) {
  Graph graph;
  graph.add(BatchNorm{}, {graph.input({4, 4, 2})});
  EXPECT_THAT([&] { arena_network(graph); },
              ThrowsMessage<ModelError>(HasSubstr("node 1 BATCH_NORM: ")));
}

// The convolution's bias has three scales, and the RESHAPE reads its shape, tensor 4.
TEST(ArenaNetwork, OfAFileHoldsWhatWeWouldLeaveOut) {
  const ArenaNetwork network = arena_network(testing::made_classifier().bytes(), "made");
  ASSERT_EQ(network.tensors.size(), 10U);
  EXPECT_EQ(network.tensors[0], (ArenaTensor{.size = 24_B, .scales = 1}));
  EXPECT_EQ(network.tensors[1], (ArenaTensor{.constant = true, .scales = 3}));
  EXPECT_EQ(network.tensors[2], (ArenaTensor{.constant = true, .scales = 3}));
  EXPECT_EQ(network.tensors[3], (ArenaTensor{.size = 18_B, .scales = 1}));
  EXPECT_EQ(network.tensors[4], (ArenaTensor{.constant = true}));
  ASSERT_EQ(network.operators.size(), 4U);
  EXPECT_EQ(network.operators[0].geometry.kernel, (Extent{2, 2}));
  EXPECT_EQ(network.operators[1].kernel, TflmKernel::kReshape);
  EXPECT_THAT(network.inputs_of(network.operators[1]), ElementsAre(3, 4));
  EXPECT_THAT(network.inputs, ElementsAre(0));
  EXPECT_THAT(network.outputs, ElementsAre(9));
}

TEST(ArenaNetwork, RefusesTensorsThatTheFileDoesNotHave) {
  auto file = testing::made_classifier();
  file.operators[1].inputs = {3, 99};
  EXPECT_THAT([&] { arena_network(file.bytes(), "made"); },
              ThrowsMessage<ModelError>(HasSubstr("made: operator 1: input 99")));
}

// Whatever an operator that needs no options carries, it is not looked at.
TEST(ArenaNetwork, LooksOnlyAtTheOptionsOfAnOperatorThatHasSome) {
  const ArenaNetwork network = arena_network(testing::made_classifier().bytes(), "made");
  auto file = testing::made_classifier();
  file.operators[1].inputs = {3};
  file.operators[1].options_type = file.operators[0].options_type;
  file.operators[1].options = file.operators[0].options;
  EXPECT_EQ(arena_network(file.bytes(), "made").operators[1].geometry,
            network.operators[1].geometry);
}

TEST(ArenaNetwork, RefusesATensorLargerThanAnyArena) {
  auto file = testing::made_classifier();
  file.tensors.push_back({.shape = {1 << 20, 1 << 20}});
  EXPECT_THAT([&] { arena_network(file.bytes(), "made"); },
              ThrowsMessage<ModelError>(HasSubstr("made: tensor 10: ")));
}

TEST(ArenaNetwork, NoInjuryToAFileDoesMoreThanAnError) {
  constexpr std::int32_t kNumbers[] = {0, 1, 3, -1, -2, 127, 65536, INT32_MAX, INT32_MIN};
  Rng rng(1);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    auto made = testing::made_classifier();
    if (rng.chance(0.5)) {
      made.metadata = {
          {.name = kOfflinePlan, .data = {0, 0, 10, 0, -1, -1, 32, -1, 0, -1, -1, 32, -1}}};
    }
    auto file = made.bytes();
    for (auto injuries = rng.uniform_int(1, 2); injuries > 0; --injuries) {
      const auto place = rng.uniform_int(0, static_cast<std::int64_t>(file.size()) / 4 - 1) * 4;
      const auto number = kNumbers[rng.uniform_int(0, std::ssize(kNumbers) - 1)];
      std::memcpy(&file[static_cast<std::size_t>(place)], &number, sizeof number);
    }
    try {
      const ArenaPlan plan = plan_arena(arena_network(file, "bad"), find_arena_target("x86-64"));
      EXPECT_GE(plan.smallest, plan.used);
      ++accepted;
    } catch (const ModelError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("bad: ")) << error.what();
    }
  }
  EXPECT_GT(accepted, 200) << "the injuries are too rough to reach past the reader";
}

}  // namespace
}  // namespace thimble
