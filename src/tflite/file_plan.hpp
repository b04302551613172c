#pragma once

#include <cstdint>
#include <vector>

#include "schema_generated.h"
#include "thimble/graph/graph.hpp"

namespace thimble::tflite {

/// A shape or a list of tensor numbers; the file stores each distinct one once, for a shape and a
/// list of operands may well hold the same numbers.
using List = std::vector<std::int32_t>;
/// Index into FilePlan::lists.
using ListId = std::size_t;

/// kNumbers: integers that an operator reads, such as paddings.
enum class Content { kActivation, kKernel, kBias, kNumbers };

struct TensorPlan {
  Content content = Content::kActivation;
  NodeId node = 0;  // that computes it, or the first that reads the constant
  ListId shape = 0;
  List numbers = {};  // of kNumbers
};

struct OperatorPlan {
  NodeId node = 0;
  std::uint32_t code = 0;  // index into FilePlan::codes
  ListId inputs = 0;
  ListId outputs = 0;
};

/// What a file is made of, from the graph alone.
struct FilePlan {
  std::vector<List> lists;
  std::vector<TensorPlan> tensors;  // the graph's, by node id, then the constants
  std::vector<OperatorPlan> operators;
  std::vector<BuiltinOperator> codes;  // the most frequent first, for number 0 costs nothing
  ListId inputs = 0;                   // of the network
  ListId outputs = 0;
};

/// The graph must have passed `check_graph`.
FilePlan plan_file(const Graph& graph);

/// How many bytes the constant `tensor` holds.
std::size_t constant_bytes(const Graph& graph, const TensorPlan& tensor);

}  // namespace thimble::tflite
