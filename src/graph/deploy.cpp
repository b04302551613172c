#include "thimble/graph/deploy.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "thimble/core/error.hpp"

namespace thimble {
namespace {

/// A convolution or dense layer, the operators that batch norm and activations are folded into.
bool is_affine(const Op& op) {
  return std::holds_alternative<Conv2D>(op) || std::holds_alternative<DepthwiseConv2D>(op) ||
         std::holds_alternative<Dense>(op);
}

bool can_fuse_activation(const Op& op) { return is_affine(op) || std::holds_alternative<Add>(op); }

void set_activation(Op& op, Activation activation) {
  std::visit(
      [&](auto& o) {
        if constexpr (requires { o.activation; }) o.activation = activation;
      },
      op);
}

void set_bias(Op& op) {
  std::visit(
      [](auto& o) {
        if constexpr (requires { o.bias; }) o.bias = true;
      },
      op);
}

/// kernel and bias of y = BN(kernel · x + bias). Kernels hold one run a channel, except a depthwise
/// one, whose channels lie side by side.
void fold_batch_norm(const BatchNorm& norm, const NodeWeights& statistics, bool depthwise,
                     NodeWeights& folded) {
  const std::size_t channels = statistics.gamma.size();
  folded.bias.resize(channels, 0.0F);
  const std::size_t run = folded.kernel.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = double{statistics.gamma[c]} /
                         std::sqrt(double{statistics.variance[c]} + double{norm.epsilon});
    for (std::size_t i = 0; i < run; ++i) {
      float& weight = folded.kernel[depthwise ? i * channels + c : c * run + i];
      weight = static_cast<float>(weight * scale);
    }
    folded.bias[c] = static_cast<float>(
        (double{folded.bias[c]} - double{statistics.mean[c]}) * scale + double{statistics.beta[c]});
  }
}

class Deployment {
 public:
  /// `weights` may be null: then only the graph is built.
  Deployment(const Graph& source, const Weights* weights)
      : source_(source), weights_(weights), readers_(source.consumers()), needed_(needed()) {}

  Model run() && {
    renamed_.assign(source_.nodes().size(), -1);
    for (NodeId id = 0; id < source_.size(); ++id) {
      if (needed_[at(id)] && renamed_[at(id)] == -1) deploy(id);
    }
    for (const NodeId id : source_.outputs()) result_.graph.mark_output(renamed_[at(id)]);
    return std::move(result_);
  }

 private:
  std::vector<bool> needed() const {
    std::vector<bool> marks(source_.nodes().size(), false);
    for (const NodeId id : source_.outputs()) marks[at(id)] = true;
    for (NodeId id = source_.size(); id-- > 0;) {
      if (!marks[at(id)]) continue;
      for (const NodeId from : source_.node(id).inputs) marks[at(from)] = true;
    }
    return marks;
  }

  /// The one needed node that reads tensor `id`, if nothing else (an output included) wants that
  /// tensor.
  std::optional<NodeId> sole_reader(NodeId id) const {
    if (source_.is_output(id)) return std::nullopt;
    std::optional<NodeId> found;
    for (const NodeId reader : readers_[at(id)]) {
      if (!needed_[at(reader)]) continue;
      if (found) return std::nullopt;
      found = reader;
    }
    return found;
  }

  /// True when only dense layers read the tensor, so that its shape does not matter.
  bool feeds_dense_only(NodeId id) const {
    if (source_.is_output(id)) return false;
    return std::ranges::all_of(readers_[at(id)], [&](NodeId reader) {
      const Op& op = source_.node(reader).op;
      if (!needed_[at(reader)] || std::holds_alternative<Dense>(op)) return true;
      const bool passes =
          std::holds_alternative<Dropout>(op) || std::holds_alternative<Flatten>(op);
      return passes && feeds_dense_only(reader);
    });
  }

  void deploy(NodeId id) {
    const Node& node = source_.node(id);
    const NodeId first = node.inputs.empty() ? -1 : renamed_[at(node.inputs[0])];
    const Shape in = node.inputs.empty() ? Shape{} : source_.shape(node.inputs[0]);
    if (std::holds_alternative<Dropout>(node.op)) {
      renamed_[at(id)] = first;
    } else if (std::holds_alternative<Flatten>(node.op) &&
               (result_.graph.shape(first) == node.output || feeds_dense_only(id))) {
      renamed_[at(id)] = first;
    } else if (const auto* pool = std::get_if<GlobalPool>(&node.op)) {
      const Extent whole{in.height, in.width};
      renamed_[at(id)] =
          emit(Pool2D{.kind = pool->kind, .window = whole, .stride = whole}, {first}, {});
    } else if (std::holds_alternative<Add>(node.op)) {
      deploy_add(id);
    } else if (const auto* norm = std::get_if<BatchNorm>(&node.op)) {
      NodeWeights unit;
      if (weights_ != nullptr) {
        unit.kernel.assign(static_cast<std::size_t>(in.channels), 1.0F);
        fold_batch_norm(*norm, (*weights_)[at(id)], true, unit);
      }
      deploy_affine(id, DepthwiseConv2D{}, std::move(unit));
    } else if (is_affine(node.op)) {
      NodeWeights own;
      if (weights_ != nullptr) {
        own = (*weights_)[at(id)];
        own.bias.resize(static_cast<std::size_t>(node.output.channels), 0.0F);
      }
      deploy_affine(id, node.op, std::move(own));
    } else {
      std::vector<NodeId> inputs;
      for (const NodeId from : node.inputs) inputs.push_back(renamed_[at(from)]);
      renamed_[at(id)] = emit(node.op, std::move(inputs), {});
    }
  }

  /// Emits an affine operator together with what can be folded of the nodes behind it.
  void deploy_affine(NodeId id, Op op, NodeWeights folded) {
    set_bias(op);
    NodeId last = id;
    while (const auto reader = sole_reader(last)) {
      const Op& next = source_.node(*reader).op;
      const bool linear = fused_activation(op) == Activation::kNone;
      if (const auto* norm = std::get_if<BatchNorm>(&next); norm != nullptr && linear) {
        if (weights_ != nullptr) {
          const bool depthwise = std::holds_alternative<DepthwiseConv2D>(op);
          fold_batch_norm(*norm, (*weights_)[at(*reader)], depthwise, folded);
        }
      } else if (!fuse_activation(op, next) && !std::holds_alternative<Dropout>(next)) {
        break;
      }
      last = *reader;
    }
    const NodeId input = renamed_[at(source_.node(id).inputs[0])];
    finish(id, last, emit(std::move(op), {input}, std::move(folded)));
  }

  void deploy_add(NodeId id) {
    const Node& node = source_.node(id);
    Op last_op = node.op;
    NodeId last = id;
    while (const auto reader = sole_reader(last)) {
      const Op& next = source_.node(*reader).op;
      if (!fuse_activation(last_op, next) && !std::holds_alternative<Dropout>(next)) break;
      last = *reader;
    }
    NodeId sum = renamed_[at(node.inputs[0])];
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      const bool final_term = i + 1 == node.inputs.size();
      sum = emit(final_term ? last_op : Op(Add{}), {sum, renamed_[at(node.inputs[i])]}, {});
    }
    finish(id, last, sum);
  }

  static bool fuse_activation(Op& op, const Op& next) {
    const auto* activate = std::get_if<Activate>(&next);
    if (activate == nullptr || !can_fuse_activation(op)) return false;
    if (fused_activation(op) != Activation::kNone) return false;
    set_activation(op, activate->function);
    return true;
  }

  /// All tensors between `id` and `last` have become the one tensor `made`.
  void finish(NodeId id, NodeId last, NodeId made) {
    for (NodeId node = id;; node = *sole_reader(node)) {
      renamed_[at(node)] = made;
      if (node == last) return;
    }
  }

  NodeId emit(Op op, std::vector<NodeId> inputs, NodeWeights weights) {
    if (weights_ != nullptr) result_.weights.push_back(std::move(weights));
    return result_.graph.add(std::move(op), std::move(inputs));
  }

  const Graph& source_;
  const Weights* weights_;
  std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> needed_;
  std::vector<NodeId> renamed_;  // by source id; -1 until deployed
  Model result_;
};

}  // namespace

Graph deployed(const Graph& training) { return Deployment(training, nullptr).run().graph; }

Model deployed(const Model& training) {
  check_weights(training.graph, training.weights);
  return Deployment(training.graph, &training.weights).run();
}

}  // namespace thimble
