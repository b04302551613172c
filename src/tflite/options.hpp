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

  /// `output_shape` is that of the operator's output tensor, already written.
  OptionsRecord write(const Op& op,
                      flatbuffers::Offset<flatbuffers::Vector<std::int32_t>> output_shape);

 private:
  flatbuffers::FlatBufferBuilder& builder_;
  std::vector<std::pair<Op, OptionsRecord>>
      written_;  // the operators without what is not in their options
};

}  // namespace thimble::tflite
