#include "thimble/train/int8_score.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/int8_interpreter.hpp"
#include "thimble/quant/probabilities.hpp"
#include "thimble/samples/batch.hpp"

namespace thimble {
namespace {

/// Samples that are normalised and quantised at once: enough to keep the interpreter busy, little
/// enough for a cache.
constexpr std::size_t kChunk = 256;

std::vector<float> normalised(const Samples& samples, const Normalisation& normalisation,
                              std::span<const std::uint32_t> indices) {
  std::vector<float> values(indices.size() * static_cast<std::size_t>(samples.shape.elements()));
  fill_batch(samples, normalisation, indices, nullptr, 0, 0, values);
  return values;
}

/// Of the samples begin … end − 1.
std::vector<float> normalised(const Samples& samples, const Normalisation& normalisation,
                              std::size_t begin, std::size_t end) {
  std::vector<std::uint32_t> indices(end - begin);
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  return normalised(samples, normalisation, indices);
}

/// The mean squared difference of each pair of rows of `length` values.
std::vector<double> squared_errors(std::span<const float> inputs, std::span<const float> outputs,
                                   std::size_t length) {
  THIMBLE_ASSERT(inputs.size() == outputs.size());
  std::vector<double> errors;
  for (std::size_t at = 0; at < inputs.size(); at += length) {
    double sum = 0;
    for (std::size_t i = at; i < at + length; ++i) {
      const double difference = double{inputs[i]} - double{outputs[i]};
      sum += difference * difference;
    }
    errors.push_back(sum / static_cast<double>(length));
  }
  return errors;
}

template <class T, class Values>
void append(std::vector<T>& all, const Values& values) {
  all.insert(all.end(), values.begin(), values.end());
}

/// All over the set: folders are read class by class and records one after another, so the first
/// samples may be of one class.
std::vector<std::uint32_t> calibration_samples(const Samples& samples) {
  const std::size_t count = std::min(kCalibrationSamples, samples.size());
  std::vector<std::uint32_t> indices;
  for (std::size_t i = 0; i < count; ++i) {
    indices.push_back(static_cast<std::uint32_t>(i * samples.size() / count));
  }
  return indices;
}

}  // namespace

std::optional<QuantParams> input_params(const Samples& samples,
                                        const Normalisation& normalisation) {
  if (samples.features.empty()) return std::nullopt;
  THIMBLE_ASSERT(normalisation.mean.size() == 1);
  return QuantParams{.scale = 1 / normalisation.stddev[0],
                     .zero_point = static_cast<std::int32_t>(normalisation.mean[0])};
}

std::vector<std::int8_t> input_codes(const Samples& samples, const Normalisation& normalisation,
                                     QuantParams input, std::size_t begin, std::size_t end) {
  return quantise_inputs(normalised(samples, normalisation, begin, end), input);
}

QuantizedModel quantised(const Model& trained, const Dataset& dataset,
                         std::span<const NodeId> order, const QuantiseOptions& options) {
  Model model = deployed(trained);
  if (!order.empty()) model = reordered(model, order);
  QuantiseOptions with_input = options;
  with_input.input = input_params(dataset.train, dataset.normalisation);
  return quantise(
      model, normalised(dataset.train, dataset.normalisation, calibration_samples(dataset.train)),
      with_input);
}

bool detects_anomalies(const Dataset& dataset) {
  return !dataset.train.anomalous.empty() || !dataset.validation.anomalous.empty() ||
         !dataset.test.anomalous.empty();
}

Truth truth_of(const Samples& split, const Dataset& dataset) {
  const bool anomalies = detects_anomalies(dataset);
  return {.classes = dataset.classes,
          .labels = split.labels,
          .detects_anomalies = anomalies,
          .anomalous = split.anomalous,
          .clips = anomalies ? clip_numbers(split) : std::vector<std::int32_t>()};
}

Answers int8_answers(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation, Target target) {
  Int8Interpreter interpreter(model);
  const QuantParams output = interpreter.output_params();
  const auto outputs = static_cast<std::size_t>(interpreter.output_elements());
  Answers answers;
  for (std::size_t begin = 0; begin < samples.size(); begin += kChunk) {
    const std::vector<float> inputs =
        normalised(samples, normalisation, begin, std::min(samples.size(), begin + kChunk));
    const auto codes = interpreter.run(quantise_inputs(inputs, interpreter.input_params()));
    if (target == Target::kInput) {
      append(answers.errors, squared_errors(inputs, dequantise(codes, output), outputs));
    } else {
      append(answers.predicted, predicted_classes(codes, static_cast<int>(outputs), output));
      append(answers.log_probabilities, class_log_probabilities(model, codes));
    }
  }
  return answers;
}

double int8_accuracy(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation) {
  if (samples.empty()) return 0;
  const std::vector<std::int32_t> predicted = int8_answers(model, samples, normalisation).predicted;
  std::size_t right = 0;
  for (std::size_t i = 0; i < samples.size(); ++i)
    right += predicted[i] == samples.labels[i] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(samples.size());
}

}  // namespace thimble
