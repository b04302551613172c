#pragma once

#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// Throws ModelError naming the node unless TFLM's int8 kernels would run the model and our
/// interpreter knows what they compute:
/// - the graph is deployed (every Conv2D, DepthwiseConv2D and Dense has a bias, every Add two
///   inputs) and each vector has the size that the graph wants; scales are positive and finite,
///   zero points int8;
/// - int4 weights lie in [−8, 7];
/// - what moves bytes (quant/shared_params.hpp) has one scale and zero point on all sides; softmax,
///   logistic function and tangent yield TFLite's fixed ones;
/// - 2·max(s1, s2) < 2^20 · s_out for Add, s_in < 128 · s_out for a hard swish; all multipliers
/// stay
///   below 2^30, and no scale is so small or large that TFLM shifts by more bits than a number has;
/// - at most 511 channels for Softmax (its sum has 12 integer bits and TFLM aborts from 512 on),
///   65,536 places in an average's window and 2^23 in a mean.
void check_quantized(const QuantizedModel& model);

}  // namespace thimble
