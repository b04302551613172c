#include "transpose.hpp"

#include <algorithm>
#include <cstring>

#include "lanes.hpp"

namespace thimble::engine {

namespace {

/// Four floats, in a register of any machine.
using Quad [[gnu::vector_size(16)]] = float;
constexpr int kQuad = 4;

Quad load(const float* place) {
  Quad quad;
  std::memcpy(&quad, place, sizeof(quad));
  return quad;
}
void store(const Quad& quad, float* place) { std::memcpy(place, &quad, sizeof(quad)); }

/// Four elements of four samples.
void transpose_quads(const float* rows, std::int64_t pitch, float* lanes) {
  const Quad a = load(rows);
  const Quad b = load(rows + pitch);
  const Quad c = load(rows + 2 * pitch);
  const Quad d = load(rows + 3 * pitch);
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), lanes);
  store(__builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7), lanes + kLanes);
  store(__builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), lanes + 2 * kLanes);
  store(__builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7), lanes + 3 * kLanes);
}

}  // namespace

void rows_to_lanes(const float* rows, int count, std::int64_t elements, float* lanes) {
  if (count < kLanes) std::fill_n(lanes, elements * kLanes, 0.0F);
  const std::int64_t whole = count == kLanes ? elements / kQuad * kQuad : 0;
  for (std::int64_t e = 0; e < whole; e += kQuad) {
    for (int sample = 0; sample < kLanes; sample += kQuad) {
      transpose_quads(rows + sample * elements + e, elements, lanes + e * kLanes + sample);
    }
  }
  for (std::int64_t e = whole; e < elements; ++e) {
    for (int sample = 0; sample < count; ++sample) {
      lanes[e * kLanes + sample] = rows[sample * elements + e];
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
