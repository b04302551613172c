#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble::tflite {

/// Throws ModelError unless `offsets` (of `TfliteOptions`) is empty or fits the graph.
void check_offsets(const Graph& graph, std::span<const std::int32_t> offsets);

/// What the metadata of a file with so many tensors holds, the graph's first, then the constants:
///
///     0: version of the format | 0: subgraph | number of tensors | place of each tensor, or −1
///
/// Source: docs/memory_management.md of TensorFlow Lite Micro, which reads the last two alone.
std::vector<std::int32_t> offline_plan(std::span<const std::int32_t> offsets, std::size_t tensors);

}  // namespace thimble::tflite
