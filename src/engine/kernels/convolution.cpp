#include "convolution.hpp"

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

/// Where a tile of outputs stands.
struct Place {
  const Position* row;
  const TapGroup* row_taps;
  const Position* columns;  // as many as the tile is wide
  const TapGroup* column_taps;
  int channel;
};

template <int kChannels, int kColumns>
void convolve_tile(const Convolution& task, const Place& place) {
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
              static_cast<std::size_t>(place.columns[p].origin + columns.source);
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
        static_cast<std::size_t>(place.columns[p].output);
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

using TileFunction = void (*)(const Convolution&, const Place&);

/// How many columns a tile of so many channels spans: as many as the registers hold.
constexpr int columns_for(int channels) {
  return std::clamp(kSums / channels, 1, kVectors <= 4 ? 4 : 1);
}

template <std::size_t... kIndices>
constexpr std::array<TileFunction, sizeof...(kIndices)> tile_functions(
    std::index_sequence<kIndices...>) {
  return {&convolve_tile<static_cast<int>(kIndices) / 4 + 1,
                         std::min(static_cast<int>(kIndices) % 4 + 1,
                                  columns_for(static_cast<int>(kIndices) / 4 + 1))>...};
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
          const std::size_t widest = static_cast<std::size_t>(columns_for(size));
          for (std::size_t first = 0; first < count; first += widest) {
            const std::size_t width = std::min(widest, count - first);
            kFunctions[static_cast<std::size_t>(size - 1) * 4 + width - 1](
                task, {&row, &rows, &columns.positions[first], &columns, channel});
          }
        }
      }
    }
  }
}

/// Rows of output [first, last) of one row group, and one kernel row of theirs.
struct GradientTile {
  const Position* rows;
  std::size_t row_count;
  int row_offset;  // from a row's origin to the source row
  const TapGroup* columns;
  int column_offset;
  float* sums;  // of the tile's first weight
  std::size_t
      source_lane;  // of the first channel of the tile, counted from the first column of the span
  std::size_t output_channel;
};

/// kInputs neighbouring (column, channel)s of the source by kFilters channels of the output. Both
/// halves of a row of lanes go into the same register: the lanes are summed in the end anyway.
template <int kInputs, int kFilters>
void accumulate_tile(const KernelGradient& task, const GradientTile& tile) {
  const Sweep& sweep = *task.sweep;
  const std::size_t depth = static_cast<std::size_t>(sweep.source.channels);
  const std::size_t filters = static_cast<std::size_t>(sweep.output.channels);
  const std::size_t filter_pitch =
      static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel) * depth * kWidth;
  V sums[kInputs][kFilters];
  HWY_UNROLL(6)
  for (int i = 0; i < kInputs; ++i) {
    HWY_UNROLL(4)
    for (int f = 0; f < kFilters; ++f) {
      sums[i][f] = load(tile.sums + static_cast<std::size_t>(f) * filter_pitch + i * kWidth);
    }
  }
  for (std::size_t r = 0; r < tile.row_count; ++r) {
    const Position& row = tile.rows[r];
    const float* const source_row =
        task.source + static_cast<std::size_t>(row.origin + tile.row_offset) *
                          static_cast<std::size_t>(sweep.source.width) * depth * kLanes;
    const float* const output_row = task.output + static_cast<std::size_t>(row.output) *
                                                      static_cast<std::size_t>(sweep.output.width) *
                                                      filters * kLanes;
    for (const Position& column : tile.columns->positions) {
      const float* HWY_RESTRICT x =
          source_row + (static_cast<std::size_t>(column.origin + tile.column_offset) * depth +
                        tile.source_lane) *
                           kLanes;
      const float* HWY_RESTRICT dy =
          output_row +
          (static_cast<std::size_t>(column.output) * filters + tile.output_channel) * kLanes;
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V gradient[kFilters];
        HWY_UNROLL(4)
        for (int f = 0; f < kFilters; ++f) gradient[f] = load(dy + f * kLanes + v * kWidth);
        HWY_UNROLL(6)
        for (int i = 0; i < kInputs; ++i) {
          const V in = load(x + i * kLanes + v * kWidth);
          HWY_UNROLL(4)
          for (int f = 0; f < kFilters; ++f) {
            sums[i][f] = hn::MulAdd(in, gradient[f], sums[i][f]);
          }
        }
      }
    }
  }
  HWY_UNROLL(6)
  for (int i = 0; i < kInputs; ++i) {
    HWY_UNROLL(4)
    for (int f = 0; f < kFilters; ++f) {
      store(sums[i][f], tile.sums + static_cast<std::size_t>(f) * filter_pitch + i * kWidth);
    }
  }
}

inline constexpr int kMostFilters = kRegisterSums == 24 ? 4 : 3;
inline constexpr int kMostInputs = kRegisterSums / kMostFilters;

using GradientFunction = void (*)(const KernelGradient&, const GradientTile&);

template <std::size_t... kIndices>
constexpr std::array<GradientFunction, sizeof...(kIndices)> gradient_functions(
    std::index_sequence<kIndices...>) {
  return {&accumulate_tile<static_cast<int>(kIndices) / kMostFilters + 1,
                           static_cast<int>(kIndices) % kMostFilters + 1>...};
}

/// Where part `index` of `parts` about equal parts of `total` begins.
constexpr int part_begin(int total, int parts, int index) {
  return static_cast<int>(static_cast<std::int64_t>(total) * index / parts);
}
constexpr int parts_of(int total, int largest) { return (total + largest - 1) / largest; }

/// All weights that a chunk of rows contributes to; the chunk's lines stay in the first cache
/// meanwhile.
void accumulate_rows(const KernelGradient& task, const TapGroup& rows, std::size_t first,
                     std::size_t count) {
  static constexpr auto kFunctions =
      gradient_functions(std::make_index_sequence<kMostInputs * kMostFilters>());
  const Sweep& sweep = *task.sweep;
  const int depth = sweep.source.channels;
  const int filters = sweep.output.channels;
  const std::size_t weights_of_filter =
      static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel * depth);
  const int filter_parts = parts_of(filters, kMostFilters);
  for (int part = 0; part < filter_parts; ++part) {
    const int filter = part_begin(filters, filter_parts, part);
    const int filter_count = part_begin(filters, filter_parts, part + 1) - filter;
    for (const Span& row_span : rows.spans) {
      for (int r = 0; r < row_span.count; ++r) {
        for (const TapGroup& columns : sweep.columns.groups) {
          for (const Span& span : columns.spans) {
            const int inputs = span.count * depth;
            const int parts = parts_of(inputs, kMostInputs);
            const std::size_t weight =
                static_cast<std::size_t>((row_span.kernel + r) * sweep.columns.kernel +
                                         span.kernel) *
                static_cast<std::size_t>(depth);
            for (int p = 0; p < parts; ++p) {
              const int begin = part_begin(inputs, parts, p);
              const int size = part_begin(inputs, parts, p + 1) - begin;
              const GradientTile tile{
                  .rows = &rows.positions[first],
                  .row_count = count,
                  .row_offset = row_span.source + r,
                  .columns = &columns,
                  .column_offset = span.source,
                  .sums =
                      task.partial_sums + (static_cast<std::size_t>(filter) * weights_of_filter +
                                           weight + static_cast<std::size_t>(begin)) *
                                              kWidth,
                  .source_lane = static_cast<std::size_t>(begin),
                  .output_channel = static_cast<std::size_t>(filter)};
              kFunctions[static_cast<std::size_t>((size - 1) * kMostFilters + filter_count - 1)](
                  task, tile);
            }
          }
        }
      }
    }
  }
}

void accumulate_block(const KernelGradient& task) {
  constexpr int kPixelsOfChunk = 64;
  const std::size_t chunk =
      static_cast<std::size_t>(std::max(1, kPixelsOfChunk / task.sweep->output.width));
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (std::size_t first = 0; first < rows.positions.size(); first += chunk) {
      accumulate_rows(task, rows, first, std::min(chunk, rows.positions.size() - first));
    }
  }
}

int register_width() { return kWidth; }

void reduce_lanes(const PartialSums& partial, std::int64_t count, float* sums) {
  for (std::int64_t i = 0; i < count; ++i) {
    V sum = load(partial.first + i * kWidth);
    for (int shard = 1; shard < partial.shards; ++shard) {
      sum = hn::Add(sum, load(partial.first + shard * partial.pitch + i * kWidth));
    }
    sums[i] = sum_of_lanes(sum);
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(convolve_block);
HWY_EXPORT(accumulate_block);
HWY_EXPORT(reduce_lanes);
HWY_EXPORT(register_width);

void convolve(const Convolution& task) { HWY_DYNAMIC_DISPATCH(convolve_block)(task); }
void accumulate(const KernelGradient& task) { HWY_DYNAMIC_DISPATCH(accumulate_block)(task); }
int partial_sums_width() { return HWY_DYNAMIC_DISPATCH(register_width)(); }
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(reduce_lanes)(partial, count, sums);
}

}  // namespace thimble::engine
#endif
