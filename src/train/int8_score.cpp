#include "thimble/train/int8_score.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "thimble/core/error.hpp"
#include "thimble/data/batch.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/int8_interpreter.hpp"

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

/// Folders are read class by class: their first samples are of a few classes only.
std::vector<std::uint32_t> calibration_samples(const Samples& samples) {
  const std::size_t count = std::min(kCalibrationSamples, samples.size());
  const bool spread = std::ranges::is_sorted(samples.labels);
  std::vector<std::uint32_t> indices;
  for (std::size_t i = 0; i < count; ++i) {
    indices.push_back(static_cast<std::uint32_t>(spread ? i * samples.size() / count : i));
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
  std::vector<std::uint32_t> indices(end - begin);
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  return quantise_inputs(normalised(samples, normalisation, indices), input);
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

double int8_accuracy(const QuantizedModel& model, const Samples& samples,
                     const Normalisation& normalisation) {
  Int8Interpreter interpreter(model);
  const Graph& graph = model.graph;
  const QuantParams input = model.activations[static_cast<std::size_t>(graph.inputs().at(0))];
  const QuantParams output = model.activations[static_cast<std::size_t>(graph.output())];
  const auto outputs = static_cast<std::size_t>(graph.shape(graph.output()).elements());
  std::size_t right = 0;
  for (std::size_t begin = 0; begin < samples.size(); begin += kChunk) {
    const std::size_t end = std::min(samples.size(), begin + kChunk);
    const auto codes = input_codes(samples, normalisation, input, begin, end);
    std::vector<std::int8_t> answers((end - begin) * outputs);
    interpreter.run(codes, answers);
    const auto classes = predicted_classes(answers, static_cast<int>(outputs), output);
    for (std::size_t i = begin; i < end; ++i)
      right += classes[i - begin] == samples.labels[i] ? 1 : 0;
  }
  return samples.empty() ? 0 : static_cast<double>(right) / static_cast<double>(samples.size());
}

}  // namespace thimble
