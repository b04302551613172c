#pragma once

#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble {

/// By node id: the smallest id of the tensors that must have one scale and zero point with it, for
/// TFLM moves bytes between them without rescaling: both sides of a pool, a pad, a reshape and a
/// lone ReLU6, all of a concatenation, transitively.
std::vector<NodeId> shared_params(const Graph& graph);

}  // namespace thimble
