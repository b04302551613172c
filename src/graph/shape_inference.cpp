#include <algorithm>

#include "thimble/core/error.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {
namespace {

/// No axis and no tensor may grow past what an int32 index can address on the device.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 30;

class Inference {
 public:
  Inference(const Op& op, std::span<const Shape> inputs, std::string_view place)
      : op_(op), inputs_(inputs), place_(place) {}

  Shape operator()(const Input& o) const {
    arity(0);
    return o.shape;
  }

  Shape operator()(const Conv2D& o) const {
    arity(1);
    positive("filters", o.filters);
    return {.height = along(inputs_[0].height, o.kernel.height, o.stride.height, o.dilation.height,
                            o.padding, "height"),
            .width = along(inputs_[0].width, o.kernel.width, o.stride.width, o.dilation.width,
                           o.padding, "width"),
            .channels = o.filters};
  }

  Shape operator()(const DepthwiseConv2D& o) const {
    arity(1);
    positive("multiplier", o.multiplier);
    const std::int64_t channels = std::int64_t{inputs_[0].channels} * o.multiplier;
    if (channels > kMaxElements) reject("channels = {}: too many", channels);
    return {.height = along(inputs_[0].height, o.kernel.height, o.stride.height, o.dilation.height,
                            o.padding, "height"),
            .width = along(inputs_[0].width, o.kernel.width, o.stride.width, o.dilation.width,
                           o.padding, "width"),
            .channels = static_cast<int>(channels)};
  }

  Shape operator()(const Dense& o) const {
    arity(1);
    positive("units", o.units);
    return {.channels = o.units};
  }

  Shape operator()(const Pool2D& o) const {
    arity(1);
    return {.height =
                along(inputs_[0].height, o.window.height, o.stride.height, 1, o.padding, "height"),
            .width = along(inputs_[0].width, o.window.width, o.stride.width, 1, o.padding, "width"),
            .channels = inputs_[0].channels};
  }

  Shape operator()(const GlobalPool&) const {
    arity(1);
    return {.channels = inputs_[0].channels};
  }

  Shape operator()(const Add&) const {
    if (inputs_.size() < 2) reject("inputs = {}: two or more are needed", inputs_.size());
    for (const Shape& shape : inputs_) {
      if (shape != inputs_[0]) {
        reject("inputs {} and {}: shapes must be equal", to_string(inputs_[0]), to_string(shape));
      }
    }
    return inputs_[0];
  }

  Shape operator()(const Concat&) const {
    if (inputs_.size() < 2) reject("inputs = {}: two or more are needed", inputs_.size());
    std::int64_t channels = 0;
    for (const Shape& shape : inputs_) {
      if (shape.height != inputs_[0].height || shape.width != inputs_[0].width) {
        reject("inputs {} and {}: height and width must be equal", to_string(inputs_[0]),
               to_string(shape));
      }
      channels += shape.channels;
    }
    if (channels > kMaxElements) reject("channels = {}: too many", channels);
    return {inputs_[0].height, inputs_[0].width, static_cast<int>(channels)};
  }

  Shape operator()(const Pad& o) const {
    arity(1);
    for (const int amount : {o.top, o.bottom, o.left, o.right}) {
      if (amount < 0 || amount > kMaxElements) reject("padding = {}: must be 0 or more", amount);
    }
    const std::int64_t height = std::int64_t{inputs_[0].height} + o.top + o.bottom;
    const std::int64_t width = std::int64_t{inputs_[0].width} + o.left + o.right;
    if (height > kMaxElements || width > kMaxElements) reject("padding: too large");
    return {static_cast<int>(height), static_cast<int>(width), inputs_[0].channels};
  }

  Shape operator()(const Activate& o) const {
    arity(1);
    if (o.function == Activation::kNone) reject("function = none: must be relu or relu6");
    return inputs_[0];
  }

  Shape operator()(const BatchNorm& o) const {
    arity(1);
    if (!(o.epsilon > 0)) reject("epsilon = {}: must be above 0", o.epsilon);
    return inputs_[0];
  }

  Shape operator()(const Dropout& o) const {
    arity(1);
    if (!(o.rate >= 0 && o.rate < 1)) reject("rate = {}: must be in [0, 1)", o.rate);
    return inputs_[0];
  }

  Shape operator()(const Flatten&) const {
    arity(1);
    return {.channels = static_cast<int>(inputs_[0].elements())};
  }

  Shape operator()(const Softmax&) const {
    arity(1);
    return inputs_[0];
  }

  Shape operator()(const Mean&) const {
    arity(1);
    return {.channels = inputs_[0].channels};
  }

  Shape operator()(const Mul&) const {
    arity(2);
    return {.height = broadcast(inputs_[0].height, inputs_[1].height),
            .width = broadcast(inputs_[0].width, inputs_[1].width),
            .channels = broadcast(inputs_[0].channels, inputs_[1].channels)};
  }

  Shape operator()(const ResizeNearest& o) const {
    arity(1);
    positive("height", o.size.height);
    positive("width", o.size.width);
    if (o.align_corners && o.half_pixel_centers) {
      reject("align corners and half pixel centers: at most one of them");
    }
    return {o.size.height, o.size.width, inputs_[0].channels};
  }

  Shape operator()(const Apply&) const {
    arity(1);
    return inputs_[0];
  }

  Shape checked() const {
    const Shape shape = std::visit(*this, op_);
    if (shape.height < 1 || shape.width < 1 || shape.channels < 1) {
      reject("output {}: every side must be at least 1", to_string(shape));
    }
    // In two steps, for the product of three sides may not fit 64 bits.
    const std::int64_t plane = std::int64_t{shape.height} * shape.width;
    if (plane > kMaxElements || plane * shape.channels > kMaxElements) {
      reject("output {}: more than 2^30 elements", to_string(shape));
    }
    return shape;
  }

 private:
  template <class... Args>
  [[noreturn]] void reject(fmt::format_string<Args...> text, Args&&... args) const {
    raise<ModelError>("{} {}: {}", place_, op_name(op_),
                      fmt::format(text, std::forward<Args>(args)...));
  }

  void arity(std::size_t wanted) const {
    if (inputs_.size() != wanted) reject("inputs = {}: needs {}", inputs_.size(), wanted);
  }

  void positive(std::string_view name, int value) const {
    if (value < 1) reject("{} = {}: must be at least 1", name, value);
  }

  int broadcast(int first, int second) const {
    if (first != second && first != 1 && second != 1) {
      reject("inputs {} and {}: along each axis they must be equal or one of them 1",
             to_string(inputs_[0]), to_string(inputs_[1]));
    }
    return std::max(first, second);
  }

  int along(int input, int kernel, int stride, int dilation, Padding padding,
            std::string_view axis) const {
    positive("kernel", kernel);
    positive("stride", stride);
    positive("dilation", dilation);
    if (std::int64_t{kernel} * dilation > kMaxElements) reject("kernel = {}: too large", kernel);
    if (stride > kMaxElements) reject("stride = {}: too large", stride);
    const int output = output_length(input, kernel, stride, dilation, padding);
    if (output < 1) {
      reject("{} = {}: smaller than the kernel's reach {} (padding is VALID)", axis, input,
             (kernel - 1) * dilation + 1);
    }
    return output;
  }

  const Op& op_;
  std::span<const Shape> inputs_;
  std::string_view place_;
};

}  // namespace

Shape infer_shape(const Op& op, std::span<const Shape> inputs, std::string_view place) {
  return Inference(op, inputs, place).checked();
}

}  // namespace thimble
