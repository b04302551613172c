#pragma once

#include <cstddef>

#include "thimble/graph/graph.hpp"

namespace thimble::tflite {

/// TensorFlow Lite Micro's CONCATENATION has fixed arrays of this length.
constexpr std::size_t kMaxConcatInputs = 10;

/// Throws ModelError naming the node unless the graph is deployed and within TensorFlow Lite
/// Micro's limits.
void check_graph(const Graph& graph);

}  // namespace thimble::tflite
