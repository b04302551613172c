#include "network_file.hpp"

#include "thimble/core/file.hpp"
#include "thimble/core/json.hpp"

namespace thimble {
namespace {

/// Float arrays one behind another, each known by its first place and its length.
class Arrays {
 public:
  Json add(std::span<const float> values) {
    const std::size_t begin = bytes_.size() / sizeof(float);
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return Json::array({begin, values.size()});
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

Json pair(Extent extent) { return Json::array({extent.height, extent.width}); }

/// Pixels of padding: top, bottom, left, right.
Json padding(Shape in, Shape out, Extent kernel, Extent stride, Extent dilation, Padding how) {
  const auto along = [&](int input, int output, int window, int step, int spread) {
    const int before = padding_before(input, window, step, spread, how);
    const int reach = (output - 1) * step + (window - 1) * spread + 1;
    return std::pair(before, std::max(0, reach - input - before));
  };
  const auto [top, bottom] =
      along(in.height, out.height, kernel.height, stride.height, dilation.height);
  const auto [left, right] = along(in.width, out.width, kernel.width, stride.width, dilation.width);
  return {top, bottom, left, right};
}

struct Settings {
  Shape in;
  Shape out;

  template <class Op>
  Json window(const Op& op) const {
    return {{"kernel", pair(op.kernel)},
            {"stride", pair(op.stride)},
            {"dilation", pair(op.dilation)},
            {"padding", padding(in, out, op.kernel, op.stride, op.dilation, op.padding)},
            {"bias", op.bias}};
  }
  Json operator()(const Conv2D& op) const { return window(op); }
  Json operator()(const DepthwiseConv2D& op) const { return window(op); }
  Json operator()(const Dense& op) const { return {{"bias", op.bias}}; }
  Json operator()(const Pool2D& op) const {
    return {{"kernel", pair(op.window)},
            {"stride", pair(op.stride)},
            {"padding", padding(in, out, op.window, op.stride, {}, op.padding)}};
  }
  Json operator()(const Pad& op) const {
    return {{"padding", {op.top, op.bottom, op.left, op.right}}};
  }
  Json operator()(const BatchNorm& op) const { return {{"epsilon", op.epsilon}}; }
  Json operator()(const GlobalPool& op) const {
    return {{"average", op.kind == PoolKind::kAverage}};
  }
  template <class Op>
  Json operator()(const Op&) const {
    return Json::object();
  }
};

Json describe_node(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const Shape in = node.inputs.empty() ? node.output : graph.shape(node.inputs[0]);
  Json json = std::visit(Settings{in, node.output}, node.op);
  json["op"] = op_name(node.op);
  json["inputs"] = node.inputs;
  json["shape"] = {node.output.height, node.output.width, node.output.channels};
  Activation activation = fused_activation(node.op);
  if (const auto* alone = std::get_if<Activate>(&node.op)) activation = alone->function;
  constexpr const char* kNames[] = {"none", "relu", "relu6"};
  json["activation"] = kNames[static_cast<int>(activation)];
  return json;
}

Json add_numbers(const Weights& weights, Arrays& arrays) {
  Json all = Json::array();
  for (const NodeWeights& node : weights) {
    Json json = Json::object();
    const auto add = [&](const char* name, const std::vector<float>& values) {
      if (!values.empty()) json[name] = arrays.add(values);
    };
    add("kernel", node.kernel);
    add("bias", node.bias);
    add("gamma", node.gamma);
    add("beta", node.beta);
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace

void write_network_file(const SuiteNetwork& network, const std::filesystem::path& folder) {
  constexpr const char* kLosses[] = {"cross-entropy", "binary cross-entropy", "squared error"};
  TrainingJob job(network);
  Arrays arrays;
  Json json{{"name", network.name},
            {"loss", kLosses[static_cast<int>(network.loss)]},
            {"macs", macs_of(network.graph)},
            {"batch", kSuiteBatch},
            {"output", network.graph.output()}};
  for (NodeId id = 0; id < network.graph.size(); ++id) {
    json["nodes"].push_back(describe_node(network.graph, id));
  }
  json["samples"] = arrays.add(job.samples());
  json["targets"] = arrays.add(job.targets());
  json["weights"] = add_numbers(job.engine().weights(), arrays);
  json["first_loss"] = job.step();
  json["gradients"] = add_numbers(job.engine().gradients(), arrays);
  write_file(folder / (network.name + ".bin"), arrays.bytes());
  write_file(folder / (network.name + ".json"), json.dump());
}

}  // namespace thimble
