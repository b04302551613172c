#include "support/random_models.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"

namespace thimble::testing {
namespace {

constexpr std::int64_t kMaxElements = 2000;
constexpr int kMaxSoftmaxChannels =
    511;  // TensorFlow Lite Micro's sum of exponentials holds no more

int between(Rng& rng, int low, int high) { return static_cast<int>(rng.uniform_int(low, high)); }

Activation random_activation(Rng& rng) {
  constexpr Activation kAll[] = {Activation::kNone, Activation::kRelu, Activation::kRelu6};
  return kAll[rng.uniform_int(0, 2)];
}

Padding random_padding(Rng& rng) { return rng.chance(0.5) ? Padding::kSame : Padding::kValid; }

Extent random_extent(Rng& rng, int high) { return {between(rng, 1, high), between(rng, 1, high)}; }

/// Dilation without stride, or the other way round, as the kernels are used in practice; sometimes
/// neither.
void draw_window(Rng& rng, Extent& kernel, Extent& stride, Extent& dilation, Padding& padding) {
  kernel = random_extent(rng, rng.chance(0.2) ? 7 : 3);
  if (rng.chance(0.4))
    stride = random_extent(rng, 3);
  else if (rng.chance(0.3))
    dilation = random_extent(rng, 3);
  padding = random_padding(rng);
}

Function random_function(Rng& rng) {
  constexpr Function kAll[] = {Function::kLogistic, Function::kTanh, Function::kHardSwish};
  return kAll[rng.uniform_int(0, 2)];
}

ResizeNearest random_resizing(Rng& rng) {
  const int rule = between(rng, 0, 2);
  return {
      .size = random_extent(rng, 12), .align_corners = rule == 1, .half_pixel_centers = rule == 2};
}

class GraphBuilder {
 public:
  GraphBuilder(Rng& rng, Operators which) : rng_(rng), which_(which) {}

  Graph run(int operators) && {
    last_ = graph_.input({between(rng_, 1, 12), between(rng_, 1, 12), between(rng_, 1, 6)});
    for (int i = 0; i < operators; ++i) {
      while (!try_add()) {
      }
    }
    if (rng_.chance(0.5)) finish_as_classifier();
    join_loose_ends();
    return std::move(graph_);
  }

 private:
  /// Adds one random operator; false when the drawn one does not fit.
  bool try_add() {
    const NodeId from = rng_.chance(0.8) ? last_ : between(rng_, 0, graph_.size() - 1);
    if (which_ == Operators::kAll && rng_.chance(0.4)) return try_add_untrainable(from);
    switch (rng_.uniform_int(0, 11)) {
      case 0:
      case 1:
      case 2: {
        Conv2D conv{.filters = between(rng_, 1, 20),
                    .activation = random_activation(rng_),
                    .weights = random_weight_type()};
        draw_window(rng_, conv.kernel, conv.stride, conv.dilation, conv.padding);
        return append(conv, {from});
      }
      case 3:
      case 4: {
        DepthwiseConv2D conv{.multiplier = rng_.chance(0.7) ? 1 : between(rng_, 2, 4),
                             .activation = random_activation(rng_),
                             .weights = random_weight_type()};
        draw_window(rng_, conv.kernel, conv.stride, conv.dilation, conv.padding);
        return append(conv, {from});
      }
      case 5: {
        Pool2D pool{.kind = rng_.chance(0.5) ? PoolKind::kMax : PoolKind::kAverage,
                    .window = random_extent(rng_, 4),
                    .stride = random_extent(rng_, 3),
                    .padding = random_padding(rng_)};
        return append(pool, {from});
      }
      case 6:
        return append(
            Pad{between(rng_, 0, 2), between(rng_, 0, 2), between(rng_, 0, 2), between(rng_, 0, 2)},
            {from});
      case 7:
        return append(Activate{rng_.chance(0.5) ? Activation::kRelu : Activation::kRelu6}, {from});
      case 8:
        return append_sum(from);
      case 9:
        return append_concat(from);
      case 10:
        return rng_.chance(0.3) && append(Dense{.units = between(rng_, 1, 20),
                                                .activation = random_activation(rng_),
                                                .weights = random_weight_type()},
                                          {from});
      default:
        if (!rng_.chance(0.3)) return false;
        if (rng_.chance(0.7)) return append(Flatten{}, {from});
        return graph_.shape(from).channels <= kMaxSoftmaxChannels && append(Softmax{}, {from});
    }
  }

  WeightType random_weight_type() {
    const bool int4 = which_ == Operators::kAll && rng_.chance(0.2);
    return int4 ? WeightType::kInt4 : WeightType::kInt8;
  }

  bool try_add_untrainable(NodeId from) {
    switch (rng_.uniform_int(0, 5)) {
      case 0:
        return rng_.chance(0.3) && append(Mean{}, {from});
      case 1:
        return append_product(from);
      case 2:
        return append(random_resizing(rng_), {from});
      default:
        return append(Apply{random_function(rng_)}, {from});
    }
  }

  /// With a tensor of the same shape, or with a gate of one value a channel.
  bool append_product(NodeId from) {
    const Activation activation = random_activation(rng_);
    if (rng_.chance(0.5)) return append(Mul{activation}, {from, pick(all_alike(from))});
    if (!append(Mean{}, {from})) return false;
    const NodeId gate = last_;
    return append(Mul{activation},
                  rng_.chance(0.5) ? std::vector{from, gate} : std::vector{gate, from});
  }

  std::vector<NodeId> all_alike(NodeId from) const {
    std::vector<NodeId> alike;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (graph_.shape(id) == graph_.shape(from)) alike.push_back(id);
    }
    return alike;
  }

  bool append_sum(NodeId from) {
    return append(Add{random_activation(rng_)}, {from, pick(all_alike(from))});
  }

  bool append_concat(NodeId from) {
    std::vector<NodeId> alike;
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const Shape shape = graph_.shape(id);
      if (shape.height == graph_.shape(from).height && shape.width == graph_.shape(from).width) {
        alike.push_back(id);
      }
    }
    std::vector<NodeId> parts{from};
    for (int more = between(rng_, 1, 3); more > 0; --more) parts.push_back(pick(alike));
    return append(Concat{}, std::move(parts));
  }

  NodeId pick(const std::vector<NodeId>& from) {
    return from[static_cast<std::size_t>(between(rng_, 0, static_cast<int>(from.size()) - 1))];
  }

  bool append(Op op, std::vector<NodeId> inputs) {
    std::vector<Shape> shapes;
    for (const NodeId id : inputs) shapes.push_back(graph_.shape(id));
    try {
      if (infer_shape(op, shapes, "draw").elements() > kMaxElements) return false;
    } catch (const ModelError&) {
      return false;  // a VALID window larger than the image
    }
    last_ = graph_.add(std::move(op), std::move(inputs));
    return true;
  }

  void finish_as_classifier() {
    append(Dense{.units = between(rng_, 2, 12)}, {last_});
    append(Softmax{}, {last_});
  }

  /// Nothing may be computed in vain: what no node reads goes through a small dense layer into one
  /// sum.
  void join_loose_ends() {
    const auto readers = graph_.consumers();
    const NodeId count = graph_.size();
    const NodeId end = last_;
    for (NodeId id = 0; id < count; ++id) {
      if (!readers[at(id)].empty() || id == end) continue;
      if (graph_.shape(last_).elements() != graph_.shape(last_).channels) {
        last_ = graph_.add(Dense{.units = 4}, {last_});
      }
      const NodeId side = graph_.add(Dense{.units = graph_.shape(last_).channels}, {id});
      last_ = graph_.add(Add{}, {last_, side});
    }
  }

  Rng& rng_;
  const Operators which_;
  Graph graph_;
  NodeId last_ = 0;
};

/// The first node whose quantisation each tensor shares, found by repetition until nothing changes.
std::vector<NodeId> leaders(const Graph& graph) {
  std::vector<NodeId> leader(graph.nodes().size());
  std::iota(leader.begin(), leader.end(), 0);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < graph.size(); ++id) {
      const Node& node = graph.node(id);
      const auto* activate = std::get_if<Activate>(&node.op);
      const bool same =
          std::holds_alternative<Pool2D>(node.op) || std::holds_alternative<Pad>(node.op) ||
          std::holds_alternative<Flatten>(node.op) || std::holds_alternative<Concat>(node.op) ||
          std::holds_alternative<ResizeNearest>(node.op) ||
          (activate != nullptr && activate->function == Activation::kRelu6);
      if (!same) continue;
      NodeId low = leader[at(id)];
      for (const NodeId input : node.inputs) low = std::min(low, leader[at(input)]);
      const auto lower = [&](NodeId member) {
        changed |= leader[at(member)] != low;
        leader[at(member)] = low;
      };
      lower(id);
      for (const NodeId input : node.inputs) lower(input);
    }
  }
  return leader;
}

/// By leader: what TensorFlow Lite fixes for the output of one of its tensors. None where it fixes
/// two different ones.
std::optional<std::vector<std::optional<QuantParams>>> fixed_params(const Graph& graph) {
  const std::vector<NodeId> leader = leaders(graph);
  std::vector<std::optional<QuantParams>> fixed(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.node(id).op;
    const auto* apply = std::get_if<Apply>(&op);
    std::optional<QuantParams> wanted;
    if (std::holds_alternative<Softmax>(op)) wanted = QuantParams{1.0F / 256, -128};
    if (apply != nullptr && apply->function == Function::kLogistic)
      wanted = QuantParams{1.0F / 256, -128};
    if (apply != nullptr && apply->function == Function::kTanh) wanted = QuantParams{1.0F / 128, 0};
    if (!wanted) continue;
    auto& params = fixed[at(leader[at(id)])];
    if (params && params != wanted) return std::nullopt;
    params = wanted;
  }
  return fixed;
}

/// Of a node whose inputs' and own quantisation are set.
QuantizedWeights random_weights(Rng& rng, const QuantizedModel& model, NodeId id) {
  const Node& node = model.graph.node(id);
  const ParameterCount count = parameter_count(model.graph, id);
  QuantizedWeights weights;
  if (count.kernel == 0) return weights;
  const bool int4 = weight_type(node.op) == WeightType::kInt4;
  for (std::int64_t i = 0; i < count.kernel; ++i) {
    const auto weight = int4 ? rng.uniform_int(-8, 7) : rng.uniform_int(-127, 127);
    weights.kernel.push_back(static_cast<std::int8_t>(weight));
  }
  // Two uniform int8 have deviations of about 73, a sum of n products √n times that of one. One
  // deviation of the sum is to be about 50 steps of the output.
  const double fan_in = static_cast<double>(count.kernel) / static_cast<double>(count.bias);
  const double deviation = 73.0 * (int4 ? 4.6 : 73.0) * std::sqrt(fan_in);
  const double input_scale = model.activations[at(node.inputs[0])].scale;
  const double kernel_scale =
      50 * double{model.activations[at(id)].scale} / (input_scale * deviation);
  const std::int64_t scales = std::holds_alternative<Dense>(node.op) ? 1 : count.bias;
  for (std::int64_t i = 0; i < scales; ++i) {
    weights.kernel_scales.push_back(static_cast<float>(kernel_scale * rng.uniform(0.3, 3)));
  }
  for (std::int64_t i = 0; i < count.bias; ++i) {
    weights.bias.push_back(static_cast<std::int32_t>(deviation * rng.normal()));
  }
  return weights;
}

}  // namespace

Graph random_deployed_graph(Rng& rng, int operators, Operators which) {
  for (;;) {
    Graph graph = GraphBuilder(rng, which).run(operators);
    if (fixed_params(graph)) return graph;
  }
}

QuantizedModel random_quantized_model(Rng& rng, Graph graph) {
  const std::vector<NodeId> leader = leaders(graph);
  const auto fixed = fixed_params(graph).value();
  QuantizedModel model{std::move(graph), {}, {}};
  for (NodeId id = 0; id < model.graph.size(); ++id) {
    QuantParams params{static_cast<float>(0.02 * std::exp(0.7 * rng.normal())),
                       static_cast<std::int32_t>(rng.uniform_int(-128, 127))};
    if (fixed[at(leader[at(id)])]) {
      params = *fixed[at(leader[at(id)])];
    } else if (leader[at(id)] != id) {
      params = model.activations[at(leader[at(id)])];
    }
    model.activations.push_back(params);
    model.weights.push_back(random_weights(rng, model, id));
  }
  return model;
}

std::vector<std::int8_t> random_inputs(Rng& rng, const Graph& graph, int count) {
  std::vector<std::int8_t> values(
      static_cast<std::size_t>(graph.shape(graph.inputs().at(0)).elements() * count));
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(rng.uniform_int(-128, 127));
  return values;
}

}  // namespace thimble::testing
