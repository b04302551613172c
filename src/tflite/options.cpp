#include "options.hpp"

namespace thimble::tflite {
namespace {

ActivationFunctionType activation_type(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return ActivationFunctionType::NONE;
    case Activation::kRelu:
      return ActivationFunctionType::RELU;
    case Activation::kRelu6:
      return ActivationFunctionType::RELU6;
  }
  return ActivationFunctionType::NONE;
}

constexpr std::size_t kImageAxes = 4;

tflite::Padding padding_type(thimble::Padding padding) {
  return padding == thimble::Padding::kSame ? Padding::SAME : Padding::VALID;
}

/// The operator with everything reset that its options do not hold, so that equal options compare
/// equal.
Op options_only(Op op) {
  if (auto* conv = std::get_if<Conv2D>(&op)) {
    conv->filters = 1;
    conv->kernel = {};
    conv->weights = {};
  } else if (auto* depthwise = std::get_if<DepthwiseConv2D>(&op)) {
    depthwise->kernel = {};
    depthwise->weights = {};
  } else if (auto* dense = std::get_if<Dense>(&op)) {
    dense->units = 1;
    dense->weights = {};
  } else if (auto* pool = std::get_if<Pool2D>(&op)) {
    pool->kind = PoolKind::kMax;
  } else if (auto* resize = std::get_if<ResizeNearest>(&op)) {
    resize->size = {};
  }
  return op;
}

struct TableWriter {
  flatbuffers::FlatBufferBuilder& builder;
  flatbuffers::Offset<flatbuffers::Vector<std::int32_t>> output_shape;
  bool keeps_axes;

  OptionsRecord operator()(const Conv2D& op) const {
    return {
        BuiltinOptions::Conv2DOptions,
        CreateConv2DOptions(builder, padding_type(op.padding), op.stride.width, op.stride.height,
                            activation_type(op.activation), op.dilation.width, op.dilation.height)
            .Union()};
  }
  OptionsRecord operator()(const DepthwiseConv2D& op) const {
    return {BuiltinOptions::DepthwiseConv2DOptions,
            CreateDepthwiseConv2DOptions(
                builder, padding_type(op.padding), op.stride.width, op.stride.height, op.multiplier,
                activation_type(op.activation), op.dilation.width, op.dilation.height)
                .Union()};
  }
  OptionsRecord operator()(const Pool2D& op) const {
    return {BuiltinOptions::Pool2DOptions,
            CreatePool2DOptions(builder, padding_type(op.padding), op.stride.width,
                                op.stride.height, op.window.width, op.window.height)
                .Union()};
  }
  OptionsRecord operator()(const Dense& op) const {
    return {BuiltinOptions::FullyConnectedOptions,
            CreateFullyConnectedOptions(builder, activation_type(op.activation)).Union()};
  }
  OptionsRecord operator()(const Add& op) const {
    return {BuiltinOptions::AddOptions,
            CreateAddOptions(builder, activation_type(op.activation)).Union()};
  }
  OptionsRecord operator()(const Concat&) const {
    return {BuiltinOptions::ConcatenationOptions, CreateConcatenationOptions(builder, -1).Union()};
  }
  OptionsRecord operator()(const Softmax&) const {
    return {BuiltinOptions::SoftmaxOptions, CreateSoftmaxOptions(builder, 1.0F).Union()};
  }
  OptionsRecord operator()(const Mul& op) const {
    return {BuiltinOptions::MulOptions,
            CreateMulOptions(builder, activation_type(op.activation)).Union()};
  }
  OptionsRecord operator()(const ResizeNearest& op) const {
    return {BuiltinOptions::ResizeNearestNeighborOptions,
            CreateResizeNearestNeighborOptions(builder, op.align_corners, op.half_pixel_centers)
                .Union()};
  }
  OptionsRecord operator()(const Mean&) const {
    return {BuiltinOptions::ReducerOptions, CreateReducerOptions(builder, keeps_axes).Union()};
  }
  // TensorFlow Lite Micro takes the output tensor's shape; TensorFlow Lite looks only here.
  OptionsRecord operator()(const Flatten&) const {
    return {BuiltinOptions::ReshapeOptions, CreateReshapeOptions(builder, output_shape).Union()};
  }
  // PAD and the functions that stand alone have no options.
  OptionsRecord operator()(const auto&) const { return {}; }
};

}  // namespace

OptionsRecord OptionsWriter::write(
    const Op& op, flatbuffers::Offset<flatbuffers::Vector<std::int32_t>> output_shape,
    std::size_t output_axes) {
  const TableWriter writer{builder_, output_shape, output_axes == kImageAxes};
  // The options of a RESHAPE are its output's shape, which `op` does not tell.
  if (std::holds_alternative<Flatten>(op)) return std::visit(writer, op);
  std::pair key(options_only(op), std::holds_alternative<Mean>(op) ? output_axes : 0);
  for (const auto& [known, record] : written_) {
    if (known == key) return record;
  }
  const OptionsRecord record = std::visit(writer, op);
  written_.emplace_back(std::move(key), record);
  return record;
}

}  // namespace thimble::tflite
