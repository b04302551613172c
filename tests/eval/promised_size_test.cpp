#include <gtest/gtest.h>

#include "support/random_models.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/eval/runtime.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/search/screen.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

// Branches are where the order of execution, and with it the size of the file, may differ from the
// order in which a genotype is assembled.
TEST(PromisedSize, IsThatOfTheExportedFile) {
  const Screen screen({.input = {28, 28, 1}, .classes = 10}, {}, measures_of({}));
  const SearchSpace& space = find_space("munas");
  int reordered = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Graph graph = screen.graph(space.random(rng));
    const Usage promised = screen.measure(graph);
    const QuantizedModel model =
        testing::random_quantized_model(rng, in_order_of_least_ram(deployed(graph)));
    ASSERT_EQ(promised.flash.value, static_cast<std::int64_t>(write_tflite(model).size()))
        << "seed " << seed;
    ASSERT_EQ(promised.ram, peak_ram_as_stored(model.graph).peak) << "seed " << seed;
    reordered += tflite_size(deployed(graph)) != promised.flash ? 1 : 0;
  }
  EXPECT_GT(reordered, 0) << "none of them tells whether the order was kept";
}

// With TensorFlow Lite Micro the file carries an order and, here and there, places for its tensors.
TEST(PromisedSize, AndArenaAreThoseOfTheFileExportedForTensorFlowLiteMicro) {
  const ArenaTarget& target = find_arena_target("x86-64");
  const Runtime runtime{.tflm = &target};
  const Screen screen({.input = {28, 28, 1}, .classes = 10}, {}, measures_of(runtime));
  const SearchSpace& space = find_space("munas");
  int planned = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Rng rng(seed);
    const Graph graph = screen.graph(space.random(rng));
    const Usage promised = screen.measure(graph);
    const QuantizedModel model =
        testing::random_quantized_model(rng, in_order_of_least_ram(deployed(graph)));
    const auto file = exported_file(runtime, model);
    ASSERT_EQ(promised.flash.value, static_cast<std::int64_t>(file.size())) << "seed " << seed;
    const ArenaNetwork network = arena_network(file, "exported");
    ASSERT_EQ(promised.ram, plan_arena(network, target).smallest) << "seed " << seed;
    ASSERT_LE(promised.ram, plan_arena(model, target).smallest) << "seed " << seed;
    planned += network.offsets.empty() ? 0 : 1;
  }
  EXPECT_GT(planned, 2);
}

}  // namespace
}  // namespace thimble
