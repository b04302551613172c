#pragma once

#include <vector>

#include "thimble/graph/model.hpp"

namespace thimble {

/// A training graph in the form that runs on the device and that footprint, quantiser and exporters
/// read:
/// - BatchNorm is folded into the convolution or dense layer whose only reader it is; elsewhere it
/// becomes a 1×1 depthwise
///   convolution, which computes the same;
/// - ReLU and ReLU6 are fused into the convolution, dense layer or addition before them whose only
/// reader they are;
/// - Dropout vanishes, and Flatten before a dense layer (which reads any shape);
/// - an addition of n tensors becomes n − 1 additions of two, for that is what the device has;
/// - GlobalPool becomes a Pool2D over the whole image; every Conv2D, DepthwiseConv2D and Dense has
/// a bias. Nodes that no output needs are left out. Deploying a deployed graph changes nothing.
Graph deployed(const Graph& training);

/// The same with the weights folded: batch norm's running statistics go into kernel and bias, in
/// double. Throws ModelError when the weights do not fit the graph.
Model deployed(const Model& training);

}  // namespace thimble
