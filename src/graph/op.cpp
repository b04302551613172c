#include "thimble/graph/op.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace thimble {

std::string to_string(Shape shape) {
  return fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels);
}

std::string_view op_name(const Op& op) {
  struct Namer {
    std::string_view operator()(const Input&) const { return "INPUT"; }
    std::string_view operator()(const Conv2D&) const { return "CONV_2D"; }
    std::string_view operator()(const DepthwiseConv2D&) const { return "DEPTHWISE_CONV_2D"; }
    std::string_view operator()(const Dense&) const { return "FULLY_CONNECTED"; }
    std::string_view operator()(const Pool2D& pool) const {
      return pool.kind == PoolKind::kMax ? "MAX_POOL_2D" : "AVERAGE_POOL_2D";
    }
    std::string_view operator()(const GlobalPool& pool) const {
      return pool.kind == PoolKind::kMax ? "GLOBAL_MAX_POOL" : "GLOBAL_AVERAGE_POOL";
    }
    std::string_view operator()(const Add&) const { return "ADD"; }
    std::string_view operator()(const Concat&) const { return "CONCATENATION"; }
    std::string_view operator()(const Pad&) const { return "PAD"; }
    std::string_view operator()(const Activate& activate) const {
      return activate.function == Activation::kRelu6 ? "RELU6" : "RELU";
    }
    std::string_view operator()(const BatchNorm&) const { return "BATCH_NORM"; }
    std::string_view operator()(const Dropout&) const { return "DROPOUT"; }
    std::string_view operator()(const Flatten&) const { return "RESHAPE"; }
    std::string_view operator()(const Softmax&) const { return "SOFTMAX"; }
    std::string_view operator()(const Mean&) const { return "MEAN"; }
    std::string_view operator()(const Mul&) const { return "MUL"; }
    std::string_view operator()(const ResizeNearest&) const { return "RESIZE_NEAREST_NEIGHBOR"; }
    std::string_view operator()(const Apply& apply) const {
      constexpr std::string_view kNames[] = {"LOGISTIC", "TANH", "HARD_SWISH"};
      return kNames[static_cast<std::size_t>(apply.function)];
    }
  };
  return std::visit(Namer{}, op);
}

Activation fused_activation(const Op& op) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.activation; }) return o.activation;
        return Activation::kNone;
      },
      op);
}

WeightType weight_type(const Op& op) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.weights; }) return o.weights;
        return WeightType::kInt8;
      },
      op);
}

int output_length(int input, int kernel, int stride, int dilation, Padding padding) {
  const int reach = (kernel - 1) * dilation + 1;
  if (padding == Padding::kSame) return (input + stride - 1) / stride;
  return input < reach ? 0 : (input - reach) / stride + 1;
}

int padding_before(int input, int kernel, int stride, int dilation, Padding padding) {
  if (padding == Padding::kValid) return 0;
  const int reach = (kernel - 1) * dilation + 1;
  const int output = output_length(input, kernel, stride, dilation, padding);
  return std::max(0, (output - 1) * stride + reach - input) / 2;
}

// In float, as TFLite computes it: the places hang on how these products round.
int nearest_place(const ResizeNearest& op, int at, int input, int output) {
  const bool corners = op.align_corners && output > 1;
  const float step = corners ? static_cast<float>(input - 1) / static_cast<float>(output - 1)
                             : static_cast<float>(input) / static_cast<float>(output);
  const float place = (static_cast<float>(at) + (op.half_pixel_centers ? 0.5F : 0.0F)) * step;
  const float whole = op.align_corners ? std::round(place) : std::floor(place);
  return std::min(static_cast<int>(whole), input - 1);
}

}  // namespace thimble
