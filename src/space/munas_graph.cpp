#include "thimble/space/munas_graph.hpp"

#include <algorithm>

namespace thimble {
namespace {

/// a / b rounded to the nearest whole number, halves to the even one. Both are positive.
int divide_half_even(int a, int b) {
  const int floor = a / b;
  const int twice_rest = 2 * (a % b);
  const bool up = twice_rest > b || (twice_rest == b && floor % 2 == 1);
  return floor + (up ? 1 : 0);
}

class Assembly {
 public:
  Assembly(const MunasGenotype& genotype, const Task& task) : genotype_(genotype), task_(task) {}

  Graph run() && {
    const NodeId input = graph_.input(task_.input);
    std::vector<NodeId> pending{input};
    NodeId fork = input;  // what the last serial block read
    for (const MunasBlock& block : genotype_.blocks) {
      if (block.branch) {
        pending.push_back(branch(block, fork, graph_.shape(pending[0]).channels));
      } else {
        fork = merge(pending);
        pending = {chain(block.layers, fork)};
      }
    }
    graph_.mark_output(head(merge(pending)));
    return std::move(graph_);
  }

 private:
  NodeId chain(std::span<const MunasLayer> layers, NodeId from) {
    for (const MunasLayer& each : layers) from = layer(each, from);
    return from;
  }

  NodeId branch(const MunasBlock& block, NodeId from, int channels) {
    MunasLayer last = block.layers.back();
    if (last.has_filters()) last.filters = channels;
    from = chain(std::span(block.layers).first(block.layers.size() - 1), from);
    from = layer(last, from);
    return last.has_filters() ? from : graph_.add(Conv2D{.filters = channels}, {from});
  }

  NodeId layer(const MunasLayer& layer, NodeId from) {
    if (layer.pre_pool) from = pool(PoolKind::kMax, {2, 2}, from);
    const Extent kernel = kernel_on(graph_.shape(from), layer.kernel);
    const Extent stride{layer.stride, layer.stride};
    const Activation activation = layer.relu ? Activation::kRelu : Activation::kNone;
    // Batch norm subtracts the mean and adds an offset of its own, so a bias before it would learn
    // nothing.
    const bool bias = !layer.batch_norm;
    const Activation fused = layer.batch_norm ? Activation::kNone : activation;
    if (layer.type == LayerType::kDepthwise) {
      from = graph_.add(
          DepthwiseConv2D{.kernel = kernel, .stride = stride, .bias = bias, .activation = fused},
          {from});
    } else {
      from = graph_.add(Conv2D{.filters = layer.filters,
                               .kernel = kernel,
                               .stride = stride,
                               .bias = bias,
                               .activation = fused},
                        {from});
    }
    if (layer.batch_norm) from = graph_.add(BatchNorm{}, {from});
    if (activation != fused) from = graph_.add(Activate{activation}, {from});
    return from;
  }

  /// Square, clipped to an image; along a series.
  Extent kernel_on(Shape in, int side) const {
    const int height = std::min(side, in.height);
    const int width = std::min(side, in.width);
    if (task_.input.height == 1 || task_.input.width == 1) return {height, width};
    return {std::min(height, width), std::min(height, width)};
  }

  /// Windows side by side, clipped to the image.
  NodeId pool(PoolKind kind, Extent window, NodeId from) {
    const Shape in = graph_.shape(from);
    window = {std::min(window.height, in.height), std::min(window.width, in.width)};
    if (window == Extent{1, 1}) return from;
    return graph_.add(Pool2D{.kind = kind, .window = window, .stride = window}, {from});
  }

  NodeId merge(std::vector<NodeId> terms) {
    if (terms.size() == 1) return terms[0];
    Extent smallest{task_.input.height, task_.input.width};
    for (const NodeId id : terms) {
      smallest.height = std::min(smallest.height, graph_.shape(id).height);
      smallest.width = std::min(smallest.width, graph_.shape(id).width);
    }
    Extent largest;
    for (NodeId& id : terms) {
      const Shape shape = graph_.shape(id);
      id = pool(PoolKind::kMax,
                {divide_half_even(shape.height, smallest.height),
                 divide_half_even(shape.width, smallest.width)},
                id);
      largest.height = std::max(largest.height, graph_.shape(id).height);
      largest.width = std::max(largest.width, graph_.shape(id).width);
    }
    for (NodeId& id : terms) {
      const Pad pad{.bottom = largest.height - graph_.shape(id).height,
                    .right = largest.width - graph_.shape(id).width};
      if (pad != Pad{}) id = graph_.add(pad, {id});
    }
    return graph_.add(Add{}, std::move(terms));
  }

  NodeId head(NodeId from) {
    if (genotype_.pool) {
      from = pool(genotype_.pool->kind, {genotype_.pool->size, genotype_.pool->size}, from);
    }
    for (const int units : genotype_.dense) {
      if (task_.dropout > 0) from = graph_.add(Dropout{task_.dropout}, {from});
      from = graph_.add(Dense{.units = units, .activation = Activation::kRelu}, {from});
    }
    return graph_.add(Dense{.units = task_.logits()}, {from});
  }

  const MunasGenotype& genotype_;
  const Task& task_;
  Graph graph_;
};

}  // namespace

Graph munas_graph(const MunasGenotype& genotype, const Task& task) {
  check_task(task);
  return Assembly(genotype, task).run();
}

}  // namespace thimble
