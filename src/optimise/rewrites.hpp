#pragma once

#include <vector>

#include "thimble/quant/quantized_model.hpp"

namespace thimble::optimise {

/// The same network with its nodes in another order of execution; see `reordered`.
QuantizedModel in_order(const QuantizedModel& model, const std::vector<NodeId>& order);

/// The same network without the reshapes that only dense layers read: those take any shape as one
/// vector, in the same order.
QuantizedModel without_idle_reshapes(const QuantizedModel& model);

}  // namespace thimble::optimise
