#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "disjoint_sets.hpp"
#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"

namespace thimble::tflite {
namespace {

/// TensorFlow Lite Micro's CONCATENATION has fixed arrays of this length.
constexpr std::size_t kMaxConcatInputs = 10;

constexpr std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

/// Complains about one node.
class Place {
 public:
  Place(const Graph& graph, NodeId id) : graph_(graph), id_(id) {}

  template <class... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("node {} {}: {}", id_, op_name(graph_.node(id_).op),
                      fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  const Graph& graph_;
  NodeId id_;
};

bool copies_values(const Op& op) {
  if (const auto* activate = std::get_if<Activate>(&op)) {
    return activate->function == Activation::kRelu6;  // unlike RELU, its kernel does not rescale
  }
  return std::holds_alternative<Pool2D>(op) || std::holds_alternative<Pad>(op) ||
         std::holds_alternative<Flatten>(op) || std::holds_alternative<Concat>(op);
}

void check_weights_of(const QuantizedModel& model, NodeId id) {
  const Place place(model.graph, id);
  const Op& op = model.graph.node(id).op;
  const QuantizedWeights& weights = model.weights[at(id)];
  const ParameterCount count = parameter_count(model.graph, id);
  std::int64_t scales = 0;
  if (count.kernel > 0) scales = std::holds_alternative<Dense>(op) ? 1 : count.bias;

  const auto expect = [&](std::string_view what, std::size_t size, std::int64_t wanted) {
    if (std::cmp_not_equal(size, wanted))
      place.reject("{} = {} values: must be {}", what, size, wanted);
  };
  expect("kernel", weights.kernel.size(), count.kernel);
  expect("kernel scales", weights.kernel_scales.size(), scales);
  expect("bias", weights.bias.size(), count.bias);
  for (const float scale : weights.kernel_scales) {
    if (!(scale > 0 && std::isfinite(scale)))
      place.reject("kernel scale = {}: must be above 0", scale);
  }
}

void check_activation(const QuantizedModel& model, NodeId id, NodeId shares) {
  const Place place(model.graph, id);
  const QuantParams own = model.activations[at(id)];
  if (!(own.scale > 0 && std::isfinite(own.scale))) {
    place.reject("output scale = {}: must be above 0", own.scale);
  }
  if (own.zero_point < -128 || own.zero_point > 127) {
    place.reject("output zero point = {}: must be in [-128, 127]", own.zero_point);
  }
  if (const QuantParams other = model.activations[at(shares)]; own != other) {
    place.reject("output scale and zero point = {}, {}: must be those of node {}, {}, {}",
                 own.scale, own.zero_point, shares, other.scale, other.zero_point);
  }
  const Node& node = model.graph.node(id);
  if (std::holds_alternative<Softmax>(node.op) && own != QuantParams{1.0F / 256, -128}) {
    place.reject("output scale and zero point = {}, {}: must be 1/256, -128", own.scale,
                 own.zero_point);
  }
  if (std::holds_alternative<Add>(node.op)) {
    const float largest = std::max(model.activations[at(node.inputs[0])].scale,
                                   model.activations[at(node.inputs[1])].scale);
    // Otherwise the kernel's multiplier, 2·max/(2^20·scale), is not below 1.
    if (!(std::ldexp(double{largest}, -19) < double{own.scale})) {
      place.reject("output scale = {}: too small for inputs of scale {}", own.scale, largest);
    }
  }
}

}  // namespace

void check_graph(const Graph& graph) {
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Place place(graph, id);
    const Node& node = graph.node(id);
    if (std::holds_alternative<BatchNorm>(node.op) || std::holds_alternative<Dropout>(node.op) ||
        std::holds_alternative<GlobalPool>(node.op)) {
      place.reject("not an operator of TensorFlow Lite: deploy the graph first");
    }
    if (std::holds_alternative<Add>(node.op) && node.inputs.size() != 2) {
      place.reject("inputs = {}: must be 2; deploy the graph first", node.inputs.size());
    }
    if (std::holds_alternative<Concat>(node.op) && node.inputs.size() > kMaxConcatInputs) {
      place.reject("inputs = {}: TensorFlow Lite Micro takes at most {}", node.inputs.size(),
                   kMaxConcatInputs);
    }
    const bool without_bias = std::visit(
        [](const auto& op) {
          if constexpr (requires { op.bias; }) return !op.bias;
          return false;
        },
        node.op);
    if (without_bias) place.reject("bias = false: must have one; deploy the graph first");
  }
  if (std::ranges::all_of(graph.nodes(), [](const Node& node) { return node.inputs.empty(); })) {
    raise<ModelError>("network: operators = 0: needs at least one");
  }
}

std::vector<NodeId> shared_quantisation(const Graph& graph) {
  DisjointSets sets(graph.size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (!copies_values(node.op)) continue;
    for (const NodeId input : node.inputs) sets.join(input, id);
  }
  std::vector<NodeId> same;
  for (NodeId id = 0; id < graph.size(); ++id) same.push_back(sets.find(id));
  return same;
}

void check_numbers(const QuantizedModel& model) {
  const auto nodes = at(model.graph.size());
  if (model.activations.size() != nodes || model.weights.size() != nodes) {
    raise<ModelError>("network: scales = {}, weights = {}: must be {}, one for each node",
                      model.activations.size(), model.weights.size(), nodes);
  }
  const std::vector<NodeId> same = shared_quantisation(model.graph);
  for (NodeId id = 0; id < model.graph.size(); ++id) {
    check_weights_of(model, id);
    check_activation(model, id, same[at(id)]);
  }
}

}  // namespace thimble::tflite
