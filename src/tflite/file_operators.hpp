#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "file_place.hpp"
#include "file_tensors.hpp"
#include "schema_generated.h"
#include "thimble/graph/op.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble::tflite {

/// How many tensors an operator reads: first those that the network computes, then constants.
struct OperandCount {
  std::size_t fewest = 1;
  std::size_t most = 1;
  std::size_t most_computed = 1;
};

/// None for an operator that we do not know.
std::optional<OperandCount> operand_count(BuiltinOperator code);

/// An operator of the file with the tensors that it computes with.
struct FileOperator {
  const Operator& record;
  BuiltinOperator code;
  std::vector<ComputedTensor> inputs;
  std::vector<std::int32_t> constants;  // numbers of tensors; −1 for one that is left out
  ComputedTensor output;
};

struct NodeSource {
  std::optional<Op> op;  // none where the output is the input
  QuantizedWeights weights;
};

/// What the operator does. `source` has as many operands as `operand_count` says. Throws ModelError
/// at `place` for what the graph cannot say, but leaves its shapes to shape inference.
NodeSource read_operator(const FileOperator& source, FileTensors& tensors, const FilePlace& place);

}  // namespace thimble::tflite
