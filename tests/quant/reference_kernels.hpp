#pragma once

#include <cstdint>
#include <vector>

#include "thimble/quant/quantized_model.hpp"

namespace thimble::reference {

/// TensorFlow Lite Micro's int8 rules told a second time, one value after another, sharing no code
/// with the interpreter under test. Returns the tensor of every node, by id, for one sample.
std::vector<std::vector<std::int8_t>> run(const QuantizedModel& model,
                                          const std::vector<std::int8_t>& input);

/// a·b / 2^31 to the nearest integer, ties up, saturated.
std::int32_t high_mul(std::int32_t a, std::int32_t b);
/// x / 2^exponent to the nearest integer, half away from zero.
std::int32_t divide_by_power(std::int32_t x, int exponent);
/// x · real, where `real` is first turned into 31 bits and a shift.
std::int32_t scaled(std::int32_t x, double real);

}  // namespace thimble::reference
