#pragma once

#include <cstdint>

/// gemmlowp's fixed-point functions, on which TFLM's int8 softmax, logistic function and tangent
/// stand, bit for bit. A number with b integer bits is raw · 2^(b − 31).
namespace thimble::int8 {

/// e^x for x ≤ 0 with `integer_bits`, 4 or 5, of them; the result has none, and 1 is 2^31 − 1.
std::int32_t exponential(std::int32_t x, int integer_bits);

/// 1 / (1 + x) and (1 − x) / (1 + x) for x in [0, 1]; no integer bits on either side.
std::int32_t reciprocal_of_one_plus(std::int32_t x);
std::int32_t one_minus_over_one_plus(std::int32_t x);

/// The largest difference of int8 values that, times a multiplier of this shift, a number with so
/// many integer bits holds: ⌊(2^integer_bits − 1) · 2^(31 − integer_bits − shift)⌋; 256 for all
/// above 255, the largest there is.
int input_radius(int integer_bits, int shift);

}  // namespace thimble::int8
