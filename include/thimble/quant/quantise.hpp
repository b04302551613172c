#pragma once

#include <optional>
#include <span>

#include "thimble/graph/model.hpp"
#include "thimble/quant/calibrate.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble {

struct QuantiseOptions {
  CalibrationOptions calibration;
  /// Where given, the network's input has exactly these, and what shares them with it (a pool of
  /// the input) too: those of bytes that are int8 before they reach a network.
  std::optional<QuantParams> input;
};

/// Post-training quantisation to int8 as TFLite's converter does it, of a deployed network
/// (graph/deploy.hpp) with calibration samples [n, H, W, C]:
/// - activations asymmetric from their calibrated ranges. Tensors that TFLM wants to be alike
///   (quant/shared_params.hpp) share the union of their ranges; the input's may be given;
/// - kernels symmetric in [−127, 127] or, int4, in [−7, 7], a scale for each output channel, or one
/// for a whole dense
///   layer;
/// - biases int32 at s_in · s_w.
/// Scales are raised where integers would overflow otherwise: a kernel's until its bias keeps to
/// 2^30, an output's until no input can overflow the accumulator's shift and TFLM accepts the
/// addition or the hard swish. Passes check_quantized.
/// Throws as `calibrate` does, and ModelError for weights that are not finite or a concatenation
/// that ties a fixed scale (a softmax's, a logistic function's, a tangent's, a given input's) to a
/// tensor beyond its range.
QuantizedModel quantise(const Model& deployed, std::span<const float> calibration_inputs,
                        const QuantiseOptions& options = {});

/// The same from ranges by node id that were found otherwise, such as those learnt in
/// quantisation-aware training.
QuantizedModel quantise(const Model& deployed, std::span<const Range> ranges,
                        std::optional<QuantParams> input = {});

}  // namespace thimble
