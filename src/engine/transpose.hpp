#pragma once

#include <cstdint>

namespace thimble::engine {

/// Samples [count][elements], count at most 16, into [elements][16]; lanes without a sample become
/// 0.
void rows_to_lanes(const float* rows, int count, std::int64_t elements, float* lanes);

/// The other way, for the first `count` lanes.
void lanes_to_rows(const float* lanes, int count, std::int64_t elements, float* rows);

/// All 16 lanes of [elements][16] into [16][pitch], zeros behind the elements.
void lanes_to_pitched_rows(const float* lanes, std::int64_t elements, std::int64_t pitch,
                           float* rows);

}  // namespace thimble::engine
