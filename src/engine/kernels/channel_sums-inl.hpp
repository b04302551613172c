// Included once for every instruction set (Highway's foreach_target): sums over the pixels of a
// block, by channel.
#if defined(THIMBLE_ENGINE_CHANNEL_SUMS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef THIMBLE_ENGINE_CHANNEL_SUMS_INL_HPP_
#undef THIMBLE_ENGINE_CHANNEL_SUMS_INL_HPP_
#else
#define THIMBLE_ENGINE_CHANNEL_SUMS_INL_HPP_
#endif

#include <cstddef>

#include "lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Channels whose sums are held in registers at the same time.
inline constexpr std::size_t kChannelTile = 4;
/// Sums of a channel, apart for each half of a row of lanes: every addition waits for the one
/// before.
inline constexpr int kSumHalves = kVectors > 1 ? 2 : 1;

HWY_INLINE double wide_sum_of_halves(const V (&halves)[kSumHalves]) {
  double sum = 0;
  for (const V half : halves) {
    HWY_ALIGN float lanes[kWidth];
    store(half, lanes);
    for (const float lane : lanes) sum += static_cast<double>(lane);
  }
  return sum;
}

/// Calls tile<n>(first channel) for about equal tiles of n ≤ kChannelTile channels.
template <class Tile>
void for_channel_tiles(std::size_t channels, const Tile& tile) {
  const std::size_t tiles = (channels + kChannelTile - 1) / kChannelTile;
  for (std::size_t i = 0; i < tiles; ++i) {
    const std::size_t begin = channels * i / tiles;
    switch (channels * (i + 1) / tiles - begin) {
      case 1:
        tile.template operator()<1>(begin);
        break;
      case 2:
        tile.template operator()<2>(begin);
        break;
      case 3:
        tile.template operator()<3>(begin);
        break;
      default:
        tile.template operator()<4>(begin);
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
