#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble::tflite {

/// A partition of a graph's tensors; a set is named by its smallest member.
class DisjointSets {
 public:
  explicit DisjointSets(NodeId size) : parents_(static_cast<std::size_t>(size)) {
    std::iota(parents_.begin(), parents_.end(), 0);
  }

  NodeId find(NodeId id) {
    NodeId& parent = parents_[static_cast<std::size_t>(id)];
    if (parent != id) parent = find(parent);
    return parent;
  }

  void join(NodeId a, NodeId b) {
    const auto [low, high] = std::minmax({find(a), find(b)});
    parents_[static_cast<std::size_t>(high)] = low;
  }

 private:
  std::vector<NodeId> parents_;
};

}  // namespace thimble::tflite
