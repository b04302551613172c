#include <gtest/gtest.h>

#include "support/judges.hpp"
#include "support/random_models.hpp"
#include "tflite/made_file.hpp"
#include "thimble/arena/arena_plan.hpp"
#include "thimble/footprint/peak_ram.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/space/search_space.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr std::size_t kNetworks = 300;  // of each kind
constexpr Bytes kLargest = 12_MiB;      // the judge's arena is 16 MiB

/// All that a search exports of a genotype, with random numbers in place of trained ones.
QuantizedModel random_export(const SearchSpace& space, std::uint64_t seed) {
  constexpr Task kTasks[] = {{.input = {28, 28, 1}, .classes = 10},
                             {.input = {32, 32, 3}, .classes = 2},
                             {.input = {49, 10, 1}, .classes = 12},
                             {.input = {1, 128, 4}, .classes = 5}};
  Rng rng(seed);
  const Graph training = genotype_graph(space.random(rng), kTasks[seed % std::size(kTasks)]);
  return testing::random_quantized_model(rng, in_order_of_least_ram(deployed(training)));
}

struct Export {
  std::string what;
  std::vector<std::uint8_t> file;
  ArenaNetwork network;
};

Export exported(const QuantizedModel& model) {
  return {.what = describe(model.graph),
          .file = write_tflite(model),
          .network = arena_network(model.graph)};
}

/// Head, tail and total, and that the arena that we call the smallest is.
void expect_equal(const std::vector<Export>& exports) {
  std::vector<testing::ArenaCase> cases;
  std::vector<testing::ArenaReport> ours;
  for (const Export& each : exports) {
    const ArenaPlan plan = plan_arena(each.network, find_arena_target("x86-64"));
    cases.push_back({.file = each.file, .smallest = plan.smallest.value});
    ours.push_back({.total = plan.used.value,
                    .head = plan.head_size.value,
                    .tail = plan.tail_size.value,
                    .fits = true,
                    .fits_with_less = false});
  }
  const auto theirs = testing::judged_arenas(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(theirs[i], ours[i]) << "network " << i << "\n" << exports[i].what;
  }
}

class ArenaJudge : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::judges_python()) GTEST_SKIP() << testing::kJudgesMissing;
  }
};

TEST_F(ArenaJudge, AllocatesWhatWePredictForRandomGenotypesOfEverySpace) {
  for (const SearchSpace* space : all_spaces()) {
    SCOPED_TRACE(space->name());
    std::vector<Export> exports;
    for (std::uint64_t seed = 0; exports.size() < kNetworks; ++seed) {
      const QuantizedModel model = random_export(*space, seed);
      if (plan_arena(model, find_arena_target("x86-64")).used > kLargest) continue;
      exports.push_back(exported(model));
    }
    expect_equal(exports);
  }
}

TEST_F(ArenaJudge, AllocatesWhatWePredictForRandomGraphs) {
  std::vector<Export> exports;
  for (const auto which : {testing::Operators::kTrainable, testing::Operators::kAll}) {
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
      Rng rng(seed);
      const auto operators = static_cast<int>(rng.uniform_int(1, 24));
      Graph graph = testing::random_deployed_graph(rng, operators, which);
      exports.push_back(exported(testing::random_quantized_model(rng, std::move(graph))));
    }
  }
  expect_equal(exports);
}

// Outputs in the middle, tensors that nobody reads, an input that nobody reads.
TEST_F(ArenaJudge, AllocatesWhatWePredictForSeveralInputsAndOutputs) {
  std::vector<Export> exports;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    Graph graph = testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(2, 12)));
    for (auto extra = rng.uniform_int(0, 2); extra > 0; --extra) {
      graph.input({1, 1, static_cast<int>(rng.uniform_int(1, 100))});
    }
    for (NodeId id = 1; id < graph.size(); ++id) {
      if (!graph.node(id).inputs.empty() && rng.chance(0.3)) graph.mark_output(id);
    }
    if (graph.outputs() == std::vector{graph.size() - 1} &&
        graph.node(graph.size() - 1).inputs.empty()) {
      continue;
    }
    exports.push_back(exported(testing::random_quantized_model(rng, std::move(graph))));
  }
  Graph ten;
  std::vector<NodeId> parts;
  for (int i = 1; i <= 10; ++i) parts.push_back(ten.input({2, 2, i}));
  ten.add(Concat{}, parts);
  Rng rng(1);
  exports.push_back(exported(testing::random_quantized_model(rng, std::move(ten))));
  expect_equal(exports);
}

// As TensorFlow's converter lays files out; in two of them with tensors that no operator knows.
TEST_F(ArenaJudge, AllocatesWhatWePredictForFilesThatAreNotOurs) {
  auto unused_tensor = testing::made_classifier();
  unused_tensor.tensors.push_back({.shape = {1, 100}});
  auto unused_constant = testing::made_classifier();
  unused_constant.tensors.push_back({.shape = {4}, .data = {1, 2, 3, 4}});
  std::vector<Export> exports;
  for (const auto& file : {testing::made_classifier(), unused_tensor, unused_constant,
                           testing::made_mean({1, 4, 3, 20}, {2, 1}, false),
                           testing::made_mean({1, 4, 3, 20}, {1, 2}, true),
                           testing::made_mean({1, 9, 40}, {1}, true)}) {
    const auto bytes = file.bytes();
    exports.push_back({.what = "made", .file = bytes, .network = arena_network(bytes, "made")});
  }
  expect_equal(exports);
}

}  // namespace
}  // namespace thimble
