#pragma once

#include <cstdint>
#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

inline Conv2D pointwise(int filters) { return {.filters = filters}; }

inline NodeId pick(const std::vector<NodeId>& from, Rng& rng) {
  return from[static_cast<std::size_t>(
      rng.uniform_int(0, static_cast<std::int64_t>(from.size()) - 1))];
}

/// A small directed graph of any form: additions, concatenations, shared tensors, flattens, dead
/// ends, several inputs and several outputs, an operator that reads one tensor twice. All tensors
/// are n×1 with few channels, so shapes often agree.
inline Graph random_graph(Rng& rng, int nodes) {
  Graph graph;
  const int inputs = static_cast<int>(rng.uniform_int(1, 2));
  const int largest = rng.chance(0.5) ? 3 : 9;
  for (int i = 0; i < inputs; ++i) {
    graph.input(
        {.height = 2, .width = 1, .channels = static_cast<int>(rng.uniform_int(1, largest))});
  }
  while (graph.size() < nodes) {
    const NodeId any = rng.chance(0.5) ? graph.size() - 1
                                       : static_cast<NodeId>(rng.uniform_int(0, graph.size() - 1));
    std::vector<NodeId> same_shape;
    std::vector<NodeId> same_image;
    for (NodeId id = 0; id < graph.size(); ++id) {
      if (graph.shape(id) == graph.shape(any)) same_shape.push_back(id);
      if (graph.shape(id).height == graph.shape(any).height) same_image.push_back(id);
    }
    const double kind = rng.uniform();
    if (kind < 0.45) {
      graph.add(pointwise(static_cast<int>(rng.uniform_int(1, largest))), {any});
    } else if (kind < 0.75) {
      std::vector<NodeId> terms = {any, pick(same_shape, rng)};
      if (rng.chance(0.2)) terms.push_back(pick(same_shape, rng));
      graph.add(Add{}, terms);
    } else if (kind < 0.9) {
      graph.add(Concat{}, {any, pick(same_image, rng)});
    } else {
      graph.add(Flatten{}, {any});
    }
  }
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (rng.chance(0.15)) graph.mark_output(id);
  }
  return graph;
}

}  // namespace thimble
