#include "compiler.hpp"

#include "operators.hpp"
#include "thimble/core/error.hpp"

namespace thimble::engine {

Compiler::Compiler(const Graph& graph, const EngineOptions& options, const ParameterLayout& layout)
    : graph_(graph),
      options_(options),
      layout_(layout),
      consumers_(graph.consumers()),
      plan_(options.batch, options.shards),
      needed_(graph.nodes().size(), false),
      absorbed_(graph.nodes().size(), false),
      needs_gradient_(graph.nodes().size(), false),
      values_(graph.nodes().size(), kNoTensor),
      alias_(graph.nodes().size(), false),
      gradients_(graph.nodes().size(), kNoTensor),
      backward_(graph.nodes().size()),
      recompute_(graph.nodes().size()) {
  if (graph.inputs().size() != 1) {
    raise<ModelError>("network: inputs = {}: training needs exactly one", graph.inputs().size());
  }
  mark_needed();
  absorb_activations();
  mark_gradients();
}

void Compiler::mark_needed() {
  needed_[index(graph_.output())] = true;
  for (NodeId id = graph_.size(); id-- > 0;) {
    if (!needed_[index(id)]) continue;
    for (const NodeId from : graph_.node(id).inputs) needed_[index(from)] = true;
  }
}

void Compiler::absorb_activations() {
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Op& op = graph_.node(id).op;
    const auto* alone = std::get_if<Activate>(&op);
    activations_.push_back(alone != nullptr ? alone->function : fused_activation(op));
    const bool carries = std::holds_alternative<Conv2D>(op) ||
                         std::holds_alternative<DepthwiseConv2D>(op) ||
                         std::holds_alternative<Dense>(op) || std::holds_alternative<Add>(op) ||
                         std::holds_alternative<BatchNorm>(op);
    if (!carries || activations_.back() != Activation::kNone || !is_read_once(id)) continue;
    const NodeId reader = consumers_[index(id)][0];
    if (const auto* activate = std::get_if<Activate>(&graph_.node(reader).op)) {
      activations_.back() = activate->function;
      absorbed_[index(reader)] = true;
    }
  }
}

void Compiler::mark_gradients() {
  for (NodeId id = 0; id < graph_.size(); ++id) {
    bool needs = layout_.places[index(id)].kernel >= 0 || layout_.places[index(id)].gamma >= 0;
    for (const NodeId from : graph_.node(id).inputs) needs = needs || needs_gradient_[index(from)];
    needs_gradient_[index(id)] = needs;
  }
}

Plan Compiler::compile() && {
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (!needed_[index(id)]) continue;
    plan_.set_owner(id);
    if (weight_type(graph_.node(id).op) != WeightType::kInt8) {
      raise<ModelError>("node {} {}: int4 weights cannot be trained", id,
                        op_name(graph_.node(id).op));
    }
    std::visit(
        [&](const auto& op) {
          if constexpr (requires { add_operator(*this, id, op); }) {
            add_operator(*this, id, op);
          } else {
            raise<ModelError>("node {} {}: there is no kernel to train it", id, op_name(op));
          }
        },
        graph_.node(id).op);
  }
  plan_.end_forward(value(graph_.output()));
  add_loss(*this, graph_.output());
  for (NodeId id = graph_.size(); id-- > 0;) {
    if (!needed_[index(id)] || !needs_gradient(id) || gradient(id) == kNoTensor) continue;
    plan_.set_owner(id);
    if (backward_[index(id)]) backward_[index(id)]();
  }
  plan_.place();
  return std::move(plan_);
}

TensorId Compiler::add_tensor(NodeId id) { return plan_.add_tensor(floats_of(graph_.shape(id))); }

TensorId Compiler::add_half_tensor(NodeId id) {
  return plan_.add_tensor(floats_of(graph_.shape(id)) / 2);
}

bool Compiler::owns_gradient(NodeId id) const {
  for (NodeId other = 0; other < graph_.size(); ++other) {
    if (other != id && !alias_[index(other)] && gradient(other) == gradient(id)) return false;
  }
  return true;
}

void Compiler::set_alias(NodeId id) {
  set_value(id, input(id));
  alias_[index(id)] = true;
}

void Compiler::set_recompute(NodeId id, std::function<void(TensorId)> emit) {
  recompute_[index(id)].emit = std::move(emit);
}

TensorId Compiler::value_again(NodeId id) {
  if (alias_[index(id)]) return value_again(graph_.node(id).inputs[0]);
  Recompute& recompute = recompute_[index(id)];
  if (!recompute.emit) return value(id);
  if (recompute.segment != plan_.segment()) {
    recompute.tensor = add_tensor(id);
    recompute.emit(recompute.tensor);
    recompute.segment = plan_.segment();
  }
  return recompute.tensor;
}

TensorId Compiler::gradient_before_activation(NodeId id) {
  if (activation(id) == Activation::kNone) return gradient(id);
  const TensorId result = add_tensor(id);
  add_activation_gradient(*this, activation(id), floats_of(graph_.shape(id)), value_again(id),
                          gradient(id), result);
  return result;
}

Compiler::Contribution Compiler::contribute(NodeId input) {
  TensorId& gradient = gradients_[index(input)];
  const Contribution contribution{gradient, add_tensor(input)};
  gradient = contribution.output;
  return contribution;
}

void Compiler::pass_gradient(NodeId input, TensorId gradient) {
  if (!needs_gradient(input)) return;
  if (this->gradient(input) == kNoTensor) {
    gradients_[index(input)] = gradient;
    return;
  }
  const auto [addend, output] = contribute(input);
  add_sum(*this, floats_of(graph_.shape(input)), addend, gradient, output);
}

void Compiler::add_step(std::unique_ptr<Step> step, std::initializer_list<TensorId> uses,
                        When when) {
  plan_.add_step(std::move(step), uses, when);
}

void Compiler::add_forward(NodeId id, std::unique_ptr<Step> step,
                           std::initializer_list<TensorId> uses, When when) {
  plan_.add_step(std::move(step), uses, when, id, value(id));
}

}  // namespace thimble::engine
