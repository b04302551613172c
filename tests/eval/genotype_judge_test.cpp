#include <gtest/gtest.h>

#include "eval/untrained.hpp"
#include "support/judges.hpp"
#include "thimble/footprint/cost.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/space/search_space.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr int kGenotypes = 200;
constexpr std::size_t kSamples = 50;
/// The judge's arena is of a fixed size, and its kernels are slow.
constexpr std::int64_t kMostMacs = 3'000'000;

TEST(GenotypeJudge, TensorFlowLiteMicroAnswersWhatWeAnswer) {
  if (!testing::judges_python()) GTEST_SKIP() << testing::kJudgesMissing;
  const Task tasks[] = {{.input = {28, 28, 1}, .classes = 10},
                        {.input = {32, 32, 3}, .classes = 2},
                        {.input = {49, 10, 1}, .classes = 12}};
  std::vector<testing::JudgeCase> cases;
  std::vector<std::vector<std::int8_t>> ours;
  for (std::uint64_t seed = 0; cases.size() < kGenotypes; ++seed) {
    Rng rng(seed);
    // Every tenth is a perceptron, for they are all alike.
    const SearchSpace& space = find_space(seed % 10 == 9 ? "mlp" : "munas");
    const Graph graph = genotype_graph(space.random(rng), tasks[seed % 3]);
    if (total_cost(deployed(graph)).macs > Macs(kMostMacs)) continue;
    const QuantizedModel model = untrained(graph, rng);
    std::vector<std::int8_t> inputs(kSamples * static_cast<std::size_t>(graph.shape(0).elements()));
    for (std::int8_t& value : inputs) value = static_cast<std::int8_t>(rng.uniform_int(-128, 127));
    ours.push_back(Int8Interpreter(model).run(inputs));
    cases.push_back({.file = write_tflite(model), .inputs = std::move(inputs)});
  }
  const auto theirs = testing::judged(testing::Judge::kTfliteMicro, cases);
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(theirs[i], ours[i]) << "genotype " << i;
}

}  // namespace
}  // namespace thimble
