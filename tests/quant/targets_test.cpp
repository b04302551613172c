#include <gtest/gtest.h>

#include "hwy/targets.h"
#include "quant/random_models.hpp"
#include "quant/reference_kernels.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/float_interpreter.hpp"
#include "thimble/quant/int8_interpreter.hpp"

namespace thimble {
namespace {

/// Runs `check` once for each instruction set that Highway finds on this machine.
template <class Check>
void on_every_target(Check check) {
  for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(Targets, AllGiveTheInt8ReferenceBytes) {
  on_every_target([] {
    Rng rng(41);
    for (int round = 0; round < 240; ++round) {
      const QuantizedModel model = random_integers(random_layer(round % kLayerKinds, rng), rng);
      const std::vector<std::int8_t> sample = random_bytes(rng, model.graph.shape(0).elements());
      ASSERT_EQ(Int8Interpreter(model).trace(sample), reference::run(model, sample))
          << describe(model.graph);
    }
  });
}

TEST(Targets, AllGiveTheSameFloatBits) {
  Rng rng(42);
  const Graph graph = random_network(rng);
  const Model model = deployed(Model{.graph = graph, .weights = random_weights(graph, rng)});
  FloatInterpreter interpreter(model);
  std::vector<float> samples(static_cast<std::size_t>(20 * interpreter.input_elements()));
  for (float& x : samples) x = static_cast<float>(rng.normal());
  std::vector<float> expected(static_cast<std::size_t>(20 * interpreter.output_elements()));
  interpreter.run(samples, expected);
  on_every_target([&] {
    std::vector<float> found(expected.size());
    interpreter.run(samples, found);
    ASSERT_EQ(found, expected);
  });
}

}  // namespace
}  // namespace thimble
