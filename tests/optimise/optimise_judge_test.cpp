#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "footprint/branchy_graph.hpp"
#include "support/judges.hpp"
#include "support/random_models.hpp"
#include "thimble/core/file.hpp"
#include "thimble/footprint/cost.hpp"
#include "thimble/optimise/file_optimiser.hpp"
#include "thimble/optimise/proof.hpp"
#include "thimble/tflite/reader.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr std::size_t kNetworks = 200;
constexpr int kRandomInputs = 8;

/// A file and what the optimiser made of it for the machine on which the judge runs.
struct Optimised {
  std::string name;
  std::vector<std::uint8_t> file;
  OptimisedFile result;
};

Optimised optimised(std::string name, std::vector<std::uint8_t> file) {
  OptimisedFile result = optimise_file(file, name, find_arena_target("x86-64"));
  EXPECT_EQ(result.failure, "") << name;
  return {.name = std::move(name), .file = std::move(file), .result = std::move(result)};
}

Optimised optimised(Rng& rng, std::string name, Graph graph) {
  return optimised(std::move(name),
                   write_tflite(testing::random_quantized_model(rng, std::move(graph))));
}

/// TensorFlow Lite Micro allocates what was promised, in the arena that was promised and in no
/// less, and computes from the new file what it computes from the old one.
void expect_promises_kept(const std::vector<Optimised>& all) {
  std::vector<testing::ArenaCase> arenas;
  std::vector<testing::JudgeCase> before;
  std::vector<testing::JudgeCase> after;
  for (const Optimised& each : all) {
    const auto inputs = probing_inputs(read_tflite(each.file, each.name), kRandomInputs);
    arenas.push_back({.file = each.result.bytes, .smallest = each.result.after.smallest.value});
    before.push_back({.file = each.file, .inputs = inputs});
    after.push_back({.file = each.result.bytes, .inputs = inputs});
  }
  const auto reports = testing::judged_arenas(arenas);
  const auto outputs_before = testing::judged(testing::Judge::kTfliteMicro, before);
  const auto outputs_after = testing::judged(testing::Judge::kTfliteMicro, after);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ArenaPlan& plan = all[i].result.after;
    const testing::ArenaReport promised{.total = plan.used.value,
                                        .head = plan.head_size.value,
                                        .tail = plan.tail_size.value,
                                        .fits = true,
                                        .fits_with_less = false};
    EXPECT_EQ(reports[i], promised) << all[i].name;
    EXPECT_FALSE(outputs_before[i].empty()) << all[i].name;
    EXPECT_EQ(outputs_after[i], outputs_before[i]) << all[i].name;
  }
}

/// Shares of what was there before, in percent, from the smallest.
struct Shares {
  std::vector<double> values;

  void add(std::int64_t before, std::int64_t after) {
    values.push_back(100.0 * static_cast<double>(after) / static_cast<double>(before));
    std::ranges::sort(values);
  }
  std::string text() const {
    return fmt::format("median {:.1f} %, best {:.1f} %", values[values.size() / 2], values.front());
  }
};

void print_summary(const std::vector<Optimised>& all) {
  Shares arenas;
  Shares heads;
  Shares files;
  int smaller = 0;
  int reordered = 0;
  int planned = 0;
  int at_bound = 0;
  for (const auto& [name, file, result] : all) {
    arenas.add(result.before.smallest.value, result.after.smallest.value);
    heads.add(result.before.head_size.value, result.after.head_size.value);
    files.add(static_cast<std::int64_t>(file.size()),
              static_cast<std::int64_t>(result.bytes.size()));
    smaller += result.after.smallest < result.before.smallest ? 1 : 0;
    reordered += result.is_better && result.layout.is_reordered ? 1 : 0;
    planned += result.is_better && !result.layout.offsets.empty() ? 1 : 0;
    const Bytes needed =
        std::max(result.layout.head_bound + result.after.tail_size, result.after.preparation);
    at_bound += result.after.smallest < needed + 16_B ? 1 : 0;
  }
  fmt::print(
      "{} networks: arena smaller in {}; reordered {}, planned {}; no order and no places "
      "need less in {}\n",
      all.size(), smaller, reordered, planned, at_bound);
  fmt::print("  arena: {}\n  head:  {}\n  file:  {}\n", arenas.text(), heads.text(), files.text());
}

class OptimiseJudge : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::judges_python()) GTEST_SKIP() << testing::kJudgesMissing;
  }
};

// Every operator and shape, small tensors.
TEST_F(OptimiseJudge, RunsRandomNetworksInTheSmallerArenaWithTheSameBytes) {
  std::vector<Optimised> all;
  for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
    Rng rng(seed);
    Graph graph = testing::random_deployed_graph(rng, static_cast<int>(rng.uniform_int(8, 24)));
    all.push_back(optimised(rng, fmt::format("random {}", seed), std::move(graph)));
  }
  expect_promises_kept(all);
  print_summary(all);
}

// Blocks and branches beside them as in searches, in the order in which they were added.
TEST_F(OptimiseJudge, RunsBranchyNetworksInTheSmallerArenaWithTheSameBytes) {
  constexpr Macs kMostMacs = 2_MMAC;  // the judge is slow
  std::vector<Optimised> all;
  for (std::uint64_t seed = 0; all.size() < kNetworks; ++seed) {
    Rng rng(seed);
    Graph graph = branchy_graph(rng, {.min_blocks = 3, .image = 20, .branch = 0.7});
    if (total_cost(graph).macs > kMostMacs) continue;
    all.push_back(optimised(rng, fmt::format("branchy {}", seed), std::move(graph)));
  }
  expect_promises_kept(all);
  print_summary(all);
}

TEST_F(OptimiseJudge, RunsTheReferenceModelsInTheSmallerArenaWithTheSameBytes) {
  const char* shared = std::getenv("THIMBLE_SHARED");
  const std::filesystem::path folder = shared ? shared : THIMBLE_SOURCE_DIR "/../shared";
  std::vector<Optimised> all;
  for (const char* name :
       {"kws_ref_int8", "vww_96_int8", "ic_resnet8_int8", "ad01_int8", "sww_int8"}) {
    const auto path = folder / "models" / fmt::format("{}.tflite", name);
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not on this machine";
    all.push_back(optimised(name, read_bytes(path)));
  }
  expect_promises_kept(all);
  for (const auto& [name, file, result] : all) {
    EXPECT_LT(result.bytes.size(), file.size()) << name;
    fmt::print("{:16} arena {:6} -> {:6}, head {:5} -> {:5}, file {:6} -> {:6}\n", name,
               result.before.smallest.value, result.after.smallest.value,
               result.before.head_size.value, result.after.head_size.value, file.size(),
               result.bytes.size());
  }
}

}  // namespace
}  // namespace thimble
