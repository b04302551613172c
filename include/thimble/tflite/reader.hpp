#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// An int8 network out of a TensorFlow Lite file (schema version 3), as `write_tflite` and
/// TensorFlow Lite's converter write them. Nodes are the network's inputs in the file's order, then
/// its operators in the file's order; what `write_tflite` made of a graph whose inputs come first
/// is read back node by node, and writing it again gives the same bytes.
///
/// Operators: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, ADD, MAX_POOL_2D, AVERAGE_POOL_2D, PAD,
/// CONCATENATION (along the channels), RELU, RELU6, SOFTMAX, MEAN (over height and width), MUL,
/// RESIZE_NEAREST_NEIGHBOR, LOGISTIC, TANH, HARD_SWISH, and RESHAPE where it flattens or
/// changes nothing, in which case no node stands for it. Activations are [1, H, W, C], [1, W, C] or
/// [1, C], with one scale and zero point; weights are int8 or, of the first three, int4. Left-out
/// biases become zeros, and a kernel's single scale one for each channel of a convolution, which
/// computes the same. The result passes `check_quantized`.
///
/// Throws ModelError, beginning with `place` (the file's name) and naming the operator and its
/// number, for everything else: another operator, type, batch, shape, fused activation; a file that
/// is cut short or damaged. Any bytes are safe to give; memory stays within a small multiple of
/// the file's size and 64 MiB of weights.
QuantizedModel read_tflite(std::span<const std::uint8_t> file, std::string_view place);

}  // namespace thimble
