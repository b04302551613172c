#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "plan.hpp"

namespace thimble::engine {

/// Turns a graph into a plan: the forward steps in the order of the nodes, the loss, and the
/// backward steps in the reverse order, which is all the autodiff that a directed acyclic graph
/// needs.
class Compiler {
 public:
  /// `layout` and `graph` must outlive the compiler; steps copy what they need.
  Compiler(const Graph& graph, const EngineOptions& options, const ParameterLayout& layout);

  /// Throws ModelError by the name of the operator that stands in the way.
  Plan compile() &&;

  // What operators build themselves with:

  const Graph& graph() const { return graph_; }
  const EngineOptions& options() const { return options_; }
  Plan& plan() { return plan_; }
  const ParameterPlace& parameters(NodeId id) const { return layout_.places[index(id)]; }

  /// The activation that the node applies: its own, or that of the Activate that is its only
  /// reader.
  Activation activation(NodeId id) const { return activations_[index(id)]; }
  /// Whether an Activate is computed by the node before it.
  bool absorbed(NodeId id) const { return absorbed_[index(id)]; }

  /// Whether one node reads what `id` computes, and nobody else.
  bool is_read_once(NodeId id) const {
    return consumers_[index(id)].size() == 1 && !graph_.is_output(id);
  }

  /// A tensor shaped like the node's.
  TensorId add_tensor(NodeId id);
  /// The same for numbers of half the bytes.
  TensorId add_half_tensor(NodeId id);
  /// What a node computes.
  TensorId value(NodeId id) const { return values_[index(id)]; }
  void set_value(NodeId id, TensorId tensor) { values_[index(id)] = tensor; }
  /// The node computes nothing: its value is that of its input.
  void set_alias(NodeId id);
  /// What input number i of a node holds.
  TensorId input(NodeId id, std::size_t i = 0) const { return value(graph_.node(id).inputs[i]); }

  /// How the node's gradient becomes its inputs' and its parameters'; called in the reverse order
  /// of the nodes, and only where a gradient is needed.
  void set_backward(NodeId id, std::function<void()> backward) {
    backward_[index(id)] = std::move(backward);
  }

  /// A node's value is cheap to make again: then it need not be kept until the backward pass, but
  /// `emit` adds the step that writes it to another tensor.
  void set_recompute(NodeId id, std::function<void(TensorId)> emit);
  /// What the node computed, for a backward step that is about to be added.
  TensorId value_again(NodeId id);

  /// Whether any parameter lies before the node.
  bool needs_gradient(NodeId id) const { return needs_gradient_[index(id)]; }
  /// The gradient of the loss by what the node computes. Complete when the node's backward is
  /// compiled.
  TensorId gradient(NodeId id) const { return gradients_[index(id)]; }
  /// Whether that tensor is no other node's gradient too, as those of an addition's inputs are one.
  bool owns_gradient(NodeId id) const;
  /// The same by what the node computes before its activation.
  TensorId gradient_before_activation(NodeId id);

  /// Where a backward step writes the gradient of `input`, and the sum of the other readers'
  /// gradients so far, which it must add (or kNoTensor).
  struct Contribution {
    TensorId addend;
    TensorId output;
  };
  Contribution contribute(NodeId input);
  /// The gradient of `input` is, or has as one of its terms, a tensor that is there already.
  void pass_gradient(NodeId input, TensorId gradient);

  void add_step(std::unique_ptr<Step> step, std::initializer_list<TensorId> uses, When when);
  /// The step after which the value of `id` is there.
  void add_forward(NodeId id, std::unique_ptr<Step> step, std::initializer_list<TensorId> uses,
                   When when = When::kAlways);

 private:
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }
  void mark_needed();
  void absorb_activations();
  void mark_gradients();

  const Graph& graph_;
  const EngineOptions& options_;
  const ParameterLayout& layout_;
  const std::vector<std::vector<NodeId>> consumers_;
  Plan plan_;
  std::vector<bool> needed_;
  std::vector<bool> absorbed_;
  std::vector<bool> needs_gradient_;
  std::vector<Activation> activations_;
  std::vector<TensorId> values_;
  std::vector<bool> alias_;
  std::vector<TensorId> gradients_;
  std::vector<std::function<void()>> backward_;
  struct Recompute {
    std::function<void(TensorId)> emit;
    TensorId tensor = kNoTensor;
    int segment = -1;  // where `tensor` was made
  };
  std::vector<Recompute> recompute_;
};

}  // namespace thimble::engine
