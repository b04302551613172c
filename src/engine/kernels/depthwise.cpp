#include "depthwise.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sliding.hpp"

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

inline constexpr int kMostColumns = 6;
inline constexpr std::size_t kMostTaps = 64;

/// Up to kMostTaps kernel positions that a row group and a column group have in common.
struct TapList {
  std::array<std::size_t, kMostTaps> source;  // floats from the first tap's channel 0
  std::array<std::size_t, kMostTaps> kernel;  // place in the packed kernel
  std::size_t count = 0;
};

/// Calls use(taps) with all taps of the groups, kMostTaps at a time; at least once, with none where
/// there are none.
template <class Use>
void for_tap_lists(const Sweep& sweep, const TapGroup& rows, const TapGroup& columns,
                   std::size_t most, const Use& use) {
  TapList taps;
  bool used = false;
  const std::size_t pixel = static_cast<std::size_t>(sweep.source.channels) * kLanes;
  for (const Span& row : rows.spans) {
    for (int r = 0; r < row.count; ++r) {
      for (const Span& column : columns.spans) {
        for (int c = 0; c < column.count; ++c) {
          if (taps.count == most) {
            use(taps);
            used = true;
            taps.count = 0;
          }
          taps.source[taps.count] =
              static_cast<std::size_t>((row.source + r) * sweep.source.width + column.source + c) *
              pixel;
          taps.kernel[taps.count++] =
              static_cast<std::size_t>((row.kernel + r) * sweep.columns.kernel + column.kernel + c);
        }
      }
    }
  }
  if (taps.count > 0 || !used) use(taps);
}

struct DepthwiseTile {
  const TapList* taps;
  std::array<const float*, kMostColumns> source;
  std::array<std::size_t, kMostColumns> output;  // floats from the output's begin
  const float* bias;
  const float* addend;
  Activation activation;
};

template <int kColumns>
void depthwise_tile(const DepthwiseConvolution& task, const DepthwiseTile& tile) {
  const Sweep& sweep = *task.sweep;
  const TapList& taps = *tile.taps;
  const std::size_t kernel = static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel);
  const std::size_t fan_in = static_cast<std::size_t>(task.fan_in);
  const std::size_t fan_out = static_cast<std::size_t>(task.fan_out);
  const std::size_t channels = static_cast<std::size_t>(sweep.output.channels);
  const Bounds bounds(tile.activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);
  for (std::size_t c = 0; c < channels; ++c) {
    V sums[kColumns][kVectors];
    const V bias = tile.bias == nullptr ? zero() : splat(tile.bias[c]);
    HWY_UNROLL(6)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) sums[p][v] = bias;
    }
    for (std::size_t j = 0; j < fan_in; ++j) {
      const float* HWY_RESTRICT w = task.weights + (c * fan_in + j) * kernel;
      const std::size_t channel = (c / fan_out * fan_in + j) * kLanes;
      for (std::size_t t = 0; t < taps.count; ++t) {
        const V weight = splat(w[taps.kernel[t]]);
        const std::size_t offset = taps.source[t] + channel;
        HWY_UNROLL(6)
        for (int p = 0; p < kColumns; ++p) {
          HWY_UNROLL(kUnrolledVectors)
          for (int v = 0; v < kVectors; ++v) {
            const V in = load(tile.source[static_cast<std::size_t>(p)] + offset + v * kWidth);
            sums[p][v] = hn::MulAdd(weight, in, sums[p][v]);
          }
        }
      }
    }
    HWY_UNROLL(6)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V sum = sums[p][v];
        const std::size_t at = tile.output[static_cast<std::size_t>(p)] + c * kLanes +
                               static_cast<std::size_t>(v * kWidth);
        if (tile.addend != nullptr) sum = hn::Add(sum, load(tile.addend + at));
        if (tile.activation != Activation::kNone) sum = hn::Min(high, hn::Max(low, sum));
        store(sum, task.output + at);
      }
    }
  }
}

using TileFunction = void (*)(const DepthwiseConvolution&, const DepthwiseTile&);

template <std::size_t... kIndices>
constexpr std::array<TileFunction, sizeof...(kIndices)> tile_functions(
    std::index_sequence<kIndices...>) {
  return {&depthwise_tile<static_cast<int>(kIndices) + 1>...};
}

/// One row of outputs over the columns of one group.
void depthwise_row(const DepthwiseConvolution& task, const Position& row, const TapGroup& columns,
                   DepthwiseTile& tile) {
  static constexpr auto kFunctions = tile_functions(std::make_index_sequence<kMostColumns>());
  const Sweep& sweep = *task.sweep;
  const std::size_t source_row =
      static_cast<std::size_t>(row.origin) * static_cast<std::size_t>(sweep.source.width);
  const std::size_t output_row =
      static_cast<std::size_t>(row.output) * static_cast<std::size_t>(sweep.output.width);
  const std::size_t count = columns.positions.size();
  for (std::size_t first = 0; first < count; first += kMostColumns) {
    const std::size_t width = std::min<std::size_t>(kMostColumns, count - first);
    for (std::size_t p = 0; p < width; ++p) {
      const Position& column = columns.positions[first + p];
      tile.source[p] = task.source + (source_row + static_cast<std::size_t>(column.origin)) *
                                         static_cast<std::size_t>(sweep.source.channels) * kLanes;
      tile.output[p] = (output_row + static_cast<std::size_t>(column.output)) *
                       static_cast<std::size_t>(sweep.output.channels) * kLanes;
    }
    kFunctions[width - 1](task, tile);
  }
}

void depthwise_block(const DepthwiseConvolution& task) {
  const Sweep& sweep = *task.sweep;
  for (const TapGroup& rows : sweep.rows.groups) {
    for (const TapGroup& columns : sweep.columns.groups) {
      std::size_t remaining = static_cast<std::size_t>(rows.taps() * columns.taps());
      bool first = true;
      for_tap_lists(sweep, rows, columns, kMostTaps, [&](const TapList& taps) {
        remaining -= taps.count;
        // A kernel of more taps than a list holds goes over the output several times.
        DepthwiseTile tile{.taps = &taps,
                           .source = {},
                           .output = {},
                           .bias = first ? task.bias : nullptr,
                           .addend = first ? task.addend : task.output,
                           .activation = remaining == 0 ? task.activation : Activation::kNone};
        for (const Position& row : rows.positions) depthwise_row(task, row, columns, tile);
        first = false;
      });
    }
  }
}

template <int kTaps>
void depthwise_gradient_tile(const DepthwiseGradient& task, const TapGroup& rows,
                             const TapGroup& columns, const TapList& taps) {
  const Sweep& sweep = *task.sweep;
  const std::size_t kernel = static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel);
  const std::size_t channels = static_cast<std::size_t>(sweep.output.channels);
  const std::size_t depth = static_cast<std::size_t>(sweep.source.channels);
  const std::size_t multiplier = static_cast<std::size_t>(task.multiplier);
  for (std::size_t c = 0; c < channels; ++c) {
    float* const partial = task.partial_sums + c * kernel * kWidth;
    V sums[kTaps];
    HWY_UNROLL(24)
    for (int t = 0; t < kTaps; ++t) {
      sums[t] = load(partial + taps.kernel[static_cast<std::size_t>(t)] * kWidth);
    }
    for (const Position& row : rows.positions) {
      const float* const source =
          task.source + (static_cast<std::size_t>(row.origin) *
                             static_cast<std::size_t>(sweep.source.width) * depth +
                         c / multiplier) *
                            kLanes;
      const float* const output =
          task.output + (static_cast<std::size_t>(row.output) *
                             static_cast<std::size_t>(sweep.output.width) * channels +
                         c) *
                            kLanes;
      for (const Position& column : columns.positions) {
        const float* HWY_RESTRICT x =
            source + static_cast<std::size_t>(column.origin) * depth * kLanes;
        const float* HWY_RESTRICT dy =
            output + static_cast<std::size_t>(column.output) * channels * kLanes;
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) {
          const V gradient = load(dy + v * kWidth);
          HWY_UNROLL(24)
          for (int t = 0; t < kTaps; ++t) {
            const V in = load(x + taps.source[static_cast<std::size_t>(t)] + v * kWidth);
            sums[t] = hn::MulAdd(gradient, in, sums[t]);
          }
        }
      }
    }
    HWY_UNROLL(24)
    for (int t = 0; t < kTaps; ++t) {
      store(sums[t], partial + taps.kernel[static_cast<std::size_t>(t)] * kWidth);
    }
  }
}

using GradientFunction = void (*)(const DepthwiseGradient&, const TapGroup&, const TapGroup&,
                                  const TapList&);

template <std::size_t... kIndices>
constexpr std::array<GradientFunction, sizeof...(kIndices)> gradient_functions(
    std::index_sequence<kIndices...>) {
  return {&depthwise_gradient_tile<static_cast<int>(kIndices) + 1>...};
}

void depthwise_gradient_block(const DepthwiseGradient& task) {
  constexpr std::size_t kMost = 12;
  static constexpr auto kFunctions = gradient_functions(std::make_index_sequence<kMost>());
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (const TapGroup& columns : task.sweep->columns.groups) {
      for_tap_lists(*task.sweep, rows, columns, kMost, [&](const TapList& taps) {
        if (taps.count > 0) kFunctions[taps.count - 1](task, rows, columns, taps);
      });
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(depthwise_block);
HWY_EXPORT(depthwise_gradient_block);

void convolve_depthwise(const DepthwiseConvolution& task) {
  if (slides(*task.sweep)) return convolve_sliding(task);
  HWY_DYNAMIC_DISPATCH(depthwise_block)(task);
}
void accumulate_depthwise(const DepthwiseGradient& task) {
  if (gradient_slides(*task.sweep)) return accumulate_sliding(task);
  HWY_DYNAMIC_DISPATCH(depthwise_gradient_block)(task);
}

}  // namespace thimble::engine
#endif
