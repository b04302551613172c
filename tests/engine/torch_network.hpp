#pragma once

#include <memory>
#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble {

/// A graph evaluated and trained by libtorch in double: the second oracle. Weights and gradients
/// have the layouts of graph/model.hpp.
class TorchNetwork {
 public:
  TorchNetwork(const Graph& graph, const Weights& weights, const EngineOptions& options,
               const OptimiserOptions& optimiser = {});
  ~TorchNetwork();

  /// Back propagation without an update, as `train_step`.
  double loss_and_gradients(const std::vector<float>& inputs, const std::vector<float>& targets);

  /// The mean loss in training, on samples [n, H, W, C] and targets [n, outputs]; updates the
  /// running statistics.
  double train_step(const std::vector<float>& inputs, const std::vector<float>& targets,
                    double learning_rate);

  Weights weights() const;
  Weights gradients() const;

 private:
  class Inner;  // libtorch's headers cost half a minute for each source that includes them
  std::unique_ptr<Inner> inner_;
};

}  // namespace thimble
