#include "engine/random_network.hpp"

#include <numeric>

namespace thimble {
namespace {

std::vector<float> uniform(Rng& rng, std::int64_t count, double low, double high) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.uniform(low, high));
  return values;
}

}  // namespace

std::vector<float> random_values(Rng& rng, std::int64_t count) {
  return uniform(rng, count, -1, 1);
}

Weights random_weights(Rng& rng, const Graph& graph) {
  Weights weights(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    NodeWeights& node = weights[static_cast<std::size_t>(id)];
    const ParameterCount count = parameter_count(graph, id);
    node.kernel = random_values(rng, count.kernel);
    node.bias = random_values(rng, count.bias);
    if (!std::holds_alternative<BatchNorm>(graph.node(id).op)) continue;
    const std::int64_t channels = graph.shape(id).channels;
    node.gamma = uniform(rng, channels, 0.5, 1.5);
    node.beta = random_values(rng, channels);
    node.mean = random_values(rng, channels);
    node.variance = uniform(rng, channels, 0.5, 2);
  }
  return weights;
}

Samples random_samples(Rng& rng, const Graph& graph, Loss loss, int count) {
  Samples samples{random_values(rng, count * graph.shape(graph.inputs()[0]).elements()), {}};
  const std::int64_t outputs = graph.shape(graph.output()).elements();
  for (int n = 0; n < count; ++n) {
    std::vector<float> target = random_values(rng, outputs);
    if (loss != Loss::kMeanSquaredError) {
      for (float& value : target) value = (value + 1) / 2;
    }
    if (loss == Loss::kSoftmaxCrossEntropy) {
      const float sum = std::accumulate(target.begin(), target.end(), 0.0F);
      for (float& value : target) value /= sum;
    }
    samples.targets.insert(samples.targets.end(), target.begin(), target.end());
  }
  return samples;
}

std::vector<double> widened(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

}  // namespace thimble
