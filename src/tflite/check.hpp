#pragma once

#include <cstddef>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble::tflite {

/// TensorFlow Lite Micro's CONCATENATION has fixed arrays of this length.
constexpr std::size_t kMaxConcatInputs = 10;

/// Throws ModelError naming the node unless the graph is deployed and within TensorFlow Lite
/// Micro's limits.
void check_graph(const Graph& graph);

/// `same[i]`: the first node whose scale and zero point tensor i must share (itself when it is
/// free). They are shared where the kernels copy or compare values without rescaling them.
std::vector<NodeId> shared_quantisation(const Graph& graph);

}  // namespace thimble::tflite
