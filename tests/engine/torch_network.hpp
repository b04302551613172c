#pragma once

#include <torch/torch.h>

#include <vector>

#include "thimble/engine/engine.hpp"

namespace thimble {

/// A graph evaluated by libtorch in double: the second oracle. Parameters are leaves in the layouts
/// of graph/model.hpp, so that their gradients come in these layouts too.
class TorchNetwork {
 public:
  TorchNetwork(const Graph& graph, const Weights& weights, const EngineOptions& options);

  /// The mean loss in training, on samples [n, H, W, C] and targets [n, outputs]; updates the
  /// running statistics.
  torch::Tensor loss(const std::vector<float>& inputs, const std::vector<float>& targets);

  /// The parameters that weight decay concerns, and the others.
  std::vector<torch::Tensor> kernels() const;
  std::vector<torch::Tensor> others() const;

  Weights weights() const { return exported(false); }
  Weights gradients() const { return exported(true); }

 private:
  struct Leaves {
    torch::Tensor kernel, bias, gamma, beta, mean, variance;  // undefined where the node has none
  };
  torch::Tensor evaluate(NodeId id) const;
  Weights exported(bool gradients) const;

  const Graph& graph_;
  EngineOptions options_;
  std::vector<Leaves> leaves_;
  std::vector<torch::Tensor> tensors_;  // [n, C, H, W]
};

}  // namespace thimble
