#include "thimble/quant/check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "thimble/core/error.hpp"
#include "thimble/graph/model.hpp"
#include "thimble/quant/scales.hpp"
#include "thimble/quant/shared_params.hpp"

namespace thimble {
namespace {

constexpr int kMostSoftmaxChannels = 511;
constexpr std::int64_t kMostAveragedPlaces = 65536;
constexpr std::int64_t kMostMeanPlaces = std::int64_t{1} << 23;
constexpr int kLargestShift = 30;
constexpr int kInt16Bits = 15;  // without the sign: TFLM's hard swish shifts by no more

class Check {
 public:
  Check(const QuantizedModel& model, NodeId id)
      : model_(model), id_(id), node_(model.graph.node(id)), out_(model.activations[at(id)]) {}

  void run() const {
    if (!(std::isfinite(out_.scale) && out_.scale > 0)) {
      reject("scale = {}: must be positive and finite", out_.scale);
    }
    if (out_.zero_point < -128 || out_.zero_point > 127) {
      reject("zero point = {}: must be in [-128, 127]", out_.zero_point);
    }
    if (fused_activation(node_.op) == Activation::kRelu6) six_fits();
    const ParameterCount count = parameter_count(model_.graph, id_);
    const QuantizedWeights& weights = model_.weights[at(id_)];
    size("kernel", weights.kernel.size(), count.kernel);
    size("bias", weights.bias.size(), count.bias);
    if (moves_bytes(node_.op)) same_params();
    if (const auto fixed = fixed_output(node_.op); fixed && out_ != fixed->params) {
      reject("output: scale must be 1/{} and zero point {}", 1 / fixed->params.scale,
             fixed->params.zero_point);
    }
    std::visit([&](const auto& op) { inspect(op); }, node_.op);
  }

 private:
  template <class... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("node {} {}: {}", id_, op_name(node_.op),
                      fmt::format(text, std::forward<Args>(args)...));
  }

  QuantParams in(std::size_t i = 0) const { return model_.activations[at(node_.inputs[i])]; }

  void size(std::string_view name, std::size_t found, std::int64_t wanted) const {
    if (std::cmp_not_equal(found, wanted)) {
      reject("{} has {} numbers: needs {}", name, found, wanted);
    }
  }

  void six_fits() const {
    if (!(6.0F / out_.scale < 0x1p30F)) reject("scale = {}: too small for RELU6", out_.scale);
  }

  void multiplier(Multiplier value) const {
    if (value.shift > kLargestShift) {
      reject("output scale = {}: too small for its inputs' and kernel's", out_.scale);
    }
  }

  void same_params() const {
    for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
      if (in(i) == out_) continue;
      reject("input {}: scale {}, zero point {} must be the output's {}, {}", i, in(i).scale,
             in(i).zero_point, out_.scale, out_.zero_point);
    }
  }

  void affine(bool bias, std::int64_t scales, Multiplier (*combine)(float, float, float)) const {
    if (!bias) not_deployed();
    const QuantizedWeights& weights = model_.weights[at(id_)];
    if (weight_type(node_.op) == WeightType::kInt4) fits_int4(weights.kernel);
    size("kernel scales", weights.kernel_scales.size(), scales);
    for (const float scale : weights.kernel_scales) {
      if (!(std::isfinite(scale) && scale > 0)) {
        reject("kernel scale = {}: must be positive and finite", scale);
      }
      multiplier(combine(in().scale, scale, out_.scale));
    }
  }

  void fits_int4(const std::vector<std::int8_t>& kernel) const {
    const auto bad = std::ranges::find_if(kernel, [](int w) { return w < -8 || w > 7; });
    if (bad != kernel.end()) reject("weight = {}: int4 must be in [-8, 7]", *bad);
  }

  [[noreturn]] void not_deployed() const {
    reject("not the form of a deployed network: deploy it before it is quantised");
  }

  void inspect(const Input&) const {}
  void inspect(const Conv2D& op) const {
    affine(op.bias, node_.output.channels, convolution_multiplier);
  }
  void inspect(const DepthwiseConv2D& op) const {
    affine(op.bias, node_.output.channels, convolution_multiplier);
  }
  void inspect(const Dense& op) const { affine(op.bias, 1, dense_multiplier); }

  void inspect(const Pool2D& op) const {
    const std::int64_t places = std::int64_t{op.window.height} * op.window.width;
    if (op.kind == PoolKind::kAverage && places > kMostAveragedPlaces) {
      reject("window = {}x{}: at most {} places", op.window.height, op.window.width,
             kMostAveragedPlaces);
    }
  }
  void inspect(const Add&) const {
    if (node_.inputs.size() != 2) not_deployed();
    const double twice_larger = 2 * double{std::max(in(0).scale, in(1).scale)};
    if (twice_larger >= (1 << kAddLeftShift) * double{out_.scale}) {
      reject("output scale = {}: must be above 2^-19 of the larger input's", out_.scale);
    }
  }
  void inspect(const Activate& op) const {
    if (op.function == Activation::kRelu6) {
      six_fits();
    } else {
      multiplier(quantised_multiplier(double{in().scale} / double{out_.scale}));
    }
  }
  void inspect(const Concat&) const {}
  void inspect(const Pad&) const {}
  void inspect(const Flatten&) const {}
  void inspect(const ResizeNearest&) const {}
  void inspect(const Mean&) const {
    const Shape in_shape = model_.graph.shape(node_.inputs[0]);
    const std::int64_t places = std::int64_t{in_shape.height} * in_shape.width;
    if (places > kMostMeanPlaces) {
      reject("input {}: at most {} places", to_string(in_shape), kMostMeanPlaces);
    }
    multiplier(quantised_multiplier(double{in().scale} / double{out_.scale}));
  }
  void inspect(const Mul&) const {
    multiplier(product_multiplier(in(0).scale, in(1).scale, out_.scale));
  }
  void inspect(const Apply& op) const {
    if (op.function == Function::kHardSwish) return inspect_hard_swish();
    // The input becomes a fraction of 2^27, which may be shifted to the left only.
    if (!(in().scale >= 0x1p-27F && in().scale < 0x1p30F)) {
      reject("input scale = {}: must be in [2^-27, 2^30)", in().scale);
    }
  }
  void inspect_hard_swish() const {
    // Its gate then is shifted by −15 to 30 bits.
    if (!(in().scale >= 0x1p-22F && in().scale <= 0x1p23F)) {
      reject("input scale = {}: must be in [2^-22, 2^23]", in().scale);
    }
    const int shift = hard_swish_multipliers(in().scale, out_.scale).output.shift;
    if (shift > 0 || shift < -kInt16Bits) {
      reject("output scale = {}: must be above 1/128 of the input's and at most 512 times it",
             out_.scale);
    }
  }
  void inspect(const Softmax&) const {
    if (in().scale <= 0x1p-26F) reject("input scale = {}: must be above 2^-26", in().scale);
    if (node_.output.channels > kMostSoftmaxChannels) {
      reject("channels = {}: at most {}", node_.output.channels, kMostSoftmaxChannels);
    }
  }
  void inspect(const GlobalPool&) const { not_deployed(); }
  void inspect(const BatchNorm&) const { not_deployed(); }
  void inspect(const Dropout&) const { not_deployed(); }

  const QuantizedModel& model_;
  NodeId id_;
  const Node& node_;
  QuantParams out_;
};

}  // namespace

void check_quantized(const QuantizedModel& model) {
  const std::size_t nodes = model.graph.nodes().size();
  if (model.activations.size() != nodes || model.weights.size() != nodes) {
    raise<ModelError>("quantised network: scales for {} tensors, weights for {}: it has {} nodes",
                      model.activations.size(), model.weights.size(), nodes);
  }
  for (NodeId id = 0; id < model.graph.size(); ++id) Check(model, id).run();
}

}  // namespace thimble
