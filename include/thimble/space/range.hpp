#pragma once

#include "thimble/core/rng.hpp"

namespace thimble {

/// What a free variable may be: low, low + step, …, high, both ends included. `high − low` is a
/// multiple of `step`.
struct IntegerRange {
  int low;
  int high;
  int step = 1;

  constexpr bool contains(std::int64_t value) const {
    return value >= low && value <= high && (value - low) % step == 0;
  }
  constexpr int count() const { return (high - low) / step + 1; }
  /// Uniform over all values.
  int draw(Rng& rng) const {
    return low + step * static_cast<int>(rng.uniform_int(0, count() - 1));
  }
};

}  // namespace thimble
