#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "thimble/core/rng.hpp"

namespace thimble::frontend {

/// White noise of a deviation, cut at the ends of int16.
inline std::vector<std::int16_t> noise(Rng& rng, int length, double deviation) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < length; ++i) {
    const double value = std::clamp(deviation * rng.normal(), -32768.0, 32767.0);
    samples.push_back(static_cast<std::int16_t>(std::lround(value)));
  }
  return samples;
}

/// What a microphone might hear: tones that come and go, each louder or softer than the one before,
/// over a little noise, with pauses of silence.
inline std::vector<std::int16_t> sounds(Rng& rng, int length) {
  std::vector<std::int16_t> samples = noise(rng, length, 20);
  for (int start = 0; start < length;) {
    const int end = start + static_cast<int>(rng.uniform_int(length / 20 + 1, length / 4 + 1));
    const double turn = rng.uniform(0.01, 1.5);
    const double loud = std::exp2(rng.uniform(4, 14.9));
    const bool pause = rng.chance(0.2);
    for (int i = start; i < std::min(end, length); ++i) {
      const double value = samples[static_cast<std::size_t>(i)] + loud * std::sin(turn * i);
      samples[static_cast<std::size_t>(i)] =
          static_cast<std::int16_t>(pause ? 0 : std::lround(value));
    }
    start = end;
  }
  return samples;
}

}  // namespace thimble::frontend
