#include "kernel_gradient.hpp"

#include "winograd.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kernel_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "meeting-inl.hpp"

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Outputs [first, end) along one axis.
struct Outputs {
  int first;
  int end;

  /// The part of a run's outputs that lies in here.
  Outputs of(const Run& run) const {
    return {std::max(first, run.first_output), std::min(end, run.first_output + run.outputs)};
  }
  int size() const { return end - first; }
};

/// Outputs that are passed over together.
struct Patch {
  Outputs rows;
  Outputs columns;
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
  const int uses = sweep.kernel_rows * sweep.kernel_columns * sweep.source.channels;
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
      static_cast<std::size_t>(sweep.kernel_rows * sweep.kernel_columns * depth) * kWidth;
  for (const Run& row_run : sweep.rows) {
    const Outputs rows = patch.rows.of(row_run);
    if (rows.size() <= 0) continue;
    const int source_row =
        row_run.first_source + (rows.first - row_run.first_output) * row_run.stride;
    for (const Run& column_run : sweep.columns) {
      const Outputs columns = patch.columns.of(column_run);
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
        accumulate_meeting(meeting, inputs, filters,
                           sums + static_cast<std::size_t>(input) * kWidth, filter_pitch);
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
      kernel_rows(window.rows.kernel),
      kernel_columns(window.columns.kernel),
      top(window.rows.padding),
      left(window.columns.padding),
      winograd(suits_winograd(source, output, window)),
      rows(runs_of_taps(window.rows)),
      columns(source.channels < kChannelsOfAFullTile ? runs_of_spans(window.columns)
                                                     : runs_of_taps(window.columns)) {}

std::int64_t WeightSweep::sums() const {
  const std::int64_t places = winograd ? kPlaces : std::int64_t{kernel_rows} * kernel_columns;
  return places * source.channels * output.channels;
}

std::int64_t scratch_floats(const WeightSweep& sweep) {
  return sweep.winograd ? winograd_scratch(sweep) : 0;
}

void accumulate(const KernelGradient& task) {
  if (task.sweep->winograd) return accumulate_winograd(task);
  HWY_DYNAMIC_DISPATCH(accumulate_block)(task);
}

int partial_sums_width() { return HWY_DYNAMIC_DISPATCH(register_width)(); }
void reduce_partial_sums(const PartialSums& partial, std::int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(reduce_lanes)(partial, count, sums);
}

void finish_kernel_gradient(const WeightSweep& sweep, const PartialSums& partial, float* gradient) {
  if (!sweep.winograd) return reduce_partial_sums(partial, sweep.sums(), gradient);
  reduce_partial_sums(partial, sweep.sums(), partial.first);
  const std::ptrdiff_t depth = sweep.source.channels;
  for (std::ptrdiff_t filter = 0; filter < sweep.output.channels; ++filter) {
    for (std::ptrdiff_t c = 0; c < depth; ++c) {
      float sums[kPlaces];
      for (std::ptrdiff_t place = 0; place < kPlaces; ++place) {
        sums[place] = partial.first[(filter * kPlaces + place) * depth + c];
      }
      float kernel[9];
      transform_kernel_gradient(sums, kernel);
      for (std::ptrdiff_t p = 0; p < 9; ++p) gradient[(filter * 9 + p) * depth + c] = kernel[p];
    }
  }
}

}  // namespace thimble::engine
#endif
