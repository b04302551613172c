#include "file_operators.hpp"

#include <algorithm>
#include <cmath>

#include "check.hpp"

namespace thimble::tflite {
namespace {

class OperatorReader {
 public:
  OperatorReader(const FileOperator& source, FileTensors& tensors, const FilePlace& place)
      : source_(source), tensors_(tensors), place_(place) {}

  NodeSource conv() const {
    const auto& options = required(source_.record.builtin_options_as_Conv2DOptions());
    Kernel kernel = tensors_.kernel(source_.constants[0], 4, 0, place_.at("kernel"));
    if (kernel.shape[3] != in().channels) {
      place_.reject("kernel of {} input channels: the input has {}", kernel.shape[3],
                    in().channels);
    }
    const Conv2D conv{.filters = kernel.shape[0],
                      .kernel = {kernel.shape[1], kernel.shape[2]},
                      .stride = {options.stride_h(), options.stride_w()},
                      .dilation = {options.dilation_h_factor(), options.dilation_w_factor()},
                      .padding = padding(options.padding()),
                      .activation = activation(options.fused_activation_function()),
                      .weights = kernel.type};
    return {conv, weights(std::move(kernel), conv.filters, conv.filters)};
  }

  NodeSource depthwise() const {
    const auto& options = required(source_.record.builtin_options_as_DepthwiseConv2DOptions());
    Kernel kernel = tensors_.kernel(source_.constants[0], 4, 3, place_.at("kernel"));
    const int channels = kernel.shape[3];
    if (kernel.shape[0] != 1 || channels % in().channels != 0) {
      place_.reject("kernel [{}]: must be [1, height, width, a multiple of {}]",
                    fmt::join(kernel.shape, ", "), in().channels);
    }
    const int multiplier = channels / in().channels;
    if (options.depth_multiplier() != multiplier) {
      place_.reject("depth multiplier = {}: the kernel's is {}", options.depth_multiplier(),
                    multiplier);
    }
    const DepthwiseConv2D conv{
        .multiplier = multiplier,
        .kernel = {kernel.shape[1], kernel.shape[2]},
        .stride = {options.stride_h(), options.stride_w()},
        .dilation = {options.dilation_h_factor(), options.dilation_w_factor()},
        .padding = padding(options.padding()),
        .activation = activation(options.fused_activation_function()),
        .weights = kernel.type};
    return {conv, weights(std::move(kernel), channels, channels)};
  }

  NodeSource dense() const {
    const auto& options = required(source_.record.builtin_options_as_FullyConnectedOptions());
    if (options.weights_format() != 0) {
      place_.reject("weights format = {}: must be 0", options.weights_format());
    }
    Kernel kernel = tensors_.kernel(source_.constants[0], 2, 0, place_.at("kernel"));
    if (kernel.shape[1] != in().elements()) {
      place_.reject("kernel of {} inputs: the input has {}", kernel.shape[1], in().elements());
    }
    if (kernel.scales.size() != 1) {
      place_.reject("kernel: scales = {}: one for each unit is not supported",
                    kernel.scales.size());
    }
    check_dense_scales(kernel.scales[0]);
    const Dense dense{.units = kernel.shape[0],
                      .activation = activation(options.fused_activation_function()),
                      .weights = kernel.type};
    return {dense, weights(std::move(kernel), dense.units, 1)};
  }

  NodeSource pool(PoolKind kind) const {
    const auto& options = required(source_.record.builtin_options_as_Pool2DOptions());
    refuse_activation(options.fused_activation_function());
    return {Pool2D{.kind = kind,
                   .window = {options.filter_height(), options.filter_width()},
                   .stride = {options.stride_h(), options.stride_w()},
                   .padding = padding(options.padding())},
            {}};
  }

  NodeSource add() const {
    const auto& options = required(source_.record.builtin_options_as_AddOptions());
    return {Add{activation(options.fused_activation_function())}, {}};
  }

  NodeSource concat() const {
    const auto& options = required(source_.record.builtin_options_as_ConcatenationOptions());
    refuse_activation(options.fused_activation_function());
    for (const ComputedTensor& input : source_.inputs) {
      if (options.axis() != -1 && options.axis() != input.axes - 1) {
        place_.reject("axis = {}: must be the last, that of the channels", options.axis());
      }
    }
    return {Concat{}, {}};
  }

  NodeSource pad() const {
    const FilePlace place = place_.at("paddings");
    const auto amounts = tensors_.integers(source_.constants[0], {4, 2}, place);
    if (amounts[0] != 0 || amounts[1] != 0 || amounts[6] != 0 || amounts[7] != 0) {
      place.reject("[{}]: must be 0 for samples and channels", fmt::join(amounts, ", "));
    }
    return {Pad{.top = amounts[2], .bottom = amounts[3], .left = amounts[4], .right = amounts[5]},
            {}};
  }

  /// Over height and width, or the width alone where the image has one row; whether the output
  /// keeps their axes is the same to the graph.
  NodeSource mean() const {
    const auto& options = required(source_.record.builtin_options_as_ReducerOptions());
    const FilePlace place = place_.at("axes");
    const int axes = source_.inputs[0].axes;
    auto reduced = tensors_.integers(source_.constants[0], {axes - 2}, place);
    for (std::int32_t& axis : reduced) axis += axis < 0 ? axes : 0;
    std::ranges::sort(reduced);
    for (int i = 0; i < axes - 2; ++i) {
      if (reduced[static_cast<std::size_t>(i)] == i + 1) continue;
      place.reject("[{}]: must be those of height and width", fmt::join(reduced, ", "));
    }
    const int kept = options.keep_dims() ? axes : 2;
    if (source_.output.axes != kept) {
      place_.reject("output of {} axes: must have {}", source_.output.axes, kept);
    }
    return {Mean{}, {}};
  }

  NodeSource mul() const {
    const auto& options = required(source_.record.builtin_options_as_MulOptions());
    const int axes = std::max(source_.inputs[0].axes, source_.inputs[1].axes);
    if (source_.output.axes != axes) {
      place_.reject("output of {} axes: must have {}", source_.output.axes, axes);
    }
    return {Mul{activation(options.fused_activation_function())}, {}};
  }

  NodeSource resize_nearest() const {
    const auto& options =
        required(source_.record.builtin_options_as_ResizeNearestNeighborOptions());
    if (source_.inputs[0].axes != 4) {
      place_.reject("input of {} axes: must have 4", source_.inputs[0].axes);
    }
    const auto size = tensors_.integers(source_.constants[0], {2}, place_.at("size"));
    return {ResizeNearest{.size = {size[0], size[1]},
                          .align_corners = options.align_corners(),
                          .half_pixel_centers = options.half_pixel_centers()},
            {}};
  }

  /// The output's shape is taken from its tensor, as TensorFlow Lite Micro does.
  NodeSource reshape() const {
    const Shape out = source_.output.shape;
    if (out == Shape{.channels = out.channels} && out.channels == in().elements()) {
      return {Flatten{}, {}};
    }
    if (out != in()) {
      place_.reject("{} to {}: must flatten or keep the shape", to_string(in()), to_string(out));
    }
    if (source_.output.params != source_.inputs[0].params) {
      place_.reject("output: scale and zero point must be the input's");
    }
    return {};
  }

  NodeSource softmax() const {
    const auto& options = required(source_.record.builtin_options_as_SoftmaxOptions());
    if (options.beta() != 1) place_.reject("beta = {}: must be 1", options.beta());
    return {Softmax{}, {}};
  }

 private:
  Shape in() const { return source_.inputs[0].shape; }

  template <class Options>
  const Options& required(const Options* options) const {
    if (options == nullptr) place_.reject("options: are missing");
    return *options;
  }

  thimble::Padding padding(Padding value) const {
    if (value == Padding::SAME) return thimble::Padding::kSame;
    if (value == Padding::VALID) return thimble::Padding::kValid;
    place_.reject("padding = {}: must be SAME or VALID", static_cast<int>(value));
  }

  Activation activation(ActivationFunctionType value) const {
    if (value == ActivationFunctionType::NONE) return Activation::kNone;
    if (value == ActivationFunctionType::RELU) return Activation::kRelu;
    if (value == ActivationFunctionType::RELU6) return Activation::kRelu6;
    const std::string_view name = EnumNameActivationFunctionType(value);
    place_.reject("fused activation {}: must be NONE, RELU or RELU6",
                  name.empty() ? std::to_string(static_cast<int>(value)) : name);
  }

  void refuse_activation(ActivationFunctionType value) const {
    if (activation(value) == Activation::kNone) return;
    place_.reject("fused activation {}: is not supported here",
                  EnumNameActivationFunctionType(value));
  }

  bool has_bias() const { return source_.constants.size() > 1 && source_.constants[1] != -1; }

  /// A single kernel scale is repeated to `scales`; a left-out bias is zero.
  QuantizedWeights weights(Kernel kernel, int channels, int scales) const {
    QuantizedWeights result{.kernel = std::move(kernel.values),
                            .kernel_scales = std::move(kernel.scales)};
    if (result.kernel_scales.size() == 1) {
      result.kernel_scales.resize(static_cast<std::size_t>(scales), result.kernel_scales[0]);
    }
    if (has_bias()) {
      result.bias = tensors_.integers(source_.constants[1], {channels}, place_.at("bias"));
    } else {
      result.bias.resize(static_cast<std::size_t>(channels));
    }
    return result;
  }

  /// TensorFlow Lite Micro's own test: |s_in · s_w − s_bias| ≤ 0.02 · s_out. The product of tiny
  /// scales may be 0, and is then what the writer gives the bias.
  void check_dense_scales(float kernel_scale) const {
    const float product = source_.inputs[0].params.scale * kernel_scale;
    if (!std::isfinite(product)) place_.reject("scales: input's times kernel's is not finite");
    if (!has_bias()) return;
    const float bias_scale = tensors_.scale(source_.constants[1], place_.at("bias"));
    const double difference = std::abs(double{product} - double{bias_scale});
    if (!(difference <= 0.02 * double{source_.output.params.scale})) {
      place_.reject("bias: scale = {}: must be {}, input's times kernel's", bias_scale, product);
    }
  }

  const FileOperator& source_;
  FileTensors& tensors_;
  const FilePlace& place_;
};

}  // namespace

std::optional<OperandCount> operand_count(BuiltinOperator code) {
  switch (code) {
    case BuiltinOperator::CONV_2D:
    case BuiltinOperator::DEPTHWISE_CONV_2D:
    case BuiltinOperator::FULLY_CONNECTED:
      return OperandCount{.fewest = 2, .most = 3, .most_computed = 1};
    case BuiltinOperator::ADD:
    case BuiltinOperator::MUL:
      return OperandCount{.fewest = 2, .most = 2, .most_computed = 2};
    case BuiltinOperator::CONCATENATION:
      return OperandCount{.fewest = 2, .most = kMaxConcatInputs, .most_computed = kMaxConcatInputs};
    case BuiltinOperator::PAD:
    case BuiltinOperator::MEAN:
    case BuiltinOperator::RESIZE_NEAREST_NEIGHBOR:
      return OperandCount{.fewest = 2, .most = 2, .most_computed = 1};
    case BuiltinOperator::RESHAPE:
      return OperandCount{.fewest = 1, .most = 2, .most_computed = 1};
    case BuiltinOperator::MAX_POOL_2D:
    case BuiltinOperator::AVERAGE_POOL_2D:
    case BuiltinOperator::RELU:
    case BuiltinOperator::RELU6:
    case BuiltinOperator::SOFTMAX:
    case BuiltinOperator::LOGISTIC:
    case BuiltinOperator::TANH:
    case BuiltinOperator::HARD_SWISH:
      return OperandCount{};
    default:
      return std::nullopt;
  }
}

NodeSource read_operator(const FileOperator& source, FileTensors& tensors, const FilePlace& place) {
  const OperatorReader reader(source, tensors, place);
  switch (source.code) {
    case BuiltinOperator::CONV_2D:
      return reader.conv();
    case BuiltinOperator::DEPTHWISE_CONV_2D:
      return reader.depthwise();
    case BuiltinOperator::FULLY_CONNECTED:
      return reader.dense();
    case BuiltinOperator::ADD:
      return reader.add();
    case BuiltinOperator::MAX_POOL_2D:
      return reader.pool(PoolKind::kMax);
    case BuiltinOperator::AVERAGE_POOL_2D:
      return reader.pool(PoolKind::kAverage);
    case BuiltinOperator::PAD:
      return reader.pad();
    case BuiltinOperator::CONCATENATION:
      return reader.concat();
    case BuiltinOperator::RELU:
      return {Activate{Activation::kRelu}, {}};
    case BuiltinOperator::RELU6:
      return {Activate{Activation::kRelu6}, {}};
    case BuiltinOperator::RESHAPE:
      return reader.reshape();
    case BuiltinOperator::SOFTMAX:
      return reader.softmax();
    case BuiltinOperator::MEAN:
      return reader.mean();
    case BuiltinOperator::MUL:
      return reader.mul();
    case BuiltinOperator::RESIZE_NEAREST_NEIGHBOR:
      return reader.resize_nearest();
    case BuiltinOperator::LOGISTIC:
      return {Apply{Function::kLogistic}, {}};
    case BuiltinOperator::TANH:
      return {Apply{Function::kTanh}, {}};
    case BuiltinOperator::HARD_SWISH:
      return {Apply{Function::kHardSwish}, {}};
    default:
      place.reject("is not supported");
  }
}

}  // namespace thimble::tflite
