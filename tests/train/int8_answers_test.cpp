#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/bars.hpp"
#include "support/machines.hpp"
#include "thimble/core/error.hpp"
#include "thimble/metrics/anomaly.hpp"
#include "thimble/metrics/scores.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/samples/batch.hpp"
#include "thimble/train/int8_score.hpp"
#include "thimble/train/trainer.hpp"

namespace thimble {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

/// Dense layers with batch norm and ReLU, and one without for the outputs.
Graph dense_network(Shape input, const std::vector<int>& hidden, int outputs) {
  Graph graph;
  NodeId last = graph.input(input);
  for (const int units : hidden) {
    last = graph.add(Dense{.units = units, .bias = false}, {last});
    last = graph.add(BatchNorm{}, {last});
    last = graph.add(Activate{Activation::kRelu}, {last});
  }
  graph.mark_output(graph.add(Dense{.units = outputs}, {last}));
  return graph;
}

QuantizedModel trained(const Graph& graph, const Dataset& set, const Recipe& recipe) {
  return quantised(train(graph, set, recipe).model, set, {});
}

class MachinesTest : public testing::Test {
 protected:
  QuantizedModel classifier() const {
    return trained(dense_network(set_.shape(), {16}, 3), set_,
                   {.epochs = 6, .batch = 32, .learning_rate = 0.05F});
  }
  QuantizedModel autoencoder() const {
    return trained(dense_network(set_.shape(), {16, 4, 16}, 32), set_,
                   {.target = Target::kInput, .epochs = 12, .batch = 32, .learning_rate = 0.05F});
  }

  const Dataset set_ = machines_dataset();
};

TEST_F(MachinesTest, AreKnownByAClassifierWhichDoubtsWhatIsBroken) {
  const QuantizedModel model = classifier();
  const Truth truth = truth_of(set_.test, set_);
  const Answers answers = int8_answers(model, set_.test, set_.normalisation);
  const Scores found = scores(truth, answers);
  EXPECT_GT(found.at(Objective::kAccuracy), 0.95) << "chance is 1/3";
  EXPECT_GT(found.at(Objective::kAuc), 0.8) << "chance is 1/2";
  EXPECT_THAT(machine_scores(truth, answers), SizeIs(3));
}

TEST_F(MachinesTest, AreRebuiltButForWhatIsBroken) {
  const QuantizedModel model = autoencoder();
  const Truth truth = truth_of(set_.test, set_);
  const Answers answers = int8_answers(model, set_.test, set_.normalisation, Target::kInput);
  EXPECT_THAT(answers.predicted, IsEmpty());
  EXPECT_GT(scores(truth, answers).at(Objective::kAuc), 0.9);
}

TEST_F(MachinesTest, HaveTheErrorsOfTheInterpretersOutputs) {
  const QuantizedModel model = autoencoder();
  const Answers answers = int8_answers(model, set_.test, set_.normalisation, Target::kInput);
  Int8Interpreter interpreter(model);
  const QuantParams out = interpreter.output_params();
  ASSERT_THAT(answers.errors, SizeIs(set_.test.size()));
  for (std::uint32_t i = 0; i < set_.test.size(); i += 7) {
    std::vector<float> input(32);
    fill_batch(set_.test, set_.normalisation, std::vector<std::uint32_t>{i}, nullptr, 0, 0, input);
    const auto codes = interpreter.run(quantise_inputs(input, interpreter.input_params()));
    double sum = 0;
    for (std::size_t k = 0; k < 32; ++k) {
      const double rebuilt = double{out.scale} * (codes[k] - out.zero_point);
      sum += (rebuilt - double{input[k]}) * (rebuilt - double{input[k]});
    }
    EXPECT_NEAR(answers.errors[i], sum / 32, 1e-6 * sum);
  }
}

TEST_F(MachinesTest, RefuseANetworkThatCannotRebuildThem) {
  const Graph graph = dense_network(set_.shape(), {8}, 31);
  EXPECT_THROW(train(graph, set_, {.target = Target::kInput}), ModelError);
}

TEST_F(MachinesTest, CannotBeSelectedByAnomaliesThatValidationHasNot) {
  EXPECT_EQ(why_unknown(Objective::kAuc, truth_of(set_.validation, set_)),
            "has no anomalous sample");
  Dataset unsaid = set_;
  unsaid.validation.anomalous.clear();
  EXPECT_EQ(why_unknown(Objective::kAuc, truth_of(unsaid.validation, unsaid)),
            "has no anomalous sample")
      << "what the test split is asked for, validation is";
}

TEST(Int8Answers, AreTheInterpretersForEverySample) {
  const Dataset set = bars_dataset(3, 300);
  const QuantizedModel model = trained(dense_network(set.shape(), {12}, 3), set,
                                       {.epochs = 2, .batch = 32, .learning_rate = 0.05F});
  // More samples than are run at once.
  const Samples samples = bars(300, 3, 10, Rng(2));
  const Answers answers = int8_answers(model, samples, set.normalisation);
  ASSERT_THAT(answers.predicted, SizeIs(300));
  ASSERT_THAT(answers.log_probabilities, SizeIs(900));
  Int8Interpreter interpreter(model);
  int right = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const auto codes = interpreter.run(
        input_codes(samples, set.normalisation, interpreter.input_params(), i, i + 1));
    const auto best = std::ranges::max_element(codes) - codes.begin();
    EXPECT_EQ(answers.predicted[i], best);
    right += best == samples.labels[i] ? 1 : 0;
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        const double difference =
            answers.log_probabilities[3 * i + a] - answers.log_probabilities[3 * i + b];
        EXPECT_NEAR(difference, double{interpreter.output_params().scale} * (codes[a] - codes[b]),
                    1e-9);
      }
    }
  }
  EXPECT_DOUBLE_EQ(int8_accuracy(model, samples, set.normalisation), right / 300.0);
}

TEST(Int8Answers, ToNoSamplesAreNone) {
  const Dataset set = bars_dataset(2, 60);
  const QuantizedModel model =
      trained(dense_network(set.shape(), {}, 1), set, {.epochs = 1, .batch = 32});
  const Samples none{.shape = set.shape()};
  EXPECT_THAT(int8_answers(model, none, set.normalisation).predicted, IsEmpty());
  EXPECT_EQ(int8_accuracy(model, none, set.normalisation), 0);
}

}  // namespace
}  // namespace thimble
