#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "thimble/quant/quantized_model.hpp"

namespace thimble {

/// How many of `probing_inputs` are not random.
inline constexpr int kExtremeInputs = 4;

/// Inputs for a network with one input, one after another: all bytes at −128, at 127 and at its
/// zero point, the two extremes in turn, then `random` inputs over the whole of int8. The same
/// every time.
std::vector<std::int8_t> probing_inputs(const QuantizedModel& model, int random);

/// Runs both and tells the first byte in which their outputs differ, or that inputs or outputs
/// differ in size or quantisation; nothing when they are equal. Throws ModelError for networks that
/// have not exactly one input and one output.
std::optional<std::string> first_difference(const QuantizedModel& a, const QuantizedModel& b,
                                            const std::vector<std::int8_t>& inputs);

}  // namespace thimble
