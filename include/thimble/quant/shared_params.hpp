#pragma once

#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble {

/// Whether TFLM's kernel moves or compares bytes without rescaling them, so that all that it reads
/// and writes needs one scale and zero point: a pool, a pad, a reshape, a resizing, a concatenation
/// and a lone ReLU6 (unlike ReLU, whose kernel rescales).
bool moves_bytes(const Op& op);

/// By node id: the smallest id of the tensors that must have one scale and zero point with it,
/// because operators that move bytes lie between them, transitively.
std::vector<NodeId> shared_params(const Graph& graph);

}  // namespace thimble
