#include "check.hpp"

#include <algorithm>

#include "thimble/core/error.hpp"

namespace thimble::tflite {
namespace {

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

}  // namespace thimble::tflite
