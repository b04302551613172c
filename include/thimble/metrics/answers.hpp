#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace thimble {

/// What is known of the samples of a split. What the spans show must outlive it.
struct Truth {
  int classes = 0;
  /// [N], each in [0, classes). Of machines that are listened to: which machine.
  std::span<const std::int32_t> labels = {};
  /// Whether what is asked for is which samples are not as they should be …
  bool detects_anomalies = false;
  /// … [N], 1 where one is not; or empty: all are as they should be.
  std::span<const std::uint8_t> anomalous = {};
  /// [N], the number of the clip that a sample is a window of; or empty: each is a clip of its own.
  std::vector<std::int32_t> clips = {};
};

/// What a network said to them: a classifier has the first two, one that rebuilds its input the
/// third.
struct Answers {
  std::vector<std::int32_t> predicted = {};    // [N]
  std::vector<double> log_probabilities = {};  // [N, classes], natural logarithms, at most 0
  std::vector<double> errors = {};             // [N], mean squared error of output and input
};

}  // namespace thimble
