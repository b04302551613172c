#pragma once

#include "compiler.hpp"
#include "kernels/kernel_gradient.hpp"

namespace thimble::engine {

// One for each kind of operator: adds the forward steps of the node and says how its backward steps
// are added.

void add_operator(Compiler& compiler, NodeId id, const Input& op);
void add_operator(Compiler& compiler, NodeId id, const Conv2D& op);
void add_operator(Compiler& compiler, NodeId id, const DepthwiseConv2D& op);
void add_operator(Compiler& compiler, NodeId id, const Dense& op);
void add_operator(Compiler& compiler, NodeId id, const Pool2D& op);
void add_operator(Compiler& compiler, NodeId id, const GlobalPool& op);
void add_operator(Compiler& compiler, NodeId id, const Add& op);
void add_operator(Compiler& compiler, NodeId id, const Concat& op);
void add_operator(Compiler& compiler, NodeId id, const Pad& op);
void add_operator(Compiler& compiler, NodeId id, const Activate& op);
void add_operator(Compiler& compiler, NodeId id, const BatchNorm& op);
void add_operator(Compiler& compiler, NodeId id, const Dropout& op);
void add_operator(Compiler& compiler, NodeId id, const Flatten& op);
void add_operator(Compiler& compiler, NodeId id, const Softmax& op);

/// Adds the loss of the network's output: passes its gradient to the output (or to the logits
/// before a closing Softmax). Throws ModelError when the output does not suit the loss.
void add_loss(Compiler& compiler, NodeId output);

/// The gradient of a bias: the sum of the output's over samples and pixels.
void add_bias_gradient(Compiler& compiler, Shape out, std::int64_t place, TensorId gradient);
/// The gradient of a dense layer's kernel, which stands at `place`.
void add_dense_kernel_gradient(Compiler& compiler, int inputs, int units, std::int64_t place,
                               TensorId input, TensorId gradient);
/// gradient where the activation let `activated` pass.
void add_activation_gradient(Compiler& compiler, Activation activation, std::int64_t floats,
                             TensorId activated, TensorId gradient, TensorId output);
/// output = a + b.
void add_sum(Compiler& compiler, std::int64_t floats, TensorId a, TensorId b, TensorId output);

/// The shards' arrays of a workspace of partial sums.
inline PartialSums partial_sums_of(const Context& context, TensorId tensor) {
  float* const first = context.of_shard(tensor, 0);
  return {first, context.shards, context.of_shard(tensor, 1) - first};
}

/// Floats of one block of such images.
inline std::int64_t floats_of(Shape shape) { return shape.elements() * kLanes; }

}  // namespace thimble::engine
