// Included once for every instruction set (Highway's foreach_target): patches of 4×4 pixels and
// their transformation, for Winograd's convolutions.
#if defined(THIMBLE_ENGINE_WINOGRAD_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_WINOGRAD_INL_HPP_
#undef THIMBLE_ENGINE_WINOGRAD_INL_HPP_
#else
#define THIMBLE_ENGINE_WINOGRAD_INL_HPP_
#endif

#include <array>
#include <cstddef>

#include "lanes-inl.hpp"
#include "winograd.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// A row of lanes apart, so that the channels' lines of neighbouring tiles do not share a set of
/// the cache.
inline std::size_t tile_pitch(int channels) {
  return static_cast<std::size_t>(channels | 1) * kLanes;
}

/// The pixels of a kSide × kSide window of an image, some of which may lie outside.
template <int kSide>
struct Pixels {
  std::array<const float*, kSide * kSide> lines;  // of the first channel
  std::array<std::size_t, kSide * kSide> steps;   // floats to the next channel's; 0 outside

  Pixels(const float* image, Shape shape, int row, int column) {
    for (int i = 0; i < kSide * kSide; ++i) {
      const int y = row + i / kSide;
      const int x = column + i % kSide;
      const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
      const auto at = static_cast<std::size_t>(i);
      const std::ptrdiff_t pixel = std::ptrdiff_t{y} * shape.width + x;
      lines[at] = inside ? image + pixel * shape.channels * kLanes : kBlackLine;
      steps[at] = inside ? kLanes : 0;
    }
  }
  HWY_INLINE V at(int i, std::size_t channel, int v) const {
    const auto pixel = static_cast<std::size_t>(i);
    return load(lines[pixel] + channel * steps[pixel] + v * kWidth);
  }
};

/// Bᵀ d B of each channel, place by place: to[place · pitch + channel · kLanes].
inline void transform_patch(const Pixels<4>& patch, int channels, float* to, std::size_t pitch) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    HWY_UNROLL(kUnrolledVectors)
    for (int v = 0; v < kVectors; ++v) {
      float* const first = to + c * kLanes + v * kWidth;
      HWY_UNROLL(4)
      for (int i = 0; i < 4; ++i) {
        constexpr int kPlus[] = {0, 1, 2, 1};
        constexpr int kOther[] = {2, 2, 1, 3};
        V row[4];
        HWY_UNROLL(4)
        for (int j = 0; j < 4; ++j) {
          const V a = patch.at(kPlus[i] * 4 + j, c, v);
          const V b = patch.at(kOther[i] * 4 + j, c, v);
          row[j] = i == 1 ? hn::Add(a, b) : hn::Sub(a, b);
        }
        float* const place = first + static_cast<std::size_t>(i * 4) * pitch;
        store(hn::Sub(row[0], row[2]), place);
        store(hn::Add(row[1], row[2]), place + pitch);
        store(hn::Sub(row[2], row[1]), place + 2 * pitch);
        store(hn::Sub(row[1], row[3]), place + 3 * pitch);
      }
    }
  }
}

/// The tiles of 2×2 that cover an image, row by row.
struct TileGrid {
  explicit TileGrid(Shape image)
      : columns((image.width + 1) / 2), count((image.height + 1) / 2 * columns) {}
  int row(int tile) const { return tile / columns * 2; }
  int column(int tile) const { return tile % columns * 2; }
  int columns;
  int count;
};

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
