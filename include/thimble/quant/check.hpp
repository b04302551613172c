#pragma once

#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// Throws ModelError naming the node unless TFLM's int8 kernels would run the model and our
/// interpreter knows what they compute:
/// - the graph is deployed (every Conv2D, DepthwiseConv2D and Dense has a bias, every Add two
///   inputs) and each vector has the size that the graph wants; scales are positive and finite,
///   zero points int8;
/// - Pool2D, Pad, Concat, Flatten and a ReLU6 that stands alone have one scale and zero point on
///   all sides, for TFLM moves their bytes without rescaling; a softmax yields scale 1/256 and zero
///   point −128;
/// - 2·max(s1, s2) < 2^20 · s_out for Add; all multipliers stay below 2^30;
/// - at most 511 channels for Softmax (its sum has 12 integer bits and TFLM aborts from 512 on) and
///   65,536 places in an average's window.
void check_quantized(const QuantizedModel& model);

}  // namespace thimble
