#include "training_job.hpp"

#include "thimble/core/rng.hpp"

namespace thimble {

TrainingJob::TrainingJob(const SuiteNetwork& network, int threads)
    : engine_(network.graph, {.batch = kSuiteBatch,
                              .loss = network.loss,
                              .shards = threads,
                              .threads = threads}) {
  Rng rng(1);
  engine_.initialise(rng);
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
