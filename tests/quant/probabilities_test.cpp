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

TEST(ClassLogProbabilities, AreTheLogarithms) {
  for (const QuantizedModel& model : {network(3), network(1), network(3, Softmax{}),
                                      network(1, Apply{.function = Function::kLogistic})}) {
    const std::vector<std::int8_t> answers{10, 12, 8, 5, 5, -6};
    const auto p = class_probabilities(model, answers);
    const auto logs = class_log_probabilities(model, answers);
    ASSERT_EQ(logs.size(), p.size());
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(std::exp(logs[i]), double{p[i]}, 1e-6);
  }
}

TEST(ClassLogProbabilities, TellApartHowSureTheyAre) {
  // Steps of 50: two classes whose logits differ by up to 700, where p has long been 1 in double.
  QuantizedModel steep = network(1);
  steep.activations.back() = {.scale = 50, .zero_point = 0};
  std::vector<std::int8_t> all;
  for (int q = -14; q <= 14; ++q) all.push_back(static_cast<std::int8_t>(q));
  const auto logs = class_log_probabilities(steep, all);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_GT(logs[2 * i + 1], logs[2 * i - 1]) << "class 1 at " << i;
    EXPECT_LT(logs[2 * i], logs[2 * i - 2]) << "class 0 at " << i;
  }
}

TEST(ClassLogProbabilities, TakeNothingOfInt8ForHalfAStep) {
  const auto logs =
      class_log_probabilities(network(2, Softmax{}), std::vector<std::int8_t>{127, -128});
  EXPECT_THAT(logs, ElementsAre(std::log(255.0 / 256), std::log(1.0 / 512)));
}

}  // namespace
}  // namespace thimble
