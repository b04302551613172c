#include "convolution.hpp"

#include "pointwise.hpp"
#include "winograd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/convolution.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Where a row of tiles of outputs stands.
struct Place {
  const Position* row;
  const TapGroup* row_taps;
  const Position* columns;
  std::size_t tiles;  // each as many columns wide as it is
  const TapGroup* column_taps;
  int channel;
};

template <int kChannels, int kColumns>
HWY_INLINE void convolve_tile(const Convolution& task, const Place& place,
                              const Position* columns_of_tile) {
  const Sweep& sweep = *task.sweep;
  const std::size_t depth = static_cast<std::size_t>(sweep.source.channels);
  const std::size_t row_length = static_cast<std::size_t>(sweep.source.width);
  const float* const weights =
      task.weights + depth * static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel) *
                         static_cast<std::size_t>(place.channel);

  V sums[kColumns][kChannels][kVectors];
  HWY_UNROLL(6)
  for (int t = 0; t < kChannels; ++t) {
    const V bias = task.bias == nullptr ? zero() : splat(task.bias[place.channel + t]);
    HWY_UNROLL(4)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) sums[p][t][v] = bias;
    }
  }

  for (const Span& rows : place.row_taps->spans) {
    for (int r = 0; r < rows.count; ++r) {
      const std::size_t source_row = static_cast<std::size_t>(place.row->origin + rows.source + r);
      for (const Span& columns : place.column_taps->spans) {
        const float* HWY_RESTRICT x[kColumns];
        HWY_UNROLL(4)
        for (int p = 0; p < kColumns; ++p) {
          const std::size_t column =
              static_cast<std::size_t>(columns_of_tile[p].origin + columns.source);
          x[p] = task.source + (source_row * row_length + column) * depth * kLanes;
        }
        const float* HWY_RESTRICT w =
            weights +
            static_cast<std::size_t>((rows.kernel + r) * sweep.columns.kernel + columns.kernel) *
                depth * kChannels;
        const std::size_t length = static_cast<std::size_t>(columns.count) * depth;
        for (std::size_t i = 0; i < length; ++i) {
          HWY_UNROLL(4)
          for (int p = 0; p < kColumns; ++p) {
            V in[kVectors];
            HWY_UNROLL(kUnrolledVectors)
            for (int v = 0; v < kVectors; ++v) in[v] = load(x[p] + i * kLanes + v * kWidth);
            HWY_UNROLL(6)
            for (int t = 0; t < kChannels; ++t) {
              const V weight = splat(w[i * kChannels + t]);
              HWY_UNROLL(kUnrolledVectors)
              for (int v = 0; v < kVectors; ++v) {
                sums[p][t][v] = hn::MulAdd(weight, in[v], sums[p][t][v]);
              }
            }
          }
        }
      }
    }
  }

  const Bounds bounds(task.activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  HWY_UNROLL(4)
  for (int p = 0; p < kColumns; ++p) {
    const std::size_t pixel =
        static_cast<std::size_t>(place.row->output) * static_cast<std::size_t>(sweep.output.width) +
        static_cast<std::size_t>(columns_of_tile[p].output);
    const std::size_t offset = (pixel * static_cast<std::size_t>(sweep.output.channels) +
                                static_cast<std::size_t>(place.channel)) *
                               kLanes;
    HWY_UNROLL(6)
    for (int t = 0; t < kChannels; ++t) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V sum = sums[p][t][v];
        const std::size_t at = offset + static_cast<std::size_t>(t * kLanes + v * kWidth);
        if (task.addend != nullptr) sum = hn::Add(sum, load(task.addend + at));
        if (task.activation != Activation::kNone) sum = hn::Min(high, hn::Max(low, sum));
        store(sum, task.output + at);
      }
    }
  }
}

template <int kChannels, int kColumns>
void convolve_tiles(const Convolution& task, const Place& place) {
  for (std::size_t tile = 0; tile < place.tiles; ++tile) {
    convolve_tile<kChannels, kColumns>(task, place, place.columns + tile * kColumns);
  }
}

using TileFunction = void (*)(const Convolution&, const Place&);

template <std::size_t... kIndices>
constexpr std::array<TileFunction, sizeof...(kIndices)> tile_functions(
    std::index_sequence<kIndices...>) {
  return {&convolve_tiles<static_cast<int>(kIndices) / 4 + 1,
                          std::min(static_cast<int>(kIndices) % 4 + 1,
                                   tile_pixels(static_cast<int>(kIndices) / 4 + 1))>...};
}

void convolve_block(const Convolution& task) {
  static constexpr auto kFunctions = tile_functions(std::make_index_sequence<4 * kLargestTile>());
  const Sweep& sweep = *task.sweep;
  const int channels = sweep.output.channels;
  const int tiles = tile_count(channels);
  for (const TapGroup& rows : sweep.rows.groups) {
    for (const Position& row : rows.positions) {
      for (int tile = 0; tile < tiles; ++tile) {
        const int channel = tile_begin(channels, tile);
        const int size = tile_begin(channels, tile + 1) - channel;
        for (const TapGroup& columns : sweep.columns.groups) {
          const std::size_t count = columns.positions.size();
          const std::size_t widest = static_cast<std::size_t>(tile_pixels(size));
          const auto convolve_columns = [&](std::size_t first, std::size_t wide,
                                            std::size_t how_many) {
            if (how_many == 0 || wide == 0) return;
            kFunctions[static_cast<std::size_t>(size - 1) * 4 + wide - 1](
                task, {&row, &rows, &columns.positions[first], how_many, &columns, channel});
          };
          convolve_columns(0, widest, count / widest);
          convolve_columns(count - count % widest, count % widest, 1);
        }
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(convolve_block);

std::int64_t packed_floats(const Sweep& sweep) {
  const std::int64_t places =
      suits_winograd(sweep) ? kPlaces : std::int64_t{sweep.rows.kernel} * sweep.columns.kernel;
  return places * sweep.source.channels * sweep.output.channels;
}

std::int64_t scratch_floats(const Sweep& sweep) {
  return suits_winograd(sweep) ? winograd_scratch(sweep) : 0;
}

void convolve(const Convolution& task) {
  if (is_pointwise(*task.sweep)) return convolve_pointwise(task);
  if (suits_winograd(*task.sweep)) return convolve_winograd(task);
  HWY_DYNAMIC_DISPATCH(convolve_block)(task);
}

}  // namespace thimble::engine
#endif
