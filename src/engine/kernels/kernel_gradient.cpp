#include "kernel_gradient.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kernel_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Outputs that see the same kernel positions: a piece of a row group by a piece of a column group.
struct Piece {
  std::span<const Position> rows;
  std::span<const Position> columns;
};

/// Some weights of one kernel row, and the piece that they gather from.
struct GradientTile {
  const Piece* piece;
  int row_offset;  // from a row's origin to the source row
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
  for (const Position& row : tile.piece->rows) {
    const float* const source_row =
        task.source + static_cast<std::size_t>(row.origin + tile.row_offset) *
                          static_cast<std::size_t>(sweep.source.width) * depth * kLanes;
    const float* const output_row = task.output + static_cast<std::size_t>(row.output) *
                                                      static_cast<std::size_t>(sweep.output.width) *
                                                      filters * kLanes;
    for (const Position& column : tile.piece->columns) {
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

/// Channels of source and output whose lines of one piece stay in the first cache together.
inline constexpr int kInputBlock = 4 * kMostInputs;
inline constexpr int kFilterBlock = 4 * kMostFilters;
/// Outputs of a piece: enough that loading and storing the sums does not count.
inline constexpr std::size_t kPiece = 16;

/// Calls use(begin, size) for about equal parts of [begin, end), each at most `largest`.
template <class Use>
void for_parts(int begin, int end, int largest, const Use& use) {
  const int parts = parts_of(end - begin, largest);
  for (int part = 0; part < parts; ++part) {
    const int first = begin + part_begin(end - begin, parts, part);
    use(first, begin + part_begin(end - begin, parts, part + 1) - first);
  }
}

/// A block of filters by a block of the inputs of one span: `tile` is filled in for each tile.
struct GradientBlock {
  int filter, filters;
  int input, inputs;
  std::size_t weight;  // of the span's first input, within a filter
  std::size_t weights_of_filter;
};

void accumulate_block_of_weights(const KernelGradient& task, const GradientBlock& block,
                                 GradientTile tile) {
  static constexpr auto kFunctions =
      gradient_functions(std::make_index_sequence<kMostInputs * kMostFilters>());
  for_parts(block.filter, block.filter + block.filters, kMostFilters, [&](int filter, int filters) {
    tile.output_channel = static_cast<std::size_t>(filter);
    for_parts(block.input, block.input + block.inputs, kMostInputs, [&](int input, int inputs) {
      tile.source_lane = static_cast<std::size_t>(input);
      tile.sums = task.partial_sums + (tile.output_channel * block.weights_of_filter +
                                       block.weight + tile.source_lane) *
                                          kWidth;
      kFunctions[static_cast<std::size_t>((inputs - 1) * kMostFilters + filters - 1)](task, tile);
    });
  });
}

/// All weights that a piece contributes to.
void accumulate_piece(const KernelGradient& task, const TapGroup& rows, const TapGroup& columns,
                      const Piece& piece) {
  const Sweep& sweep = *task.sweep;
  const int depth = sweep.source.channels;
  GradientBlock block{};
  block.weights_of_filter =
      static_cast<std::size_t>(sweep.rows.kernel * sweep.columns.kernel * depth);
  for_parts(0, sweep.output.channels, kFilterBlock, [&](int filter, int filters) {
    block.filter = filter;
    block.filters = filters;
    for (const Span& row_span : rows.spans) {
      for (int r = 0; r < row_span.count; ++r) {
        for (const Span& span : columns.spans) {
          block.weight = static_cast<std::size_t>(
              ((row_span.kernel + r) * sweep.columns.kernel + span.kernel) * depth);
          const GradientTile tile{.piece = &piece,
                                  .row_offset = row_span.source + r,
                                  .column_offset = span.source,
                                  .sums = nullptr,
                                  .source_lane = 0,
                                  .output_channel = 0};
          for_parts(0, span.count * depth, kInputBlock, [&](int input, int inputs) {
            block.input = input;
            block.inputs = inputs;
            accumulate_block_of_weights(task, block, tile);
          });
        }
      }
    }
  });
}

void accumulate_block(const KernelGradient& task) {
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (const TapGroup& columns : task.sweep->columns.groups) {
      const std::span<const Position> all_rows = rows.positions;
      const std::span<const Position> all_columns = columns.positions;
      const std::size_t wide = std::min(kPiece, all_columns.size());
      const std::size_t high = std::max<std::size_t>(1, kPiece / wide);
      for (std::size_t y = 0; y < all_rows.size(); y += high) {
        for (std::size_t x = 0; x < all_columns.size(); x += wide) {
          accumulate_piece(
              task, rows, columns,
              {.rows = all_rows.subspan(y, std::min(high, all_rows.size() - y)),
               .columns = all_columns.subspan(x, std::min(wide, all_columns.size() - x))});
        }
      }
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

HWY_EXPORT(accumulate_block);
HWY_EXPORT(reduce_lanes);
HWY_EXPORT(register_width);

void accumulate(const KernelGradient& task) { HWY_DYNAMIC_DISPATCH(accumulate_block)(task); }
int partial_sums_width() { return HWY_DYNAMIC_DISPATCH(register_width)(); }
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(reduce_lanes)(partial, count, sums);
}

}  // namespace thimble::engine
#endif
