#pragma once

#include <cstdint>

namespace thimble::engine {

/// The batch is the vector: a tensor lies in memory as [blocks][H][W][C][kLanes], the same channel
/// of 16 images side by side. No channel count needs padding, and all operators vectorise alike.
/// Sixteen on every machine (two AVX2 vectors, one of AVX-512), so that values are summed in the
/// same order.
inline constexpr int kLanes = 16;

/// Every tensor begins at a multiple of this many bytes, which is also the size of a row of lanes.
inline constexpr std::int64_t kAlignment = kLanes * sizeof(float);

/// Parts that a batch may be cut into for threads.
inline constexpr int kMostShards = 64;

constexpr int blocks_of(int samples) { return (samples + kLanes - 1) / kLanes; }

}  // namespace thimble::engine
