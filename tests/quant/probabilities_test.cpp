#include "thimble/quant/probabilities.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "thimble/quant/scales.hpp"

namespace thimble {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

/// A dense layer of `outputs` values at 0.5 (q − 10), and what stands behind it.
QuantizedModel network(int outputs, std::optional<Op> behind = {}) {
  QuantizedModel model;
  NodeId last = model.graph.add(Dense{.units = outputs}, {model.graph.input({1, 1, 1})});
  model.activations.assign(2, {.scale = 0.5F, .zero_point = 10});
  if (behind) {
    const auto fixed = fixed_output(*behind);
    last = model.graph.add(*behind, {last});
    model.activations.push_back(fixed->params);
  }
  model.graph.mark_output(last);
  return model;
}

TEST(ClassProbabilities, AreTheSoftmaxOfLogits) {
  // 0, 1 and −1, then equal ones.
  const double sum = 1 + std::exp(1.0) + std::exp(-1.0);
  const auto p = class_probabilities(network(3), std::vector<std::int8_t>{10, 12, 8, 5, 5, 5});
  EXPECT_THAT(p, ElementsAre(FloatNear(static_cast<float>(1 / sum), 1e-6F),
                             FloatNear(static_cast<float>(std::exp(1.0) / sum), 1e-6F),
                             FloatNear(static_cast<float>(std::exp(-1.0) / sum), 1e-6F),
                             FloatNear(1.0F / 3, 1e-6F), FloatNear(1.0F / 3, 1e-6F),
                             FloatNear(1.0F / 3, 1e-6F)));
}

TEST(ClassProbabilities, AreASoftmaxsOwn) {
  const auto p = class_probabilities(network(2, Softmax{}), std::vector<std::int8_t>{64, -64});
  EXPECT_THAT(p, ElementsAre(0.75F, 0.25F));
}

TEST(ClassProbabilities, OfOneLogitAreOfTwoClasses) {
  const auto p = class_probabilities(network(1), std::vector<std::int8_t>{10, 14});
  const auto two = static_cast<float>(1 / (1 + std::exp(-2.0)));
  EXPECT_THAT(p, ElementsAre(0.5F, 0.5F, FloatNear(1 - two, 1e-6F), FloatNear(two, 1e-6F)));
  const auto own = class_probabilities(network(1, Apply{.function = Function::kLogistic}),
                                       std::vector<std::int8_t>{64});
  EXPECT_THAT(own, ElementsAre(0.25F, 0.75F));
}

}  // namespace
}  // namespace thimble
