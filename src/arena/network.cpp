#include "thimble/arena/network.hpp"

#include <algorithm>
#include <variant>

#include "thimble/core/error.hpp"
#include "thimble/tflite/writer.hpp"

namespace thimble {
namespace {

constexpr std::string_view kNames[kTflmKernels] = {"CONV_2D",
                                                   "DEPTHWISE_CONV_2D",
                                                   "FULLY_CONNECTED",
                                                   "MAX_POOL_2D",
                                                   "AVERAGE_POOL_2D",
                                                   "ADD",
                                                   "CONCATENATION",
                                                   "PAD",
                                                   "RELU",
                                                   "RELU6",
                                                   "RESHAPE",
                                                   "SOFTMAX",
                                                   "MEAN",
                                                   "MUL",
                                                   "RESIZE_NEAREST_NEIGHBOR",
                                                   "LOGISTIC",
                                                   "TANH",
                                                   "HARD_SWISH"};

class NetworkOfGraph {
 public:
  explicit NetworkOfGraph(const Graph& graph) : graph_(graph), flat_(flat_tensors(graph)) {}

  ArenaNetwork run() && {
    network_.tensors.reserve(3 * graph_.nodes().size());
    network_.operators.reserve(graph_.nodes().size());
    network_.operands.reserve(4 * graph_.nodes().size());
    for (const Node& node : graph_.nodes()) {
      network_.tensors.push_back({.size = Bytes(node.output.elements()), .scales = 1});
    }
    for (NodeId id = 0; id < graph_.size(); ++id) {
      id_ = id;
      if (!graph_.node(id).inputs.empty()) add_operator();
    }
    network_.inputs = graph_.inputs();
    network_.outputs = graph_.outputs();
    return std::move(network_);
  }

 private:
  const Node& node() const { return graph_.node(id_); }

  void add_operator() {
    const std::optional<TflmKernel> kernel = find_kernel(op_name(node().op));
    if (!kernel) refuse();
    const NodeId input = node().inputs[0];
    ArenaOperator op{.kernel = *kernel,
                     .geometry = {.input = graph_.shape(input),
                                  .output = node().output,
                                  .weights = weight_type(node().op),
                                  .input_axes = flat_[at(input)] ? 2 : 4,
                                  .output_axes = flat_[at(id_)] ? 2 : 4},
                     .first_input = static_cast<int>(network_.operands.size()),
                     .output = id_};
    for (const NodeId operand : node().inputs) network_.operands.push_back(operand);
    std::visit([&](const auto& kind) { describe(op, kind); }, node().op);
    op.inputs = static_cast<int>(network_.operands.size()) - op.first_input;
    network_.operators.push_back(op);
  }

  void add_constant(int scales) {
    network_.operands.push_back(static_cast<std::int32_t>(network_.tensors.size()));
    network_.tensors.push_back({.constant = true, .scales = scales});
  }

  /// What the operator reads beside tensors that are computed, and its window.
  void describe(ArenaOperator& op, const Conv2D& conv) {
    add_window(op, conv.kernel, conv.stride, conv.dilation, conv.padding);
    add_constant(op.geometry.output.channels);
    add_constant(0);
  }
  void describe(ArenaOperator& op, const DepthwiseConv2D& conv) {
    add_window(op, conv.kernel, conv.stride, conv.dilation, conv.padding);
    add_constant(op.geometry.output.channels);
    add_constant(0);
  }
  void describe(ArenaOperator&, const Dense&) {
    add_constant(1);
    add_constant(1);
  }
  void describe(ArenaOperator& op, const Pool2D& pool) {
    add_window(op, pool.window, pool.stride, {}, pool.padding);
  }
  void describe(ArenaOperator&, const Add&) {
    if (node().inputs.size() != 2) refuse();
  }
  void describe(ArenaOperator&, const Pad& pad) {
    add_numbers({0, 0, pad.top, pad.bottom, pad.left, pad.right, 0, 0});
  }
  void describe(ArenaOperator&, const Mean&) { add_numbers({1, 2}); }
  void describe(ArenaOperator&, const ResizeNearest& resize) {
    add_numbers({resize.size.height, resize.size.width});
  }
  void describe(ArenaOperator&, const auto&) {}

  /// Equal integers are one constant in the file.
  void add_numbers(std::vector<std::int32_t> numbers) {
    for (const auto& [known, tensor] : numbers_) {
      if (known == numbers) return network_.operands.push_back(tensor);
    }
    add_constant(0);
    numbers_.emplace_back(std::move(numbers), network_.operands.back());
  }

  static void add_window(ArenaOperator& op, Extent kernel, Extent stride, Extent dilation,
                         Padding padding) {
    ArenaGeometry& g = op.geometry;
    g.kernel = kernel;
    g.stride = stride;
    g.dilation = dilation;
    g.padding = {
        padding_before(g.input.height, kernel.height, stride.height, dilation.height, padding),
        padding_before(g.input.width, kernel.width, stride.width, dilation.width, padding)};
  }

  [[noreturn]] void refuse() const {
    raise<ModelError>("node {} {}: not an operator of TensorFlow Lite: deploy the graph first", id_,
                      op_name(node().op));
  }

  const Graph& graph_;
  const std::vector<bool> flat_;
  NodeId id_ = 0;  // of the node at hand
  ArenaNetwork network_;
  std::vector<std::pair<std::vector<std::int32_t>, std::int32_t>> numbers_;
};

}  // namespace

std::string_view kernel_name(TflmKernel kernel) { return kNames[static_cast<std::size_t>(kernel)]; }

std::optional<TflmKernel> find_kernel(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<TflmKernel>(found - std::begin(kNames));
}

ArenaNetwork arena_network(const Graph& deployed) { return NetworkOfGraph(deployed).run(); }

}  // namespace thimble
