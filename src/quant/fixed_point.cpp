#include "thimble/quant/fixed_point.hpp"

#include <cmath>

#include "thimble/core/error.hpp"

namespace thimble {

Multiplier quantised_multiplier(double real) {
  THIMBLE_ASSERT(std::isfinite(real) && real >= 0);
  if (real == 0) return {};
  Multiplier result;
  const double fraction = std::frexp(real, &result.shift);  // in [1/2, 1)
  auto mantissa = static_cast<std::int64_t>(std::round(std::ldexp(fraction, 31)));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++result.shift;
  }
  if (result.shift < -31) return {};
  result.mantissa = static_cast<std::int32_t>(mantissa);
  return result;
}

}  // namespace thimble
