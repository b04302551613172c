#include "transpose.hpp"

#include <algorithm>

#include "lanes.hpp"

namespace thimble::engine {

void rows_to_lanes(const float* rows, int count, std::int64_t elements, float* lanes) {
  if (count < kLanes) std::fill_n(lanes, elements * kLanes, 0.0F);
  // Tiles, so that the lines of all samples stay in the cache until they are used up.
  for (std::int64_t begin = 0; begin < elements; begin += kLanes) {
    const std::int64_t end = std::min(elements, begin + kLanes);
    for (int sample = 0; sample < count; ++sample) {
      for (std::int64_t e = begin; e < end; ++e) {
        lanes[e * kLanes + sample] = rows[sample * elements + e];
      }
    }
  }
}

void lanes_to_rows(const float* lanes, int count, std::int64_t elements, float* rows) {
  for (std::int64_t e = 0; e < elements; ++e) {
    for (int sample = 0; sample < count; ++sample) {
      rows[sample * elements + e] = lanes[e * kLanes + sample];
    }
  }
}

void lanes_to_pitched_rows(const float* lanes, std::int64_t elements, std::int64_t pitch,
                           float* rows) {
  for (std::int64_t begin = 0; begin < elements; begin += kLanes) {
    const std::int64_t end = std::min(elements, begin + kLanes);
    for (int sample = 0; sample < kLanes; ++sample) {
      for (std::int64_t e = begin; e < end; ++e) {
        rows[sample * pitch + e] = lanes[e * kLanes + sample];
      }
    }
  }
  for (int sample = 0; sample < kLanes; ++sample) {
    std::fill_n(rows + sample * pitch + elements, pitch - elements, 0.0F);
  }
}

}  // namespace thimble::engine
