#include "engine/torch_network.hpp"

#include <torch/nn/functional/activation.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>

namespace thimble {
namespace {

namespace F = torch::nn::functional;

torch::Tensor wide(const std::vector<float>& values, std::vector<std::int64_t> shape = {-1}) {
  return torch::tensor(std::vector<double>(values.begin(), values.end()), torch::kFloat64)
      .reshape(shape);
}

torch::Tensor leaf(const std::vector<float>& values) {
  return values.empty() ? torch::Tensor() : wide(values).requires_grad_(true);
}

std::vector<float> narrow(const torch::Tensor& tensor) {
  if (!tensor.defined()) return {};
  const torch::Tensor flat = tensor.detach().reshape({-1}).to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

torch::Tensor activated(const torch::Tensor& x, Activation activation) {
  if (activation == Activation::kRelu) return torch::relu(x);
  return activation == Activation::kRelu6 ? F::relu6(x) : x;
}

std::vector<std::int64_t> pair(Extent extent) { return {extent.height, extent.width}; }

/// Padding is written out, for libtorch's is the same on both sides.
torch::Tensor padded(const torch::Tensor& x, Extent kernel, Extent stride, Extent dilation,
                     Padding padding, double value) {
  if (padding == Padding::kValid) return x;
  const auto amounts = [](std::int64_t in, int k, int s, int d) {
    const auto length = static_cast<int>(in);
    const int before = padding_before(length, k, s, d, Padding::kSame);
    const int reach = (output_length(length, k, s, d, Padding::kSame) - 1) * s + (k - 1) * d + 1;
    return std::pair<std::int64_t, std::int64_t>(before, std::max(0, reach - length - before));
  };
  const auto [top, bottom] = amounts(x.size(2), kernel.height, stride.height, dilation.height);
  const auto [left, right] = amounts(x.size(3), kernel.width, stride.width, dilation.width);
  return torch::constant_pad_nd(x, {left, right, top, bottom}, value);
}

torch::Tensor pooled(const torch::Tensor& x, const Pool2D& op) {
  const auto window = pair(op.window);
  const auto stride = pair(op.stride);
  if (op.kind == PoolKind::kMax) {
    return torch::max_pool2d(
        padded(x, op.window, op.stride, {}, op.padding, -std::numeric_limits<double>::infinity()),
        window, stride);
  }
  const auto mean = [&](const torch::Tensor& y) {
    return torch::avg_pool2d(padded(y, op.window, op.stride, {}, op.padding, 0), window, stride);
  };
  return mean(x) / mean(torch::ones_like(x));
}

}  // namespace

class TorchNetwork::Inner {
 public:
  Inner(const Graph& graph, const Weights& weights, const EngineOptions& options,
        const OptimiserOptions& optimiser);

  torch::Tensor loss(const std::vector<float>& inputs, const std::vector<float>& targets);
  Weights exported(bool gradients) const;
  torch::optim::Optimizer& optimiser() { return *optimiser_; }

 private:
  /// Parameters are leaves.
  struct Leaves {
    torch::Tensor kernel, bias, gamma, beta, mean, variance;  // undefined where the node has none
  };
  torch::Tensor evaluate(NodeId id) const;
  std::vector<torch::Tensor> kernels() const;
  std::vector<torch::Tensor> others() const;

  const Graph& graph_;
  EngineOptions options_;
  std::vector<Leaves> leaves_;
  std::vector<torch::Tensor> tensors_;  // [n, C, H, W]
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

TorchNetwork::Inner::Inner(const Graph& graph, const Weights& weights, const EngineOptions& options,
                           const OptimiserOptions& optimiser)
    : graph_(graph), options_(options) {
  for (const NodeWeights& node : weights) {
    leaves_.push_back({leaf(node.kernel), leaf(node.bias), leaf(node.gamma), leaf(node.beta),
                       node.mean.empty() ? torch::Tensor() : wide(node.mean),
                       node.variance.empty() ? torch::Tensor() : wide(node.variance)});
  }
  // The learning rate is each step's.
  if (optimiser.kind == OptimiserKind::kAdamW) {
    using Options = torch::optim::AdamWOptions;
    const auto group = [&](std::vector<torch::Tensor> parameters, double decay) {
      const Options chosen = Options()
                                 .betas({optimiser.beta1, optimiser.beta2})
                                 .eps(double{optimiser.epsilon})
                                 .weight_decay(decay);
      return torch::optim::OptimizerParamGroup(std::move(parameters),
                                               std::make_unique<Options>(chosen));
    };
    optimiser_ = std::make_unique<torch::optim::AdamW>(
        std::vector{group(kernels(), double{optimiser.weight_decay}), group(others(), 0)});
  } else {
    std::vector<torch::Tensor> all = kernels();
    for (const torch::Tensor& tensor : others()) all.push_back(tensor);
    optimiser_ = std::make_unique<torch::optim::SGD>(all, torch::optim::SGDOptions(0)
                                                              .momentum(double{optimiser.momentum})
                                                              .nesterov(optimiser.nesterov));
  }
}

torch::Tensor TorchNetwork::Inner::evaluate(NodeId id) const {
  const Node& node = graph_.node(id);
  const Leaves& leaves = leaves_[static_cast<std::size_t>(id)];
  const auto input = [&](std::size_t i) {
    return tensors_[static_cast<std::size_t>(node.inputs[i])];
  };
  const std::int64_t out = node.output.channels;
  if (const auto* op = std::get_if<Conv2D>(&node.op)) {
    const torch::Tensor x = padded(input(0), op->kernel, op->stride, op->dilation, op->padding, 0);
    const torch::Tensor kernel =
        leaves.kernel.reshape({out, op->kernel.height, op->kernel.width, -1}).permute({0, 3, 1, 2});
    return activated(torch::conv2d(x, kernel, leaves.bias, pair(op->stride),
                                   at::IntArrayRef({0, 0}), pair(op->dilation)),
                     op->activation);
  }
  if (const auto* op = std::get_if<DepthwiseConv2D>(&node.op)) {
    const torch::Tensor x = padded(input(0), op->kernel, op->stride, op->dilation, op->padding, 0);
    const torch::Tensor kernel =
        leaves.kernel.reshape({op->kernel.height, op->kernel.width, out, 1}).permute({2, 3, 0, 1});
    return activated(torch::conv2d(x, kernel, leaves.bias, pair(op->stride),
                                   at::IntArrayRef({0, 0}), pair(op->dilation), input(0).size(1)),
                     op->activation);
  }
  if (const auto* op = std::get_if<Dense>(&node.op)) {
    const torch::Tensor x = input(0).permute({0, 2, 3, 1}).reshape({input(0).size(0), -1});
    const torch::Tensor y = torch::linear(x, leaves.kernel.reshape({out, -1}), leaves.bias);
    return activated(y, op->activation).reshape({-1, out, 1, 1});
  }
  if (const auto* op = std::get_if<Pool2D>(&node.op)) return pooled(input(0), *op);
  if (const auto* op = std::get_if<GlobalPool>(&node.op)) {
    // Not torch::mean: libtorch 1.13's batch norm gets the gradients wrong that it spreads over an
    // image of one column.
    const torch::Tensor in = input(0);
    return op->kind == PoolKind::kMax ? torch::amax(in, {2, 3}, true)
                                      : torch::avg_pool2d(in, {in.size(2), in.size(3)});
  }
  if (const auto* op = std::get_if<Add>(&node.op)) {
    torch::Tensor sum = input(0);
    for (std::size_t i = 1; i < node.inputs.size(); ++i) sum = sum + input(i);
    return activated(sum, op->activation);
  }
  if (std::holds_alternative<Concat>(node.op)) {
    std::vector<torch::Tensor> parts;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(input(i));
    return torch::cat(parts, 1);
  }
  if (const auto* op = std::get_if<Pad>(&node.op)) {
    return torch::constant_pad_nd(input(0), {op->left, op->right, op->top, op->bottom}, 0);
  }
  if (const auto* op = std::get_if<Activate>(&node.op)) return activated(input(0), op->function);
  if (const auto* op = std::get_if<BatchNorm>(&node.op)) {
    return torch::batch_norm(input(0), leaves.gamma, leaves.beta, leaves.mean, leaves.variance,
                             true, 1 - double{options_.batch_norm_momentum}, double{op->epsilon},
                             false);
  }
  if (std::holds_alternative<Flatten>(node.op)) {
    return input(0).permute({0, 2, 3, 1}).reshape({input(0).size(0), -1, 1, 1});
  }
  if (std::holds_alternative<Softmax>(node.op)) return torch::softmax(input(0), 1);
  throw std::logic_error("the oracle has no such operator");
}

torch::Tensor TorchNetwork::Inner::loss(const std::vector<float>& inputs,
                                        const std::vector<float>& targets) {
  const Shape in = graph_.shape(0);
  tensors_ = {wide(inputs, {-1, in.height, in.width, in.channels}).permute({0, 3, 1, 2})};
  for (NodeId id = 1; id < graph_.size(); ++id) tensors_.push_back(evaluate(id));
  const torch::Tensor output =
      tensors_.back().permute({0, 2, 3, 1}).reshape({tensors_[0].size(0), -1});
  const torch::Tensor target = wide(targets, {output.size(0), -1});
  if (options_.loss == Loss::kMeanSquaredError) return torch::mse_loss(output, target);
  if (options_.loss == Loss::kSigmoidBinaryCrossEntropy) {
    return torch::binary_cross_entropy_with_logits(output, target);
  }
  return F::cross_entropy(
      output, target,
      F::CrossEntropyFuncOptions().label_smoothing(double{options_.label_smoothing}));
}

std::vector<torch::Tensor> TorchNetwork::Inner::kernels() const {
  std::vector<torch::Tensor> result;
  for (const Leaves& leaves : leaves_) {
    if (leaves.kernel.defined()) result.push_back(leaves.kernel);
  }
  return result;
}

std::vector<torch::Tensor> TorchNetwork::Inner::others() const {
  std::vector<torch::Tensor> result;
  for (const Leaves& leaves : leaves_) {
    for (const torch::Tensor& tensor : {leaves.bias, leaves.gamma, leaves.beta}) {
      if (tensor.defined()) result.push_back(tensor);
    }
  }
  return result;
}

Weights TorchNetwork::Inner::exported(bool gradients) const {
  const auto values = [&](const torch::Tensor& tensor) {
    return narrow(gradients && tensor.defined() ? tensor.grad() : tensor);
  };
  Weights weights;
  for (const Leaves& leaves : leaves_) {
    weights.push_back({values(leaves.kernel),
                       values(leaves.bias),
                       values(leaves.gamma),
                       values(leaves.beta),
                       {},
                       {}});
    if (gradients) continue;
    weights.back().mean = narrow(leaves.mean);
    weights.back().variance = narrow(leaves.variance);
  }
  return weights;
}

TorchNetwork::TorchNetwork(const Graph& graph, const Weights& weights, const EngineOptions& options,
                           const OptimiserOptions& optimiser)
    : inner_(std::make_unique<Inner>(graph, weights, options, optimiser)) {}

TorchNetwork::~TorchNetwork() = default;

double TorchNetwork::loss_and_gradients(const std::vector<float>& inputs,
                                        const std::vector<float>& targets) {
  inner_->optimiser().zero_grad();
  const torch::Tensor loss = inner_->loss(inputs, targets);
  loss.backward();
  return loss.item<double>();
}

double TorchNetwork::train_step(const std::vector<float>& inputs, const std::vector<float>& targets,
                                double learning_rate) {
  const double loss = loss_and_gradients(inputs, targets);
  for (torch::optim::OptimizerParamGroup& group : inner_->optimiser().param_groups()) {
    group.options().set_lr(learning_rate);
  }
  inner_->optimiser().step();
  return loss;
}

Weights TorchNetwork::weights() const { return inner_->exported(false); }

Weights TorchNetwork::gradients() const { return inner_->exported(true); }

}  // namespace thimble
