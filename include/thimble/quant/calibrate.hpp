#pragma once

#include <span>
#include <vector>

#include "thimble/graph/model.hpp"
#include "thimble/quant/scales.hpp"

namespace thimble {

/// How the range of a tensor is read off its values.
enum class RangeObserver {
  kMinMax,      // all of them, as TFLite's converter does
  kPercentile,  // without the rarest at both ends
};

struct CalibrationOptions {
  RangeObserver observer = RangeObserver::kMinMax;
  /// For kPercentile: how many of the values, in %, must lie inside; half of the rest may fall off
  /// each end. In (50, 100]. Read from a histogram of 4,096 bins over the full range, outwards to a
  /// bin's edge.
  double percentile = 99.99;
};

/// The range of every tensor of a deployed network, by node id, over samples [n, H, W, C].
/// Deterministic; reads the samples once (kMinMax) or twice. Throws DataError when there is no
/// sample, half a one, or a value that is not finite; ModelError when a tensor of the network is
/// not finite; ConfigError for a percentile out of range.
std::vector<Range> calibrate(const Model& deployed, std::span<const float> inputs,
                             const CalibrationOptions& options = {});

}  // namespace thimble
