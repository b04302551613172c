#pragma once

namespace thimble {

/// What one core of this machine could do at most, in single precision, with the instructions that
/// the engine's kernels use on it.
struct MachineLimits {
  double flops = 0;      ///< fused multiply-adds in registers, two operations each, per second
  double bandwidth = 0;  ///< bytes a second that a triad reads and writes beyond the caches
  double cache_bandwidth = 0;  ///< the same within 256 KiB, which the second cache holds
};

MachineLimits measure_limits();

}  // namespace thimble
