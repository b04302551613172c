#pragma once

#include <utility>
#include <vector>

#include "schema_generated.h"
#include "thimble/graph/op.hpp"

namespace thimble::tflite {

/// The options of an operator in the file: its type and its table (null where the operator needs
/// none).
struct OptionsRecord {
  BuiltinOptions type = BuiltinOptions::NONE;
  flatbuffers::Offset<void> table;
};

/// Writes the options of operators, equal ones once.
class OptionsWriter {
 public:
  explicit OptionsWriter(flatbuffers::FlatBufferBuilder& builder) : builder_(builder) {}

  /// `output_shape` is that of the operator's output tensor, already written, and has
  /// `output_axes`.
  OptionsRecord write(const Op& op,
                      flatbuffers::Offset<flatbuffers::Vector<std::int32_t>> output_shape,
                      std::size_t output_axes);

 private:
  flatbuffers::FlatBufferBuilder& builder_;
  /// The operators without what is not in their options, and for a MEAN the axes of its output.
  std::vector<std::pair<std::pair<Op, std::size_t>, OptionsRecord>> written_;
};

}  // namespace thimble::tflite
