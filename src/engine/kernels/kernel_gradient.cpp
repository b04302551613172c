#include "kernel_gradient.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kernel_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Neighbouring outputs and inputs that meet one after another: `rows` × `columns` of them.
struct Meeting {
  const float* input;   // of the first output
  const float* output;  // its gradient
  int rows;
  int columns;
  std::size_t input_row, input_column;    // floats from one to the next
  std::size_t output_row, output_column;  // the same
};

/// kInputs neighbouring (column, channel)s of the source by kFilters channels of the output: their
/// products over all places where they meet, added to kFilters rows of sums. The halves of a row of
/// lanes go into the same register where there are chains of additions enough without: the lanes
/// are summed in the end anyway.
template <int kInputs, int kFilters>
void accumulate_tile(const Meeting& meeting, float* sums, std::size_t filter_pitch) {
  constexpr int kHalves = kVectors > 1 && 2 * kInputs * kFilters <= kRegisterSums ? 2 : 1;
  V sum[kInputs][kFilters][kHalves];
  HWY_UNROLL(6)
  for (int i = 0; i < kInputs; ++i) {
    HWY_UNROLL(4)
    for (int f = 0; f < kFilters; ++f) {
      HWY_UNROLL(2)
      for (int h = 0; h < kHalves; ++h) sum[i][f][h] = zero();
    }
  }
  for (int row = 0; row < meeting.rows; ++row) {
    const float* HWY_RESTRICT x = meeting.input + static_cast<std::size_t>(row) * meeting.input_row;
    const float* HWY_RESTRICT dy =
        meeting.output + static_cast<std::size_t>(row) * meeting.output_row;
    for (int column = 0; column < meeting.columns; ++column) {
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
            V& to = sum[i][f][v % kHalves];
            to = hn::MulAdd(in, gradient[f], to);
          }
        }
      }
      x += meeting.input_column;
      dy += meeting.output_column;
    }
  }
  HWY_UNROLL(4)
  for (int f = 0; f < kFilters; ++f) {
    HWY_UNROLL(6)
    for (int i = 0; i < kInputs; ++i) {
      V total = sum[i][f][0];
      if constexpr (kHalves == 2) total = hn::Add(total, sum[i][f][1]);
      float* const place = sums + static_cast<std::size_t>(f) * filter_pitch + i * kWidth;
      store(hn::Add(load(place), total), place);
    }
  }
}

inline constexpr int kMostFilters = kRegisterSums == 24 ? 4 : 3;
inline constexpr int kMostInputs = kRegisterSums / kMostFilters;

using GradientFunction = void (*)(const Meeting&, float*, std::size_t);

template <std::size_t... kIndices>
constexpr std::array<GradientFunction, sizeof...(kIndices)> gradient_functions(
    std::index_sequence<kIndices...>) {
  return {&accumulate_tile<static_cast<int>(kIndices) / kMostFilters + 1,
                           static_cast<int>(kIndices) % kMostFilters + 1>...};
}

/// Calls use(begin, size) for about equal parts of [0, total), each at most `largest`.
template <class Use>
void for_parts(int total, int largest, const Use& use) {
  const int parts = (total + largest - 1) / largest;
  int begin = 0;
  for (int part = 1; part <= parts; ++part) {
    const int end = static_cast<int>(static_cast<std::int64_t>(total) * part / parts);
    use(begin, end - begin);
    begin = end;
  }
}

/// Outputs [first, end) along one axis.
struct Range {
  int first;
  int end;

  /// The part of a run's outputs that lies in here.
  Range of(const Run& run) const {
    return {std::max(first, run.first_output), std::min(end, run.first_output + run.outputs)};
  }
  int size() const { return end - first; }
};

/// Outputs that are passed over together.
struct Patch {
  Range rows;
  Range columns;
};

/// Outputs of a patch: enough that a tile's beginning and end do not count, and so few that the
/// gradient of a tile of filters stays in the first cache while all inputs pass.
inline constexpr int kPatchOutputs = 64;

/// The gradient of a tile of filters over a patch.
struct FilterGradient {
  const float* first;
  std::size_t row, column;  // floats from one to the next
};

/// Where the channels' lines of neighbouring outputs lie a multiple of 512 bytes apart they share a
/// few sets of the first cache and drive each other out.
bool worth_packing(const WeightSweep& sweep) {
  constexpr int kLeastUses = 32;  // of each line
  const int uses =
      static_cast<int>(sweep.kernel_rows) * sweep.kernel_columns * sweep.source.channels;
  return sweep.output.channels % 8 == 0 && uses >= kLeastUses;
}

FilterGradient pack(const FilterGradient& from, const Patch& patch, int filters, float* place) {
  const auto line = static_cast<std::size_t>(filters) * kLanes;
  float* to = place;
  for (int y = 0; y < patch.rows.size(); ++y) {
    const float* pixel = from.first + static_cast<std::size_t>(y) * from.row;
    for (int x = 0; x < patch.columns.size(); ++x, pixel += from.column, to += line) {
      for (std::size_t i = 0; i < line; i += kWidth) store(load(pixel + i), to + i);
    }
  }
  return {place, static_cast<std::size_t>(patch.columns.size()) * line, line};
}

/// The weights of a tile of filters from the outputs of a patch.
void accumulate_filters(const KernelGradient& task, const Patch& patch, int filter, int filters) {
  static constexpr auto kFunctions =
      gradient_functions(std::make_index_sequence<kMostInputs * kMostFilters>());
  const WeightSweep& sweep = *task.sweep;
  const int depth = sweep.source.channels;
  const std::size_t input_column = static_cast<std::size_t>(depth) * kLanes;
  const std::size_t input_row = static_cast<std::size_t>(sweep.source.width) * input_column;
  FilterGradient gradient{.first = nullptr, .row = 0, .column = 0};
  gradient.column = static_cast<std::size_t>(sweep.output.channels) * kLanes;
  gradient.row = static_cast<std::size_t>(sweep.output.width) * gradient.column;
  gradient.first = task.output + static_cast<std::size_t>(patch.rows.first) * gradient.row +
                   static_cast<std::size_t>(patch.columns.first) * gradient.column +
                   static_cast<std::size_t>(filter) * kLanes;
  HWY_ALIGN float packed[kPatchOutputs * kMostFilters * kLanes];
  if (worth_packing(sweep)) gradient = pack(gradient, patch, filters, packed);
  const std::size_t filter_pitch =
      sweep.kernel_rows * static_cast<std::size_t>(sweep.kernel_columns * depth) * kWidth;
  for (const Run& row_run : sweep.rows) {
    const Range rows = patch.rows.of(row_run);
    if (rows.size() <= 0) continue;
    const int source_row =
        row_run.first_source + (rows.first - row_run.first_output) * row_run.stride;
    for (const Run& column_run : sweep.columns) {
      const Range columns = patch.columns.of(column_run);
      if (columns.size() <= 0) continue;
      const int source_column =
          column_run.first_source + (columns.first - column_run.first_output) * column_run.stride;
      const Meeting all{
          .input = task.source + static_cast<std::size_t>(source_row) * input_row +
                   static_cast<std::size_t>(source_column) * input_column,
          .output = gradient.first +
                    static_cast<std::size_t>(rows.first - patch.rows.first) * gradient.row +
                    static_cast<std::size_t>(columns.first - patch.columns.first) * gradient.column,
          .rows = rows.size(),
          .columns = columns.size(),
          .input_row = static_cast<std::size_t>(row_run.stride) * input_row,
          .input_column = static_cast<std::size_t>(column_run.stride) * input_column,
          .output_row = gradient.row,
          .output_column = gradient.column};
      const int position = row_run.kernel * sweep.kernel_columns + column_run.kernel;
      float* const sums = task.partial_sums + static_cast<std::size_t>(filter) * filter_pitch +
                          static_cast<std::size_t>(position * depth) * kWidth;
      for_parts(column_run.taps * depth, kMostInputs, [&](int input, int inputs) {
        Meeting meeting = all;
        meeting.input += static_cast<std::size_t>(input) * kLanes;
        kFunctions[static_cast<std::size_t>((inputs - 1) * kMostFilters + filters - 1)](
            meeting, sums + static_cast<std::size_t>(input) * kWidth, filter_pitch);
      });
    }
  }
}

void accumulate_block(const KernelGradient& task) {
  const Shape output = task.sweep->output;
  for_parts(output.width, kPatchOutputs, [&](int column, int columns) {
    for_parts(output.height, std::max(1, kPatchOutputs / columns), [&](int row, int rows) {
      const Patch patch{.rows = {row, row + rows}, .columns = {column, column + columns}};
      for_parts(output.channels, kMostFilters,
                [&](int filter, int filters) { accumulate_filters(task, patch, filter, filters); });
    });
  });
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

namespace {

/// Fewer channels than this leave registers of a tile unused, unless several columns go together.
constexpr int kChannelsOfAFullTile = 4;

}  // namespace

HWY_EXPORT(accumulate_block);
HWY_EXPORT(reduce_lanes);
HWY_EXPORT(register_width);

WeightSweep::WeightSweep(Shape source_shape, Shape output_shape, const Window& window)
    : source(source_shape),
      output(output_shape),
      kernel_rows(static_cast<std::size_t>(window.rows.kernel)),
      kernel_columns(window.columns.kernel),
      rows(runs_of_taps(window.rows)),
      columns(source.channels < kChannelsOfAFullTile ? runs_of_spans(window.columns)
                                                     : runs_of_taps(window.columns)) {}

void accumulate(const KernelGradient& task) { HWY_DYNAMIC_DISPATCH(accumulate_block)(task); }
int partial_sums_width() { return HWY_DYNAMIC_DISPATCH(register_width)(); }
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(reduce_lanes)(partial, count, sums);
}

}  // namespace thimble::engine
#endif
