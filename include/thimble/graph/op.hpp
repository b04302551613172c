#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace thimble {

/// One sample's tensor, height × width × channels (TFLite's NHWC with N = 1). A vector of n is
/// 1×1×n.
struct Shape {
  int height = 1;
  int width = 1;
  int channels = 1;

  auto operator<=>(const Shape&) const = default;
  std::int64_t elements() const { return std::int64_t{height} * width * channels; }
};

/// `25x5x64`.
std::string to_string(Shape shape);

/// Something along the two spatial axes: a kernel, a stride, a dilation, a pooling window.
struct Extent {
  int height = 1;
  int width = 1;

  auto operator<=>(const Extent&) const = default;
};

/// kValid: no padding, out = ⌈(in − k_eff + 1) / stride⌉. kSame: out = ⌈in / stride⌉, the padding
/// split with the smaller half before (TFLite's rule).
enum class Padding { kValid, kSame };
enum class Activation { kNone, kRelu, kRelu6 };
enum class PoolKind { kMax, kAverage };
/// hard swish: x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019).
enum class Function { kLogistic, kTanh, kHardSwish };

/// How the quantised kernel is stored: a byte or half a byte each.
enum class WeightType { kInt8, kInt4 };

/// Where the network's samples enter.
struct Input {
  Shape shape;
  bool operator==(const Input&) const = default;
};

/// Kernel [filters, kernel.height, kernel.width, in.channels].
struct Conv2D {
  int filters = 1;
  Extent kernel;
  Extent stride;
  Extent dilation;
  Padding padding = Padding::kValid;
  bool bias = true;
  Activation activation = Activation::kNone;
  WeightType weights = WeightType::kInt8;
  bool operator==(const Conv2D&) const = default;
};

/// Kernel [1, kernel.height, kernel.width, in.channels · multiplier]; output channel c·multiplier +
/// m comes from input channel c.
struct DepthwiseConv2D {
  int multiplier = 1;
  Extent kernel;
  Extent stride;
  Extent dilation;
  Padding padding = Padding::kValid;
  bool bias = true;
  Activation activation = Activation::kNone;
  WeightType weights = WeightType::kInt8;
  bool operator==(const DepthwiseConv2D&) const = default;
};

/// Takes any shape, read as one vector in H, W, C order (as TFLite's FULLY_CONNECTED does). Kernel
/// [units, inputs].
struct Dense {
  int units = 1;
  bool bias = true;
  Activation activation = Activation::kNone;
  WeightType weights = WeightType::kInt8;
  bool operator==(const Dense&) const = default;
};

/// Padded places count neither for the maximum nor for the average.
struct Pool2D {
  PoolKind kind = PoolKind::kMax;
  Extent window;
  Extent stride;
  Padding padding = Padding::kValid;
  bool operator==(const Pool2D&) const = default;
};

/// One value a channel: a pool over the whole image.
struct GlobalPool {
  PoolKind kind = PoolKind::kAverage;
  bool operator==(const GlobalPool&) const = default;
};

/// The sum of two or more tensors of one shape.
struct Add {
  Activation activation = Activation::kNone;
  bool operator==(const Add&) const = default;
};

/// Side by side along the channels; height and width are equal.
struct Concat {
  bool operator==(const Concat&) const = default;
};

/// Zeros around the image.
struct Pad {
  int top = 0;
  int bottom = 0;
  int left = 0;
  int right = 0;
  bool operator==(const Pad&) const = default;
};

/// An activation that stands alone; `function` is not kNone.
struct Activate {
  Activation function = Activation::kRelu;
  bool operator==(const Activate&) const = default;
};

/// y = gamma · (x − mean) / sqrt(variance + epsilon) + beta, per channel.
struct BatchNorm {
  float epsilon = 1e-3F;
  bool operator==(const BatchNorm&) const = default;
};

/// In training each value is dropped with probability `rate`, the others scaled by 1/(1 − rate);
/// else identity.
struct Dropout {
  float rate = 0;
  bool operator==(const Dropout&) const = default;
};

/// H×W×C as one vector 1×1×(H·W·C), in that order.
struct Flatten {
  bool operator==(const Flatten&) const = default;
};

/// Over the channels.
struct Softmax {
  bool operator==(const Softmax&) const = default;
};

/// The mean over height and width: one value a channel.
struct Mean {
  bool operator==(const Mean&) const = default;
};

/// The product of two tensors. Along each axis they are equally long or one of them is 1 long and
/// serves for all of the other's.
struct Mul {
  Activation activation = Activation::kNone;
  bool operator==(const Mul&) const = default;
};

/// Each pixel is that of the input that lies nearest, in TFLite's sense: with s = in / out along an
/// axis, output y is input ⌊y · s⌋; with `half_pixel_centers` ⌊(y + 1/2) · s⌋; with `align_corners`
/// round(y · s), where s = (in − 1) / (out − 1). At most one of the two is set.
struct ResizeNearest {
  Extent size;
  bool align_corners = false;
  bool half_pixel_centers = false;
  bool operator==(const ResizeNearest&) const = default;
};

/// A function of each value alone that no other operator carries.
struct Apply {
  Function function = Function::kLogistic;
  bool operator==(const Apply&) const = default;
};

using Op =
    std::variant<Input, Conv2D, DepthwiseConv2D, Dense, Pool2D, GlobalPool, Add, Concat, Pad,
                 Activate, BatchNorm, Dropout, Flatten, Softmax, Mean, Mul, ResizeNearest, Apply>;

/// TFLite's name where it has one (`CONV_2D`, `AVERAGE_POOL_2D`, …), else our own in the same
/// style.
std::string_view op_name(const Op& op);

/// The activation fused into an operator; kNone for those that cannot carry one.
Activation fused_activation(const Op& op);

/// How an operator's kernel is stored; kInt8 for those that have none.
WeightType weight_type(const Op& op);

/// Output length along one axis; below 1 when the (dilated) kernel is larger than a VALID input.
int output_length(int input, int kernel, int stride, int dilation, Padding padding);

/// Padding before the first element along one axis; 0 for VALID.
int padding_before(int input, int kernel, int stride, int dilation, Padding padding);

/// Which of `input` places output place `at` of `output` shows, along one axis.
int nearest_place(const ResizeNearest& op, int at, int input, int output);

}  // namespace thimble
