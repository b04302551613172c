#include "thimble/quant/quantise.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "thimble/core/error.hpp"
#include "thimble/quant/check.hpp"
#include "thimble/quant/shared_params.hpp"

namespace thimble {
namespace {

/// Biases and shifted accumulators keep to this, which leaves an int32 as much again for the sum.
constexpr double kLargestInteger = 0x1p30;
/// Keeps s_in · s_w a normal float however small the weights are.
constexpr float kSmallestKernelScale = 0x1p-60F;
/// Far more than a sane network needs, which is two or three.
constexpr int kMostRounds = 100;
constexpr double kLargestDifference = 255;  // of an int8 and a zero point
/// TFLM's hard swish multiplies s_in / 128 / s_out, which must stay below 1.
constexpr double kHardSwishInputs = 128;

/// The weights of one scale: those of an output channel, or all of a dense layer.
struct WeightGroup {
  float largest = 0;
  float largest_bias = 0;

  /// largest / limit, but large enough for the bias; 1 when there is nothing to scale.
  float scale(float input_scale, double limit) const {
    if (largest == 0 && largest_bias == 0) return 1;
    const double for_bias = double{largest_bias} / (double{input_scale} * kLargestInteger);
    const double scale = std::max(double{largest} / limit, for_bias);
    return std::max(static_cast<float>(scale), kSmallestKernelScale);
  }
};

std::int32_t quantised_bias(float bias, float input_scale, float kernel_scale) {
  const double q = std::round(double{bias} / (double{input_scale} * double{kernel_scale}));
  return static_cast<std::int32_t>(std::clamp(q, -kLargestInteger, kLargestInteger));
}

/// The kernel of one node seen by output channels: a depthwise kernel's lie side by side, others'
/// one after another.
class KernelView {
 public:
  KernelView(const Op& op, std::size_t weights, std::size_t channels)
      : depthwise_(std::holds_alternative<DepthwiseConv2D>(op)),
        per_tensor_(std::holds_alternative<Dense>(op)),
        channels_(channels),
        run_(weights / channels) {}

  std::size_t channel(std::size_t weight) const {
    return depthwise_ ? weight % channels_ : weight / run_;
  }
  std::size_t groups() const { return per_tensor_ ? 1 : channels_; }
  std::size_t group(std::size_t channel) const { return per_tensor_ ? 0 : channel; }

 private:
  bool depthwise_;
  bool per_tensor_;
  std::size_t channels_;
  std::size_t run_;
};

QuantizedWeights quantised_weights(const Op& op, const NodeWeights& weights, float input_scale) {
  QuantizedWeights result;
  if (weights.kernel.empty()) return result;
  const KernelView view(op, weights.kernel.size(), weights.bias.size());
  std::vector<WeightGroup> groups(view.groups());
  for (std::size_t i = 0; i < weights.kernel.size(); ++i) {
    float& largest = groups[view.group(view.channel(i))].largest;
    largest = std::max(largest, std::abs(weights.kernel[i]));
  }
  for (std::size_t c = 0; c < weights.bias.size(); ++c) {
    float& largest = groups[view.group(c)].largest_bias;
    largest = std::max(largest, std::abs(weights.bias[c]));
  }
  const double limit = weight_type(op) == WeightType::kInt4 ? 7 : 127;
  for (const WeightGroup& group : groups) {
    result.kernel_scales.push_back(group.scale(input_scale, limit));
  }
  for (std::size_t i = 0; i < weights.kernel.size(); ++i) {
    const float scale = result.kernel_scales[view.group(view.channel(i))];
    const double q = std::round(double{weights.kernel[i]} / double{scale});
    result.kernel.push_back(static_cast<std::int8_t>(std::clamp(q, -limit, limit)));
  }
  for (std::size_t c = 0; c < weights.bias.size(); ++c) {
    result.bias.push_back(
        quantised_bias(weights.bias[c], input_scale, result.kernel_scales[view.group(c)]));
  }
  return result;
}

/// The smallest output scale with which no accumulator, whatever the input, leaves int32 when it is
/// shifted left.
double smallest_scale(const Op& op, const QuantizedWeights& weights, float input_scale) {
  const KernelView view(op, weights.kernel.size(), weights.bias.size());
  std::vector<double> reach(weights.bias.size());
  for (std::size_t c = 0; c < reach.size(); ++c)
    reach[c] = 1 + std::abs(static_cast<double>(weights.bias[c]));
  for (std::size_t i = 0; i < weights.kernel.size(); ++i) {
    reach[view.channel(i)] += kLargestDifference * std::abs(static_cast<double>(weights.kernel[i]));
  }
  double largest = 0;
  for (std::size_t c = 0; c < reach.size(); ++c) {
    largest = std::max(largest, reach[c] * double{weights.kernel_scales[view.group(c)]});
  }
  return largest * double{input_scale} / kLargestInteger;
}

/// What int8 values can stand for, and half a step more: what is rounded to them.
Range range_of(QuantParams params) {
  return {.low = params.scale * (-128.5F - static_cast<float>(params.zero_point)),
          .high = params.scale * (127.5F - static_cast<float>(params.zero_point))};
}

class Quantiser {
 public:
  Quantiser(const Model& model, std::span<const Range> ranges, std::optional<QuantParams> input)
      : model_(model), leader_(shared_params(model.graph)) {
    check_weights(model.graph, model.weights);
    if (ranges.size() != model.graph.nodes().size()) {
      raise<ModelError>("ranges: of {} tensors: the network has {}", ranges.size(),
                        model.graph.size());
    }
    for (NodeId id = 0; id < model.graph.size(); ++id) check_node(id, ranges[at(id)]);
    choose_params(ranges, input);
  }

  QuantizedModel run() && {
    int rounds = 0;
    while (raise_scales()) {
      if (++rounds > kMostRounds) {
        raise<ModelError>("network: its integers ask for ever larger scales: int8 cannot hold it");
      }
    }
    QuantizedModel result{.graph = model_.graph, .activations = {}, .weights = {}};
    for (NodeId id = 0; id < model_.graph.size(); ++id) {
      result.activations.push_back(params(id));
      result.weights.push_back(weights(id));
    }
    check_quantized(result);
    return result;
  }

 private:
  const Op& op(NodeId id) const { return model_.graph.node(id).op; }
  QuantParams params(NodeId id) const { return params_[at(leader_[at(id)])]; }

  template <class... Args>
  [[noreturn]] void reject(NodeId id, fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("node {} {}: {}", id, op_name(op(id)),
                      fmt::format(text, std::forward<Args>(args)...));
  }

  void check_node(NodeId id, Range range) const {
    if (!(std::isfinite(range.low) && std::isfinite(range.high) && range.low <= range.high)) {
      reject(id, "range = {} … {}: must be finite and in order", range.low, range.high);
    }
    const NodeWeights& weights = model_.weights[at(id)];
    for (const auto* numbers : {&weights.kernel, &weights.bias}) {
      const auto bad = std::ranges::find_if_not(*numbers, [](float w) { return std::isfinite(w); });
      if (bad != numbers->end()) reject(id, "weight = {}: must be finite", *bad);
    }
    const ParameterCount count = parameter_count(model_.graph, id);
    if (count.kernel > 0 && count.bias == 0) reject(id, "has no bias: deploy the network first");
  }

  /// What the output of a node has, whatever its range.
  std::optional<FixedOutput> fixed_params(NodeId id, std::optional<QuantParams> input) const {
    if (input && std::holds_alternative<Input>(op(id))) {
      return FixedOutput{.params = *input, .values = range_of(*input)};
    }
    return fixed_output(op(id));
  }

  void choose_params(std::span<const Range> ranges, std::optional<QuantParams> input) {
    std::vector<Range> shared(ranges.size());  // around 0
    for (NodeId id = 0; id < model_.graph.size(); ++id) {
      Range& range = shared[at(leader_[at(id)])];
      range.low = std::min(range.low, ranges[at(id)].low);
      range.high = std::max(range.high, ranges[at(id)].high);
    }
    for (const Range& range : shared) params_.push_back(quant_params(range));
    fixed_.assign(ranges.size(), false);
    for (NodeId id = 0; id < model_.graph.size(); ++id) {
      const auto fixed = fixed_params(id, input);
      if (!fixed) continue;
      const NodeId leader = leader_[at(id)];
      const Range range = shared[at(leader)];
      if (range.low < fixed->values.low || range.high > fixed->values.high) {
        reject(id, "output shares its scale with values in {} … {}: it has {} … {}", range.low,
               range.high, fixed->values.low, fixed->values.high);
      }
      if (fixed_[at(leader)] && params_[at(leader)] != fixed->params) {
        reject(id, "output shares its scale with one that is fixed otherwise");
      }
      params_[at(leader)] = fixed->params;
      fixed_[at(leader)] = true;
    }
  }

  QuantizedWeights weights(NodeId id) const {
    const NodeWeights& weights = model_.weights[at(id)];
    if (weights.kernel.empty()) return {};
    return quantised_weights(op(id), weights, params(model_.graph.node(id).inputs[0]).scale);
  }

  /// What the integers of one operator ask of the scale of its output.
  double smallest_output_scale(NodeId id) const {
    const Node& node = model_.graph.node(id);
    if (!model_.weights[at(id)].kernel.empty()) {
      return smallest_scale(node.op, weights(id), params(node.inputs[0]).scale);
    }
    if (std::holds_alternative<Add>(node.op)) {
      double larger = 0;
      for (const NodeId from : node.inputs) larger = std::max(larger, double{params(from).scale});
      return std::ldexp(larger, 1 - kAddLeftShift);
    }
    const double input_scale = node.inputs.empty() ? 0 : double{params(node.inputs[0]).scale};
    if (std::holds_alternative<Activate>(node.op)) {
      return input_scale * kLargestDifference / kLargestInteger;
    }
    // The sum of n places is shifted to the left by at most twice s_in / s_out and divided by no
    // less than n / 2 places.
    if (std::holds_alternative<Mean>(node.op)) {
      return 4 * input_scale * kLargestDifference / kLargestInteger;
    }
    if (std::holds_alternative<Mul>(node.op)) {
      const double other_scale = double{params(node.inputs[1]).scale};
      return input_scale * other_scale * kLargestDifference * kLargestDifference / kLargestInteger;
    }
    if (const auto* apply = std::get_if<Apply>(&node.op);
        apply != nullptr && apply->function == Function::kHardSwish) {
      return input_scale / kHardSwishInputs;
    }
    return 0;
  }

  /// Raises the scales that are too small; true when there were any. A raised scale may ask for
  /// more further on, mostly by factors that are tiny, so that this comes to an end even where
  /// tensors share their scale in a circle.
  bool raise_scales() {
    bool raised = false;
    for (NodeId id = 0; id < model_.graph.size(); ++id) {
      QuantParams& output = params_[at(leader_[at(id)])];
      const double smallest = smallest_output_scale(id);
      if (double{output.scale} > smallest) continue;
      if (fixed_[at(leader_[at(id)])]) {
        reject(id, "output scale = {}: must be above {} for its sums", output.scale, smallest);
      }
      output.scale = static_cast<float>(smallest * 1.001);
      if (!std::isfinite(output.scale)) {
        reject(id, "output scale = {}: the network's numbers are too large for int8", output.scale);
      }
      raised = true;
    }
    return raised;
  }

  const Model& model_;
  std::vector<NodeId> leader_;
  std::vector<QuantParams> params_;  // by leader
  std::vector<bool> fixed_;  // by leader: a softmax's or a given input's: nothing may change it
};

}  // namespace

QuantizedModel quantise(const Model& deployed, std::span<const Range> ranges,
                        std::optional<QuantParams> input) {
  return Quantiser(deployed, ranges, input).run();
}

QuantizedModel quantise(const Model& deployed, std::span<const float> calibration_inputs,
                        const QuantiseOptions& options) {
  return quantise(deployed, calibrate(deployed, calibration_inputs, options.calibration),
                  options.input);
}

}  // namespace thimble
