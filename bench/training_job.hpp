#pragma once

#include <vector>

#include "suite.hpp"

namespace thimble {

/// Samples in a step of every benchmark.
inline constexpr int kSuiteBatch = 128;

/// A network of the suite in training on made-up samples, the same ones on every run.
class TrainingJob {
 public:
  explicit TrainingJob(const SuiteNetwork& network, int threads = 1,
                       Precision kept = Precision::kSingle);

  Engine& engine() { return engine_; }
  const std::vector<float>& samples() const { return samples_; }
  /// One-hot labels, a probability, or what the squared error compares with.
  const std::vector<float>& targets() const { return targets_; }
  /// One step of SGD with momentum 0.9; returns the loss.
  double step() { return engine_.train_step(samples_, targets_, 0.01F); }

 private:
  Engine engine_;
  std::vector<float> samples_;
  std::vector<float> targets_;
};

}  // namespace thimble
