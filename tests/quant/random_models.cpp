#include "quant/random_models.hpp"

#include <algorithm>
#include <cmath>

#include "thimble/quant/scales.hpp"

namespace thimble {
namespace {

int pick(Rng& rng, int low, int high) { return static_cast<int>(rng.uniform_int(low, high)); }

Shape random_shape(Rng& rng) { return {pick(rng, 1, 9), pick(rng, 1, 9), pick(rng, 1, 17)}; }

Activation random_activation(Rng& rng) { return static_cast<Activation>(pick(rng, 0, 2)); }

Padding random_padding(Rng& rng) { return rng.chance(0.5) ? Padding::kSame : Padding::kValid; }

/// Fits a VALID window into the image.
template <class Op>
Op random_window(Op op, Extent Op::*kernel, Shape in, Rng& rng) {
  op.padding = random_padding(rng);
  op.stride = {pick(rng, 1, 3), pick(rng, 1, 3)};
  (op.*kernel) = {pick(rng, 1, 5), pick(rng, 1, 5)};
  Extent dilation;
  if constexpr (requires { op.dilation; }) {
    if (rng.chance(0.3)) op.dilation = {pick(rng, 1, 3), pick(rng, 1, 3)};
    dilation = op.dilation;
  }
  if (op.padding == Padding::kValid) {
    (op.*kernel).height = std::min((op.*kernel).height, (in.height - 1) / dilation.height + 1);
    (op.*kernel).width = std::min((op.*kernel).width, (in.width - 1) / dilation.width + 1);
  }
  return op;
}

Conv2D random_convolution(Shape in, Rng& rng) {
  return random_window(Conv2D{.filters = pick(rng, 1, 15), .activation = random_activation(rng)},
                       &Conv2D::kernel, in, rng);
}

DepthwiseConv2D random_depthwise(Shape in, Rng& rng) {
  return random_window(
      DepthwiseConv2D{.multiplier = pick(rng, 1, 3), .activation = random_activation(rng)},
      &DepthwiseConv2D::kernel, in, rng);
}

Pool2D random_pool(Shape in, PoolKind kind, Rng& rng) {
  return random_window(Pool2D{.kind = kind}, &Pool2D::window, in, rng);
}

bool keeps_params(const Op& op) {
  const auto* activate = std::get_if<Activate>(&op);
  return std::holds_alternative<Pool2D>(op) || std::holds_alternative<Pad>(op) ||
         std::holds_alternative<Flatten>(op) || std::holds_alternative<Concat>(op) ||
         std::holds_alternative<ResizeNearest>(op) ||
         (activate != nullptr && activate->function == Activation::kRelu6);
}

/// A factor of a product of this shape that is 1 long along some axes.
NodeId add_factor(Graph& graph, NodeId in, Rng& rng) {
  const Shape shape = graph.shape(in);
  const Conv2D conv{
      .filters = rng.chance(0.3) ? 1 : shape.channels,
      .kernel = {rng.chance(0.4) ? shape.height : 1, rng.chance(0.4) ? shape.width : 1}};
  return graph.add(conv, {in});
}

ResizeNearest random_resizing(Rng& rng) {
  const int rule = pick(rng, 0, 2);
  return {.size = {pick(rng, 1, 20), pick(rng, 1, 20)},
          .align_corners = rule == 1,
          .half_pixel_centers = rule == 2};
}

float power(Rng& rng, double low, double high) {
  return static_cast<float>(std::exp2(rng.uniform(low, high)));
}

QuantizedWeights random_kernel(const Graph& graph, NodeId id, Rng& rng) {
  const ParameterCount count = parameter_count(graph, id);
  QuantizedWeights weights;
  if (count.kernel == 0) return weights;
  weights.kernel = random_bytes(rng, count.kernel);
  std::ranges::replace(weights.kernel, std::int8_t{-128}, std::int8_t{-127});
  if (weight_type(graph.node(id).op) == WeightType::kInt4) {
    for (std::int8_t& weight : weights.kernel) weight = static_cast<std::int8_t>(weight >> 4);
  }
  const bool dense = std::holds_alternative<Dense>(graph.node(id).op);
  const int channels = dense ? 1 : graph.shape(id).channels;
  for (int c = 0; c < channels; ++c) weights.kernel_scales.push_back(power(rng, -9, -4));
  const double reach = std::exp2(rng.uniform(0, 20));
  for (std::int64_t i = 0; i < count.bias; ++i) {
    weights.bias.push_back(static_cast<std::int32_t>(rng.uniform(-reach, reach)));
  }
  return weights;
}

QuantParams output_params(const QuantizedModel& model, NodeId id, Rng& rng) {
  const Node& node = model.graph.node(id);
  QuantParams result{.scale = power(rng, -8, 1), .zero_point = pick(rng, -128, 127)};
  if (node.inputs.empty()) return result;
  const float in_scale = model.activations[at(node.inputs[0])].scale;
  const QuantizedWeights& weights = model.weights[at(id)];
  if (std::holds_alternative<Softmax>(node.op)) return kSoftmaxParams;
  if (const auto* apply = std::get_if<Apply>(&node.op)) {
    if (apply->function == Function::kLogistic) return kSoftmaxParams;
    if (apply->function == Function::kTanh) return kTanhParams;
  }
  if (keeps_params(node.op)) return model.activations[at(node.inputs[0])];
  if (!weights.kernel.empty()) {
    const double terms = static_cast<double>(weights.kernel.size()) / node.output.channels;
    const double spread = in_scale * weights.kernel_scales[0] * 80 * std::sqrt(terms);
    result.scale = static_cast<float>(spread) * power(rng, -4, 4);
  } else if (std::holds_alternative<Mul>(node.op)) {
    const float other_scale = model.activations[at(node.inputs[1])].scale;
    result.scale = in_scale * other_scale * power(rng, 2, 10);
  } else {
    result.scale = in_scale * power(rng, -3, 3);
  }
  return result;
}

}  // namespace

std::vector<std::int8_t> random_bytes(Rng& rng, std::int64_t count) {
  std::vector<std::int8_t> bytes(static_cast<std::size_t>(count));
  for (std::int8_t& byte : bytes) {
    byte = static_cast<std::int8_t>(rng.chance(0.1) ? (rng.chance(0.5) ? 127 : -128)
                                                    : pick(rng, -128, 127));
  }
  return bytes;
}

QuantizedModel random_integers(const Graph& graph, Rng& rng) {
  QuantizedModel model{.graph = graph, .activations = {}, .weights = {}};
  for (NodeId id = 0; id < graph.size(); ++id) {
    model.weights.push_back(random_kernel(graph, id, rng));
    model.activations.push_back(output_params(model, id, rng));
    // A concatenation's inputs take its parameters; the random graphs let nothing but those inputs'
    // own kernels see them.
    if (!std::holds_alternative<Concat>(graph.node(id).op)) continue;
    for (const NodeId from : graph.node(id).inputs)
      model.activations[at(from)] = model.activations[at(id)];
  }
  return model;
}

Graph random_layer(int kind, Rng& rng) {
  Graph graph;
  const Shape shape = random_shape(rng);
  const NodeId in = graph.input(shape);
  switch (kind) {
    case 0:
      graph.add(random_convolution(shape, rng), {in});
      break;
    case 1:
      graph.add(random_depthwise(shape, rng), {in});
      break;
    case 2:
      graph.add(Dense{.units = pick(rng, 1, 20), .activation = random_activation(rng)}, {in});
      break;
    case 3:
      graph.add(random_pool(shape, PoolKind::kMax, rng), {in});
      break;
    case 4:
      graph.add(random_pool(shape, PoolKind::kAverage, rng), {in});
      break;
    case 5: {
      const NodeId other = graph.add(Conv2D{.filters = shape.channels}, {in});
      graph.add(Add{random_activation(rng)}, {in, other});
      break;
    }
    case 6: {
      const NodeId left = graph.add(Conv2D{.filters = pick(rng, 1, 7)}, {in});
      const NodeId right = graph.add(Conv2D{.filters = pick(rng, 1, 7)}, {in});
      const NodeId last = graph.add(Conv2D{.filters = pick(rng, 1, 7)}, {in});
      graph.add(Concat{}, {left, right, last});
      break;
    }
    case 7:
      graph.add(Pad{pick(rng, 0, 3), pick(rng, 0, 3), pick(rng, 0, 3), pick(rng, 0, 3)}, {in});
      break;
    case 8:
      graph.add(Activate{Activation::kRelu}, {in});
      break;
    case 9:
      graph.add(Activate{Activation::kRelu6}, {in});
      break;
    case 10:
      graph.add(Flatten{}, {in});
      break;
    case 11:
      graph.add(Mean{}, {in});
      break;
    case 12: {
      const NodeId first = rng.chance(0.5) ? in : add_factor(graph, in, rng);
      const NodeId second = rng.chance(0.2) ? in : add_factor(graph, in, rng);
      graph.add(Mul{random_activation(rng)}, {first, second});
      break;
    }
    case 13:
      graph.add(random_resizing(rng), {in});
      break;
    case 17: {
      Conv2D conv = random_convolution(shape, rng);
      conv.weights = WeightType::kInt4;
      graph.add(conv, {in});
      break;
    }
    case 18: {
      DepthwiseConv2D conv = random_depthwise(shape, rng);
      conv.weights = WeightType::kInt4;
      graph.add(conv, {in});
      break;
    }
    case 19:
      graph.add(Dense{.units = pick(rng, 1, 20), .weights = WeightType::kInt4}, {in});
      break;
    case 14:
      graph.add(Apply{Function::kLogistic}, {in});
      break;
    case 15:
      graph.add(Apply{Function::kTanh}, {in});
      break;
    case 16:
      graph.add(Apply{Function::kHardSwish}, {in});
      break;
    default:
      graph.add(Softmax{}, {in});
  }
  return graph;
}

Graph random_network(Rng& rng) {
  Graph graph;
  const int side = pick(rng, 6, 14);
  NodeId last = graph.input({side, side, pick(rng, 1, 3)});
  const int blocks = pick(rng, 2, 4);
  for (int block = 0; block < blocks; ++block) {
    last = graph.add(random_convolution(graph.shape(last), rng), {last});
    const Shape shape = graph.shape(last);
    const int branch = pick(rng, 0, 3);
    if (branch == 0) {
      const NodeId side_way = graph.add(
          DepthwiseConv2D{
              .kernel = {3, 3}, .padding = Padding::kSame, .activation = random_activation(rng)},
          {last});
      last = graph.add(Add{random_activation(rng)}, {last, side_way});
    } else if (branch == 1) {
      const NodeId left = graph.add(Conv2D{.filters = pick(rng, 1, 9)}, {last});
      const NodeId right = graph.add(Conv2D{.filters = pick(rng, 1, 9)}, {last});
      last = graph.add(Concat{}, {left, right});
    } else if (branch == 2) {
      last = graph.add(
          random_pool(shape, rng.chance(0.5) ? PoolKind::kMax : PoolKind::kAverage, rng), {last});
    } else {
      last = graph.add(random_depthwise(shape, rng), {last});
    }
  }
  last = graph.add(Dense{.units = pick(rng, 2, 10)}, {last});
  graph.add(Softmax{}, {last});
  return graph;
}

Weights random_weights(const Graph& graph, Rng& rng) {
  Weights weights(graph.nodes().size());
  for (NodeId id = 0; id < graph.size(); ++id) {
    NodeWeights& node = weights[at(id)];
    const ParameterCount count = parameter_count(graph, id);
    const auto channels = static_cast<std::size_t>(graph.shape(id).channels);
    const double terms = static_cast<double>(count.kernel) / static_cast<double>(channels);
    for (std::int64_t i = 0; i < count.kernel; ++i) {
      node.kernel.push_back(static_cast<float>(rng.normal() / std::sqrt(terms)));
    }
    for (std::int64_t i = 0; i < count.bias; ++i) {
      node.bias.push_back(static_cast<float>(0.2 * rng.normal()));
    }
    if (!std::holds_alternative<BatchNorm>(graph.node(id).op)) continue;
    for (std::size_t c = 0; c < channels; ++c) {
      node.gamma.push_back(static_cast<float>(rng.uniform(0.5, 1.5)));
      node.beta.push_back(static_cast<float>(0.3 * rng.normal()));
      node.mean.push_back(static_cast<float>(0.3 * rng.normal()));
      node.variance.push_back(static_cast<float>(rng.uniform(0.3, 2)));
    }
  }
  return weights;
}

}  // namespace thimble
