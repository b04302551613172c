#include "training_job.hpp"

#include "thimble/core/rng.hpp"

namespace thimble {

TrainingJob::TrainingJob(const SuiteNetwork& network, int threads, Precision kept)
    : engine_(network.graph, {.batch = kSuiteBatch,
                              .loss = network.loss,
                              .shards = threads,
                              .threads = threads,
                              .kept = kept}) {
  Rng rng(1);
  engine_.initialise(rng);
  // With offsets of zero, a batch norm behind a ReLU takes away what gamma does, and gradients to
  // compare would be rounding errors.
  Weights weights = engine_.weights();
  for (NodeWeights& node : weights) {
    for (float& gamma : node.gamma) gamma = static_cast<float>(rng.uniform(0.5, 1.5));
    for (float& beta : node.beta) beta = static_cast<float>(0.3 * rng.normal());
  }
  engine_.set_weights(weights);
  const auto inputs = static_cast<std::size_t>(network.graph.shape(0).elements());
  const auto outputs =
      static_cast<std::size_t>(network.graph.shape(network.graph.output()).elements());
  samples_.resize(kSuiteBatch * inputs);
  for (float& value : samples_) value = static_cast<float>(rng.normal());
  targets_.resize(kSuiteBatch * outputs);
  for (std::size_t n = 0; n < kSuiteBatch; ++n) {
    switch (network.loss) {
      case Loss::kSoftmaxCrossEntropy:
        targets_[n * outputs + n % outputs] = 1;
        break;
      case Loss::kSigmoidBinaryCrossEntropy:
        targets_[n] = static_cast<float>(n % 2);
        break;
      case Loss::kMeanSquaredError:
        for (std::size_t i = 0; i < outputs; ++i) {
          targets_[n * outputs + i] = samples_[n * inputs + i % inputs];
        }
    }
  }
}

}  // namespace thimble
