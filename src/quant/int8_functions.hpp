#pragma once

#include <array>
#include <cstdint>

#include "thimble/quant/quantized_model.hpp"

namespace thimble::int8 {

/// The output's q at [the input's q as uint8].
using FunctionTable = std::array<std::int8_t, 256>;

/// TFLM's int8 logistic function, hyperbolic tangent (both with four integer bits of input) and
/// hard swish, as tables: they see one int8 only. The scales are such as `check_quantized` accepts.
FunctionTable function_table(Function function, QuantParams in, QuantParams out);

}  // namespace thimble::int8
