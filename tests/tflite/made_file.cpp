#include "tflite/made_file.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace thimble::testing {
namespace {

/// Stands for all greater ones in the older field, which is a byte.
constexpr int kGreatestOldCode = 127;

}  // namespace

std::vector<std::uint8_t> bytes_of(const std::vector<std::int32_t>& numbers) {
  std::vector<std::uint8_t> bytes(numbers.size() * sizeof(std::int32_t));
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

std::vector<std::uint8_t> MadeFile::bytes() const {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers = {tflite::CreateBuffer(builder)};
  std::vector<flatbuffers::Offset<tflite::Tensor>> written_tensors;
  for (const MadeTensor& tensor : tensors) {
    const auto data = builder.CreateVector(tensor.data);
    buffers.push_back(tflite::CreateBuffer(builder, data));
    const auto shape = builder.CreateVector(tensor.shape);
    const auto scales = builder.CreateVector(tensor.scales);
    const auto zero_points = builder.CreateVector(tensor.zero_points);
    const auto quantization = tflite::CreateQuantizationParameters(builder, scales, zero_points,
                                                                   tensor.quantized_dimension);
    const auto name = builder.CreateString("tensor");
    written_tensors.push_back(tflite::CreateTensor(builder, shape, tensor.type,
                                                   static_cast<std::uint32_t>(buffers.size() - 1),
                                                   name, quantization));
  }
  buffers.resize(buffers.size() - static_cast<std::size_t>(missing_buffers));
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes;
  std::vector<flatbuffers::Offset<tflite::Operator>> written_operators;
  for (const MadeOperator& op : operators) {
    const auto code = static_cast<int>(op.code);
    codes.push_back(tflite::CreateOperatorCode(
        builder, static_cast<std::int8_t>(std::min(code, kGreatestOldCode)), 1,
        code > kGreatestOldCode ? op.code : tflite::BuiltinOperator{}));
    const auto op_inputs = builder.CreateVector(op.inputs);
    const auto op_outputs = builder.CreateVector(op.outputs);
    const auto table = op.options ? op.options(builder) : 0;
    written_operators.push_back(
        tflite::CreateOperator(builder, static_cast<std::uint32_t>(codes.size() - 1), op_inputs,
                               op_outputs, op.options_type, table));
  }
  const auto all_tensors = builder.CreateVector(written_tensors);
  const auto all_inputs = builder.CreateVector(inputs);
  const auto all_outputs = builder.CreateVector(outputs);
  const auto all_operators = builder.CreateVector(written_operators);
  const std::vector graphs(
      static_cast<std::size_t>(subgraphs),
      tflite::CreateSubGraph(builder, all_tensors, all_inputs, all_outputs, all_operators));
  const auto all_codes = builder.CreateVector(codes);
  const auto all_graphs = builder.CreateVector(graphs);
  std::vector<flatbuffers::Offset<tflite::Metadata>> written_metadata;
  for (const MadeMetadata& made : metadata) {
    const auto data = builder.CreateVector(bytes_of(made.data));
    buffers.push_back(tflite::CreateBuffer(builder, data));
    written_metadata.push_back(tflite::CreateMetadata(
        builder, builder.CreateString(made.name), static_cast<std::uint32_t>(buffers.size() - 1)));
  }
  const auto all_buffers = builder.CreateVector(buffers);
  const auto all_metadata = builder.CreateVector(written_metadata);
  builder.Finish(tflite::CreateModel(builder, version, all_codes, all_graphs, 0, all_buffers,
                                     metadata.empty() ? 0 : all_metadata),
                 tflite::ModelIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

MadeFile made_classifier() {
  using tflite::ActivationFunctionType;
  using tflite::BuiltinOperator;
  using tflite::BuiltinOptions;
  using tflite::TensorType;
  std::vector<std::uint8_t> conv_kernel(24);
  for (std::size_t i = 0; i < conv_kernel.size(); ++i) {
    conv_kernel[i] = static_cast<std::uint8_t>(i * 5);
  }
  const std::vector<std::uint8_t> dense_kernel(36, 0xfd);  // −3
  return {
      .tensors =
          {{.shape = {1, 4, 3, 2}, .scales = {0.25F}, .zero_points = {-3}},
           {.shape = {3, 2, 2, 2},
            .data = conv_kernel,
            .scales = {0.5F, 0.25F, 0.125F},
            .zero_points = {0, 0, 0}},
           {.shape = {3},
            .data = bytes_of({100, -200, 300}),
            .type = TensorType::INT32,
            .scales = {0.125F, 0.0625F, 0.03125F},
            .zero_points = {0, 0, 0}},
           {.shape = {1, 3, 2, 3}, .scales = {0.75F}, .zero_points = {-128}},
           {.shape = {2},
            .data = bytes_of({-1, 18}),
            .type = TensorType::INT32,
            .scales = {},
            .zero_points = {}},
           {.shape = {1, 18}, .scales = {0.75F}, .zero_points = {-128}},
           {.shape = {2, 18}, .data = dense_kernel, .scales = {0.5F}},
           {.shape = {2}, .data = bytes_of({7, -8}), .type = TensorType::INT32, .scales = {0.375F}},
           {.shape = {1, 2}, .scales = {2}, .zero_points = {11}},
           {.shape = {1, 2}, .scales = {1.0F / 256}, .zero_points = {-128}}},
      .operators =
          {{.code = BuiltinOperator::CONV_2D,
            .inputs = {0, 1, 2},
            .outputs = {3},
            .options_type = BuiltinOptions::Conv2DOptions,
            .options =
                [](auto& builder) {
                  return tflite::CreateConv2DOptions(builder, tflite::Padding::VALID, 1, 1,
                                                     ActivationFunctionType::RELU)
                      .Union();
                }},
           {.code = BuiltinOperator::RESHAPE, .inputs = {3, 4}, .outputs = {5}},
           {.code = BuiltinOperator::FULLY_CONNECTED,
            .inputs = {5, 6, 7},
            .outputs = {8},
            .options_type = BuiltinOptions::FullyConnectedOptions,
            .options =
                [](auto& builder) { return tflite::CreateFullyConnectedOptions(builder).Union(); }},
           {.code = BuiltinOperator::SOFTMAX,
            .inputs = {8},
            .outputs = {9},
            .options_type = BuiltinOptions::SoftmaxOptions,
            .options =
                [](auto& builder) { return tflite::CreateSoftmaxOptions(builder, 1.0F).Union(); }}},
      .outputs = {9}};
}

MadeFile made_concatenation(int axis, std::vector<std::vector<int>> shapes) {
  MadeFile file{
      .operators = {{.code = tflite::BuiltinOperator::CONCATENATION,
                     .inputs = {0, 1},
                     .outputs = {2},
                     .options_type = tflite::BuiltinOptions::ConcatenationOptions,
                     .options =
                         [axis](auto& builder) {
                           return tflite::CreateConcatenationOptions(builder, axis).Union();
                         }}},
      .inputs = {0, 1},
      .outputs = {2}};
  for (auto& shape : shapes) file.tensors.push_back({.shape = std::move(shape)});
  return file;
}

MadeFile made_mean(std::vector<int> shape, const std::vector<std::int32_t>& axes, bool keep_dims) {
  std::vector<int> output{1};
  if (keep_dims) output.resize(shape.size() - 1, 1);
  output.push_back(shape.back());
  return {.tensors = {{.shape = std::move(shape)},
                      {.shape = {static_cast<int>(axes.size())},
                       .data = bytes_of(axes),
                       .type = tflite::TensorType::INT32},
                      {.shape = std::move(output), .scales = {0.25F}}},
          .operators = {{.code = tflite::BuiltinOperator::MEAN,
                         .inputs = {0, 1},
                         .outputs = {2},
                         .options_type = tflite::BuiltinOptions::ReducerOptions,
                         .options =
                             [keep_dims](auto& builder) {
                               return tflite::CreateReducerOptions(builder, keep_dims).Union();
                             }}},
          .outputs = {2}};
}

}  // namespace thimble::testing
