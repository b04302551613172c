#pragma once

#include <vector>

#include "thimble/core/units.hpp"
#include "thimble/graph/graph.hpp"

namespace thimble {

/// What one operator of a network stores and computes, for one sample, in int8.
struct OpCost {
  NodeId node = -1;
  std::int64_t params = 0;  // kernel values and biases
  Bytes kernel;             // one byte a value
  Bytes bias;               // four bytes (int32) each
  std::int64_t kernel_scales =
      0;  // one an output channel of a convolution; one for all of a dense layer
  /// Multiply-accumulates of convolutions and dense layers; 0 for all other operators. The rule of
  /// the MLPerf Tiny and MicroNets tables. Places in the padding count.
  Macs macs;
  /// What μNAS calls MACs (Liberis et al. 2020): `macs`, and for pooling output elements · window
  /// area, for an addition of n tensors (n − 1) · output elements. Only for comparison with its
  /// tables.
  Macs munas_work;

  /// What the device keeps of this operator's parameters.
  Bytes weights() const { return kernel + bias; }
};

/// One for each node, by id; all zeros for what stores and computes nothing. Batch norm counts as
/// folded.
std::vector<OpCost> op_costs(const Graph& graph);

/// The sums over all nodes; `node` stays -1.
OpCost total_cost(const Graph& graph);

}  // namespace thimble
