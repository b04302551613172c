#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schema_generated.h"

namespace thimble::testing {

/// A tensor as TensorFlow Lite's converter writes it; `data` is what a constant holds.
struct MadeTensor {
  std::vector<int> shape;
  std::vector<std::uint8_t> data;
  tflite::TensorType type = tflite::TensorType::INT8;
  std::vector<float> scales = {0.5F};
  std::vector<std::int64_t> zero_points = {0};
  int quantized_dimension = 0;
};

/// As a constant of int32 holds them.
std::vector<std::uint8_t> bytes_of(const std::vector<std::int32_t>& numbers);

struct MadeOperator {
  tflite::BuiltinOperator code = tflite::BuiltinOperator::ADD;
  std::vector<int> inputs;
  std::vector<int> outputs;
  tflite::BuiltinOptions options_type = tflite::BuiltinOptions::NONE;
  /// Writes the table of options; none where the operator has none.
  std::function<flatbuffers::Offset<void>(flatbuffers::FlatBufferBuilder&)> options;
};

struct MadeMetadata {
  std::string name;
  std::vector<std::int32_t> data = {};
};

/// A file that need not make sense. Every operator has a code of its own, up to 127 in the older of
/// the two fields only, and every tensor a buffer, empty for what is computed.
struct MadeFile {
  std::vector<MadeTensor> tensors;
  std::vector<MadeOperator> operators;
  std::vector<int> inputs = {0};
  std::vector<int> outputs;
  std::uint32_t version = 3;
  int subgraphs = 1;
  int missing_buffers = 0;  // of those that the tensors name
  std::vector<MadeMetadata> metadata;

  std::vector<std::uint8_t> bytes() const;
};

/// Input 4×3×2 → convolution 2×2 to 3 channels with relu → flatten → dense 2 → softmax, as the
/// converter lays it out. Tensors: 0 input, 1 its kernel, 2 bias, 3 convolved 3×2×3, 4 RESHAPE's
/// shape, 5 flat, 6 kernel, 7 bias, 8 logits, 9 probabilities. Operator i is the i-th of the line.
MadeFile made_classifier();

/// Tensors 0 and 1 side by side along `axis` as tensor 2, of these shapes and all of one scale.
MadeFile made_concatenation(int axis, std::vector<std::vector<int>> shapes);

/// The mean of tensor 0 of this shape along `axes`, which tensor 1 holds, as tensor 2.
MadeFile made_mean(std::vector<int> shape, const std::vector<std::int32_t>& axes, bool keep_dims);

}  // namespace thimble::testing
