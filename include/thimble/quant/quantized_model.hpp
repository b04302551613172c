#pragma once

#include <cstdint>
#include <vector>

#include "thimble/graph/graph.hpp"

namespace thimble {

/// real = scale · (q − zero_point), q an int8.
struct QuantParams {
  float scale = 1;
  std::int32_t zero_point = 0;  // in [-128, 127]

  bool operator==(const QuantParams&) const = default;
};

/// The integers of one node, in TFLite's layouts (`NodeWeights` has them); empty where the operator
/// has none.
struct QuantizedWeights {
  /// Zero point 0. In [-127, 127]; of a node with int4 weights in [-8, 7], one to a byte here.
  std::vector<std::int8_t> kernel;
  /// One for each output channel (Conv2D, DepthwiseConv2D) or one for the whole tensor (Dense).
  std::vector<float> kernel_scales;
  /// At scale activations[input].scale · kernel_scale, zero point 0.
  std::vector<std::int32_t> bias;

  bool operator==(const QuantizedWeights&) const = default;
};

/// A deployed graph (`deployed` in graph/deploy.hpp) in int8, as TensorFlow Lite has it. Vectors
/// are by node id.
struct QuantizedModel {
  Graph graph;
  std::vector<QuantParams> activations;  // of the tensor that each node computes
  std::vector<QuantizedWeights> weights;
};

}  // namespace thimble
