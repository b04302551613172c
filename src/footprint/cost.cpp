#include "thimble/footprint/cost.hpp"

#include "thimble/graph/model.hpp"

namespace thimble {
namespace {

constexpr std::int64_t kBiasBytes = 4;

class OpCounter {
 public:
  OpCounter(const Graph& graph, NodeId id) : graph_(graph), node_(graph.node(id)) {
    const ParameterCount count = parameter_count(graph, id);
    cost_.node = id;
    cost_.params = count.kernel + count.bias;
    cost_.kernel = Bytes(kernel_bytes(graph, id));
    cost_.bias = Bytes(count.bias * kBiasBytes);
  }

  OpCost count() && {
    std::visit([this](const auto& op) { add(op); }, node_.op);
    return cost_;
  }

 private:
  // A kernel value is used once for each place of the output image.
  void add(const Conv2D&) { affine(node_.output.channels, image_size(node_.output)); }
  void add(const DepthwiseConv2D&) { affine(node_.output.channels, image_size(node_.output)); }
  void add(const Dense&) { affine(1, 1); }
  void add(const Pool2D& op) { pooling(op.window.height, op.window.width); }
  void add(const GlobalPool&) {
    const Shape in = graph_.shape(node_.inputs[0]);
    pooling(in.height, in.width);
  }
  void add(const Add&) {
    const auto terms = static_cast<std::int64_t>(node_.inputs.size());
    cost_.munas_work = Macs((terms - 1) * node_.output.elements());
  }
  template <class Free>
  void add(const Free&) {}

  static std::int64_t image_size(Shape shape) { return std::int64_t{shape.height} * shape.width; }

  void affine(std::int64_t scales, std::int64_t uses) {
    cost_.kernel_scales = scales;
    cost_.macs = Macs(parameter_count(graph_, cost_.node).kernel * uses);
    cost_.munas_work = cost_.macs;
  }

  void pooling(std::int64_t height, std::int64_t width) {
    cost_.munas_work = Macs(node_.output.elements() * height * width);
  }

  const Graph& graph_;
  const Node& node_;
  OpCost cost_;
};

}  // namespace

std::vector<OpCost> op_costs(const Graph& graph) {
  std::vector<OpCost> costs;
  for (NodeId id = 0; id < graph.size(); ++id) costs.push_back(OpCounter(graph, id).count());
  return costs;
}

OpCost total_cost(const Graph& graph) {
  OpCost total;
  for (const OpCost& cost : op_costs(graph)) {
    total.params += cost.params;
    total.kernel += cost.kernel;
    total.bias += cost.bias;
    total.kernel_scales += cost.kernel_scales;
    total.macs += cost.macs;
    total.munas_work += cost.munas_work;
  }
  return total;
}

}  // namespace thimble
