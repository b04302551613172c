#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thimble/core/rng.hpp"
#include "thimble/graph/deploy.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

struct BranchyOptions {
  int min_blocks = 1;
  int max_blocks = 10;
  int image = 32;
  int channels = 3;
  double branch = 0.5;  // probability that a block is a branch
};

/// Random deployed networks of the form of μNAS's search space: serial blocks and branch blocks of
/// one to three convolutions (max pooling before some), merged by pooling to the smallest image,
/// padding to the largest, and adding.
class BranchyGraph {
 public:
  BranchyGraph(Rng& rng, BranchyOptions options) : rng_(rng), options_(options) {}

  Graph build() {
    NodeId serial_input = graph_.input(
        {.height = options_.image, .width = options_.image, .channels = options_.channels});
    std::vector<NodeId> pending = {serial_input};
    const auto blocks = rng_.uniform_int(options_.min_blocks, options_.max_blocks);
    for (std::int64_t block = 0; block < blocks; ++block) {
      if (block > 0 && rng_.chance(options_.branch)) {
        pending.push_back(branch(serial_input, graph_.shape(pending[0]).channels));
      } else {
        serial_input = merge(pending);
        pending = {chain(serial_input, 0)};
      }
    }
    NodeId last = merge(pending);
    if (rng_.chance(0.9)) last = pool(last, 2 * static_cast<int>(rng_.uniform_int(1, 3)));
    const auto hidden = rng_.uniform_int(1, 3);
    for (std::int64_t i = 0; i < hidden; ++i) {
      last = graph_.add(Dense{.units = static_cast<int>(rng_.uniform_int(10, 256))}, {last});
    }
    graph_.add(Dense{.units = 10}, {last});
    return deployed(graph_);
  }

 private:
  enum class Kind { kFull, kPointwise, kDepthwise };

  NodeId pool(NodeId from, int size) {
    const Extent window{std::min(size, graph_.shape(from).height),
                        std::min(size, graph_.shape(from).width)};
    if (window == Extent{}) return from;
    return graph_.add(Pool2D{.window = window, .stride = window}, {from});
  }

  /// One layer; a depthwise one keeps the channels, whatever is wanted.
  NodeId layer(NodeId from, Kind kind, int filters) {
    if (rng_.chance(0.25)) from = pool(from, 2);
    const Shape in = graph_.shape(from);
    const int side = 3 + 2 * static_cast<int>(rng_.uniform_int(0, 2));
    const Extent kernel{std::min(side, in.height), std::min(side, in.width)};
    const int step = rng_.chance(0.5) ? 2 : 1;
    if (kind == Kind::kPointwise) return graph_.add(Conv2D{.filters = filters}, {from});
    if (kind == Kind::kDepthwise) {
      return graph_.add(DepthwiseConv2D{.kernel = kernel, .stride = {step, step}}, {from});
    }
    return graph_.add(Conv2D{.filters = filters, .kernel = kernel, .stride = {step, step}}, {from});
  }

  /// One to three layers; the last makes `channels` channels, unless that is 0 or it is depthwise.
  NodeId chain(NodeId from, int channels) {
    const auto layers = rng_.uniform_int(1, 3);
    for (std::int64_t i = 0; i < layers; ++i) {
      const Kind kind = static_cast<Kind>(rng_.uniform_int(0, 2));
      const int drawn = static_cast<int>(rng_.uniform_int(1, 128));
      from = layer(from, kind, i + 1 == layers && channels > 0 ? channels : drawn);
    }
    return from;
  }

  NodeId branch(NodeId from, int channels) {
    const NodeId end = chain(from, channels);
    if (graph_.shape(end).channels == channels) return end;
    return graph_.add(Conv2D{.filters = channels}, {end});
  }

  NodeId merge(std::vector<NodeId> pending) {
    if (pending.size() == 1) return pending[0];
    Shape least = graph_.shape(pending[0]);
    for (const NodeId id : pending) {
      least.height = std::min(least.height, graph_.shape(id).height);
      least.width = std::min(least.width, graph_.shape(id).width);
    }
    Shape most;
    for (NodeId& id : pending) {
      const Shape shape = graph_.shape(id);
      const Extent window{static_cast<int>(std::nearbyint(1.0 * shape.height / least.height)),
                          static_cast<int>(std::nearbyint(1.0 * shape.width / least.width))};
      if (window != Extent{}) id = graph_.add(Pool2D{.window = window, .stride = window}, {id});
      most.height = std::max(most.height, graph_.shape(id).height);
      most.width = std::max(most.width, graph_.shape(id).width);
    }
    for (NodeId& id : pending) {
      const Shape shape = graph_.shape(id);
      const Pad pad{.bottom = most.height - shape.height, .right = most.width - shape.width};
      if (pad != Pad{}) id = graph_.add(pad, {id});
    }
    return graph_.add(Add{}, pending);
  }

  Rng& rng_;
  BranchyOptions options_;
  Graph graph_;
};

inline Graph branchy_graph(Rng& rng, BranchyOptions options = {}) {
  return BranchyGraph(rng, options).build();
}

}  // namespace thimble
