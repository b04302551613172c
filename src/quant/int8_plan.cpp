#include "quant/int8_plan.hpp"

#include <algorithm>

#include "quant/int8_functions.hpp"
#include "thimble/core/error.hpp"

namespace thimble::int8 {
namespace {

/// Two int16 in one word, the first in the lower half.
std::int32_t word(std::int8_t first, std::int8_t second) {
  const auto low = static_cast<std::uint32_t>(static_cast<std::uint16_t>(first));
  const auto high = static_cast<std::uint32_t>(static_cast<std::uint16_t>(second));
  return static_cast<std::int32_t>(low | high << 16);
}

/// Widths of 6, and 4 or 2 for what is left: two blocks of 4 rather than 6 and 2.
std::vector<int> blocks_of(int channels) {
  std::vector<int> blocks;
  for (int left = channels; left > 0; left -= blocks.back()) {
    blocks.push_back(left == 4 || left == 8 ? 4 : std::min(left, kWidestBlock));
  }
  return blocks;
}

Convolution pack_convolution(const Window& window, std::span<const std::int8_t> kernel) {
  const int in_channels = window.in.channels;
  const int places = window.kernel.height * window.kernel.width;
  Convolution plan{.window = window, .blocks = blocks_of(2 * pairs(window.out.channels))};
  const auto weight = [&](int filter, int place, int channel) {
    if (filter >= window.out.channels || channel >= in_channels) return std::int8_t{0};
    return kernel[(static_cast<std::size_t>(filter) * static_cast<std::size_t>(places) +
                   static_cast<std::size_t>(place)) *
                      static_cast<std::size_t>(in_channels) +
                  static_cast<std::size_t>(channel)];
  };
  int first = 0;
  for (const int width : plan.blocks) {
    for (int place = 0; place < places; ++place) {
      for (int c = 0; c < in_channels; c += 2) {
        for (int f = first; f < first + width; ++f) {
          plan.weights.push_back(word(weight(f, place, c), weight(f, place, c + 1)));
        }
      }
    }
    first += width;
  }
  return plan;
}

class Planner {
 public:
  Planner(const QuantizedModel& model, NodeId id)
      : model_(model),
        node_(model.graph.node(id)),
        weights_(model.weights[at(id)]),
        out_(model.activations[at(id)]) {}

  Plan operator()(const Input&) const { return Source{}; }

  Plan operator()(const Conv2D& op) const {
    const Window window =
        Window::over(in_shape(), node_.output, op.kernel, op.stride, op.dilation, op.padding);
    Convolution plan = pack_convolution(window, weights_.kernel);
    plan.outputs = channel_outputs();
    plan.clamp = clamp(op.activation);
    return plan;
  }

  Plan operator()(const Dense& op) const {
    const Window window{
        .in = in_shape(), .out = node_.output, .kernel = {in_shape().height, in_shape().width}};
    Convolution plan = pack_convolution(window, weights_.kernel);
    const Rescaling rescaling(dense_multiplier(in().scale, weights_.kernel_scales[0], out_.scale));
    plan.outputs.resize(static_cast<std::size_t>(2 * pairs(op.units)));
    for (std::size_t c = 0; c < weights_.bias.size(); ++c)
      plan.outputs[c] = {weights_.bias[c], rescaling};
    plan.clamp = clamp(op.activation);
    return plan;
  }

  Plan operator()(const DepthwiseConv2D& op) const {
    const int channels = node_.output.channels;
    DepthwiseConvolution plan{.window = Window::over(in_shape(), node_.output, op.kernel, op.stride,
                                                     op.dilation, op.padding)};
    plan.outputs = channel_outputs();
    plan.clamp = clamp(op.activation);
    for (int o = 0; o < 2 * pairs(channels); ++o) {
      plan.inputs.push_back(std::min(o, channels - 1) / op.multiplier);
    }
    const int places = op.kernel.height * op.kernel.width;
    for (int first = 0; first < channels; first += 2) {
      for (int place = 0; place < places; ++place) {
        for (const int o : {first, first + 1}) {
          const std::int8_t weight =
              o < channels ? weights_.kernel[static_cast<std::size_t>(place * channels + o)]
                           : std::int8_t{0};
          const bool upper = plan.inputs[static_cast<std::size_t>(o)] % 2 == 1;
          plan.weights.push_back(upper ? word(0, weight) : word(weight, 0));
        }
      }
    }
    return plan;
  }

  Plan operator()(const Pool2D& op) const {
    return Pooling{.kind = op.kind,
                   .window = Window::over(in_shape(), node_.output, op.window, op.stride, Extent{},
                                          op.padding),
                   .zero_point = out_.zero_point};
  }

  Plan operator()(const Add& op) const {
    const AddMultipliers m = add_multipliers(in(0).scale, in(1).scale, out_.scale);
    return Addition{.first = Rescaling(m.first),
                    .second = Rescaling(m.second),
                    .output = Rescaling(m.output),
                    .clamp = clamp(op.activation)};
  }

  Plan operator()(const Activate& op) const {
    if (op.function == Activation::kRelu6) return Relu6{clamp(op.function)};
    const double ratio = double{in().scale} / double{out_.scale};
    return Relu{.rescaling = Rescaling(quantised_multiplier(ratio)), .clamp = clamp(op.function)};
  }

  Plan operator()(const Concat&) const {
    Concatenation plan;
    for (const NodeId id : node_.inputs) plan.inputs.push_back(model_.graph.shape(id));
    return plan;
  }

  Plan operator()(const Pad& op) const {
    return Padded{.amounts = op, .in = in_shape(), .out = node_.output};
  }
  Plan operator()(const Flatten&) const { return Reshaping{in_shape()}; }
  Plan operator()(const Softmax&) const {
    return SoftmaxPlan{.softmax = IntegerSoftmax(in().scale),
                       .shape = node_.output,
                       .in_zero_point = in().zero_point};
  }

  Plan operator()(const Mean&) const {
    const std::int64_t places = std::int64_t{in_shape().height} * in_shape().width;
    return Averaging{.in = in_shape(),
                     .rescaling = Rescaling(mean_multiplier(in().scale, out_.scale, places)),
                     .clamp = clamp(Activation::kNone)};
  }
  Plan operator()(const Mul& op) const {
    const Multiplier multiplier = product_multiplier(in(0).scale, in(1).scale, out_.scale);
    return Product{.first = in_shape(),
                   .second = model_.graph.shape(node_.inputs[1]),
                   .out = node_.output,
                   .rescaling = Rescaling(multiplier),
                   .clamp = clamp(op.activation)};
  }
  Plan operator()(const ResizeNearest& op) const {
    Resizing plan{.in = in_shape(), .rows = {}, .columns = {}};
    for (int y = 0; y < op.size.height; ++y) {
      plan.rows.push_back(nearest_place(op, y, in_shape().height, op.size.height));
    }
    for (int x = 0; x < op.size.width; ++x) {
      plan.columns.push_back(nearest_place(op, x, in_shape().width, op.size.width));
    }
    return plan;
  }
  Plan operator()(const Apply& op) const {
    Lookup plan{.values = {}, .in_zero_point = in().zero_point};
    const FunctionTable table = function_table(op.function, in(), out_);
    for (std::size_t q = 0; q < table.size(); ++q) {
      plan.values[q] = static_cast<std::int16_t>(table[q] - out_.zero_point);
    }
    return plan;
  }

  template <class Undeployed>
  Plan operator()(const Undeployed&) const {
    raise<ModelError>("{}: not an operator of a deployed network", op_name(node_.op));
  }

 private:
  QuantParams in(std::size_t i = 0) const { return model_.activations[at(node_.inputs[i])]; }
  Shape in_shape() const { return model_.graph.shape(node_.inputs[0]); }

  /// On values whose zero point is taken off.
  Clamp clamp(Activation activation) const {
    const Clamp whole = activation_clamp(activation, out_);
    return {.low = whole.low - out_.zero_point, .high = whole.high - out_.zero_point};
  }

  std::vector<ChannelOutput> channel_outputs() const {
    std::vector<ChannelOutput> outputs(static_cast<std::size_t>(2 * pairs(node_.output.channels)));
    for (std::size_t c = 0; c < weights_.bias.size(); ++c) {
      outputs[c] = {weights_.bias[c], Rescaling(convolution_multiplier(
                                          in().scale, weights_.kernel_scales[c], out_.scale))};
    }
    return outputs;
  }

  const QuantizedModel& model_;
  const Node& node_;
  const QuantizedWeights& weights_;
  QuantParams out_;
};

}  // namespace

Plan plan_node(const QuantizedModel& model, NodeId id) {
  return std::visit(Planner(model, id), model.graph.node(id).op);
}

}  // namespace thimble::int8
