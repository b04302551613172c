#include "thimble/train/int8_score.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "thimble/data/batch.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/quant/int8_interpreter.hpp"

namespace thimble {
namespace {

/// Samples that are normalised and quantised at once: enough to keep the interpreter busy, little
/// enough for a cache.
constexpr std::size_t kChunk = 256;

std::vector<float> normalised(const Samples& samples, const Normalisation& normalisation,
                              std::size_t begin, std::size_t end) {
  std::vector<std::uint32_t> indices(end - begin);
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(begin));
  std::vector<float> values(indices.size() * static_cast<std::size_t>(samples.shape.elements()));
  fill_batch(samples, normalisation, indices, nullptr, 0, 0, values);
  return values;
}

}  // namespace

QuantizedModel quantised(const Model& trained, const Dataset& dataset,
                         std::span<const NodeId> order, const QuantiseOptions& options) {
  Model model = deployed(trained);
  if (!order.empty()) model = reordered(model, order);
  const std::size_t count = std::min(kCalibrationSamples, dataset.train.size());
  return quantise(model, normalised(dataset.train, dataset.normalisation, 0, count), options);
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
    const auto codes = quantise_inputs(normalised(samples, normalisation, begin, end), input);
    std::vector<std::int8_t> answers((end - begin) * outputs);
    interpreter.run(codes, answers);
    const auto classes = predicted_classes(answers, static_cast<int>(outputs), output);
    for (std::size_t i = begin; i < end; ++i)
      right += classes[i - begin] == samples.labels[i] ? 1 : 0;
  }
  return samples.empty() ? 0 : static_cast<double>(right) / static_cast<double>(samples.size());
}

}  // namespace thimble
