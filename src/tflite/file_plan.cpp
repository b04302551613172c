#include "file_plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble::tflite {
namespace {

BuiltinOperator builtin_operator(const Op& op) {
  struct Coder {
    BuiltinOperator operator()(const Conv2D&) const { return BuiltinOperator::CONV_2D; }
    BuiltinOperator operator()(const DepthwiseConv2D&) const {
      return BuiltinOperator::DEPTHWISE_CONV_2D;
    }
    BuiltinOperator operator()(const Dense&) const { return BuiltinOperator::FULLY_CONNECTED; }
    BuiltinOperator operator()(const Pool2D& pool) const {
      return pool.kind == PoolKind::kMax ? BuiltinOperator::MAX_POOL_2D
                                         : BuiltinOperator::AVERAGE_POOL_2D;
    }
    BuiltinOperator operator()(const Add&) const { return BuiltinOperator::ADD; }
    BuiltinOperator operator()(const Concat&) const { return BuiltinOperator::CONCATENATION; }
    BuiltinOperator operator()(const Pad&) const { return BuiltinOperator::PAD; }
    BuiltinOperator operator()(const Activate& activate) const {
      return activate.function == Activation::kRelu6 ? BuiltinOperator::RELU6
                                                     : BuiltinOperator::RELU;
    }
    BuiltinOperator operator()(const Flatten&) const { return BuiltinOperator::RESHAPE; }
    BuiltinOperator operator()(const Softmax&) const { return BuiltinOperator::SOFTMAX; }
    BuiltinOperator operator()(const Mean&) const { return BuiltinOperator::MEAN; }
    BuiltinOperator operator()(const Mul&) const { return BuiltinOperator::MUL; }
    BuiltinOperator operator()(const ResizeNearest&) const {
      return BuiltinOperator::RESIZE_NEAREST_NEIGHBOR;
    }
    BuiltinOperator operator()(const Apply& apply) const {
      constexpr BuiltinOperator kCodes[] = {BuiltinOperator::LOGISTIC, BuiltinOperator::TANH,
                                            BuiltinOperator::HARD_SWISH};
      return kCodes[static_cast<std::size_t>(apply.function)];
    }
    BuiltinOperator operator()(const Input&) const { return unreachable(); }
    BuiltinOperator operator()(const GlobalPool&) const { return unreachable(); }
    BuiltinOperator operator()(const BatchNorm&) const { return unreachable(); }
    BuiltinOperator operator()(const Dropout&) const { return unreachable(); }
    static BuiltinOperator unreachable() {
      THIMBLE_ASSERT(false && "an operator of deployed graphs");
      return {};
    }
  };
  return std::visit(Coder{}, op);
}

class Planner {
 public:
  explicit Planner(const Graph& graph) : graph_(graph), list_ids_(InOrder{plan_.lists}) {}

  FilePlan run() && {
    const std::vector<bool> flat = flat_tensors(graph_);
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const auto [height, width, channels] = graph_.shape(id);
      const ListId shape = flat[at(id)] ? list({1, channels}) : list({1, height, width, channels});
      add_tensor(Content::kActivation, id, shape);
    }
    plan_.codes = codes_by_frequency();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!graph_.node(id).inputs.empty()) add_operator(id);
    }
    plan_.inputs = list(ListView(graph_.inputs()));
    plan_.outputs = list(ListView(graph_.outputs()));
    return std::move(plan_);
  }

 private:
  using ListView = std::span<const std::int32_t>;

  /// Of lists and their ids.
  struct InOrder {
    const std::vector<List>& lists;
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return std::ranges::lexicographical_compare(view(a), view(b));
    }
    ListView view(ListId id) const { return lists[id]; }
    static ListView view(ListView list) { return list; }
  };

  /// Equal lists are one.
  ListId list(ListView numbers) {
    if (const auto known = list_ids_.find(numbers); known != list_ids_.end()) return *known;
    plan_.lists.emplace_back(numbers.begin(), numbers.end());
    list_ids_.insert(plan_.lists.size() - 1);
    return plan_.lists.size() - 1;
  }
  ListId list(std::initializer_list<std::int32_t> numbers) {
    return list(ListView(numbers.begin(), numbers.size()));
  }

  std::int32_t add_tensor(Content content, NodeId node, ListId shape) {
    plan_.tensors.push_back({.content = content, .node = node, .shape = shape});
    return static_cast<std::int32_t>(plan_.tensors.size()) - 1;
  }

  std::vector<BuiltinOperator> codes_by_frequency() const {
    std::map<BuiltinOperator, int> uses;
    for (const Node& node : graph_.nodes()) {
      if (!node.inputs.empty()) ++uses[builtin_operator(node.op)];
    }
    std::vector<BuiltinOperator> codes;
    for (const auto& [code, count] : uses) codes.push_back(code);
    std::ranges::stable_sort(codes, std::greater{},
                             [&](BuiltinOperator code) { return uses.at(code); });
    return codes;
  }

  void add_operator(NodeId id) {
    const Node& node = graph_.node(id);
    List operands = node.inputs;
    const auto add_affine = [&](std::initializer_list<std::int32_t> kernel_shape) {
      operands.push_back(add_tensor(Content::kKernel, id, list(kernel_shape)));
      operands.push_back(add_tensor(Content::kBias, id, list({node.output.channels})));
    };
    const Shape in = graph_.shape(node.inputs[0]);
    const int out = node.output.channels;
    if (const auto* conv = std::get_if<Conv2D>(&node.op)) {
      add_affine({out, conv->kernel.height, conv->kernel.width, in.channels});
    } else if (const auto* depthwise = std::get_if<DepthwiseConv2D>(&node.op)) {
      add_affine({1, depthwise->kernel.height, depthwise->kernel.width, out});
    } else if (std::holds_alternative<Dense>(node.op)) {
      add_affine({out, static_cast<std::int32_t>(in.elements())});
    } else if (const auto* pad = std::get_if<Pad>(&node.op)) {
      operands.push_back(
          numbers({0, 0, pad->top, pad->bottom, pad->left, pad->right, 0, 0}, {4, 2}, id));
    } else if (std::holds_alternative<Mean>(node.op)) {
      operands.push_back(numbers({1, 2}, {2}, id));  // the axes of height and width
    } else if (const auto* resize = std::get_if<ResizeNearest>(&node.op)) {
      operands.push_back(numbers({resize->size.height, resize->size.width}, {2}, id));
    }
    const auto code = std::ranges::find(plan_.codes, builtin_operator(node.op));
    plan_.operators.push_back({.node = id,
                               .code = static_cast<std::uint32_t>(code - plan_.codes.begin()),
                               .inputs = list(operands),
                               .outputs = list({id})});
  }

  /// Equal numbers are one constant. Their lengths tell their shapes.
  std::int32_t numbers(List values, std::initializer_list<std::int32_t> shape, NodeId id) {
    const auto [known, is_new] = numbers_.try_emplace(values, 0);
    if (!is_new) return known->second;
    known->second = add_tensor(Content::kNumbers, id, list(shape));
    plan_.tensors.back().numbers = std::move(values);
    return known->second;
  }

  const Graph& graph_;
  FilePlan plan_;
  std::set<ListId, InOrder> list_ids_;    // of `plan_.lists`
  std::map<List, std::int32_t> numbers_;  // the tensor that holds them
};

}  // namespace

FilePlan plan_file(const Graph& graph) { return Planner(graph).run(); }

std::size_t constant_bytes(const Graph& graph, const TensorPlan& tensor) {
  const ParameterCount count = parameter_count(graph, tensor.node);
  switch (tensor.content) {
    case Content::kActivation:
      return 0;
    case Content::kKernel:
      return static_cast<std::size_t>(kernel_bytes(graph, tensor.node));
    case Content::kBias:
      return static_cast<std::size_t>(count.bias) * sizeof(std::int32_t);
    case Content::kNumbers:
      return tensor.numbers.size() * sizeof(std::int32_t);
  }
  return 0;
}

}  // namespace thimble::tflite
