#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace thimble::int8 {

/// TFLM's int8 softmax: gemmlowp's fixed-point exponential and reciprocal. As the exponent depends
/// on the difference of two int8 alone, the exponentials are worked out once, for all 256
/// differences.
class IntegerSoftmax {
 public:
  /// `input_scale` is above 2^−26.
  explicit IntegerSoftmax(float input_scale);

  /// One row of at most 511 channels; outputs have scale 1/256 and zero point −128.
  void row(std::span<const std::int8_t> in, std::span<std::int8_t> out) const;

 private:
  /// e^(−scale · d) at [d], as a fraction of 2^31; −1 where TFLM takes it for nothing.
  std::array<std::int32_t, 256> exponentials_;
};

}  // namespace thimble::int8
