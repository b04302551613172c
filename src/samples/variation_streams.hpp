#pragma once

#include <cstdint>

#include "thimble/core/rng.hpp"

namespace thimble {

/// Numbers of the random streams of one sample in one epoch, forks of the sample's own source. What
/// has no stream (mirroring, turning, moving) draws from that source itself.
enum class VariationStream : std::uint64_t {
  kCrop,
  kColours,
  kCutout,
  kTimeShift,
  kMasks,
  kVersion,
  kWarp,
  kScaling,
  kJitter,
  kMixup,
};

/// A sample's own source is the fork by its index of this.
inline Rng epoch_source(std::uint64_t seed, int epoch) {
  return Rng(seed).fork(static_cast<std::uint64_t>(epoch));
}

inline Rng stream_of(const Rng& own, VariationStream stream) {
  return own.fork(static_cast<std::uint64_t>(stream));
}

}  // namespace thimble
