#pragma once

#include <variant>

#include "quant/int8_moves.hpp"
#include "thimble/quant/quantized_model.hpp"

namespace thimble::int8 {

/// The network's input: its packed samples are put there before the steps run.
struct Source {};

using Plan = std::variant<Source, Convolution, DepthwiseConvolution, Pooling, Addition, Relu, Relu6,
                          Concatenation, Padded, Reshaping, SoftmaxPlan, Averaging, Product,
                          Resizing, Lookup>;

/// How one node of a checked model is computed: its weights packed, its multipliers worked out.
Plan plan_node(const QuantizedModel& model, NodeId id);

}  // namespace thimble::int8
