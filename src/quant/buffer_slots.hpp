#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble {

/// Which tensors of a network may share memory when its nodes run in order of their ids.
struct BufferSlots {
  std::vector<std::size_t> slot;   // by node id
  std::vector<std::size_t> sizes;  // by slot: the longest tensor that ever lies there
};

/// First come, first served: a node takes the free slot whose size suits it best, or a new one. Not
/// minimal; it keeps a chain of layers in two slots, and so in the cache. Outputs keep theirs to
/// the end.
BufferSlots share_buffers(const Graph& graph, const std::function<std::size_t(NodeId)>& length);

/// The one Input node. Throws ModelError when there are none or several.
NodeId single_input(const Graph& graph);

}  // namespace thimble
