#include "sliding.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sliding_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Kernel rows whose taps' sums are held at once.
constexpr int gradient_rows_for(int taps) { return std::clamp((kRegisters - 6) / taps, 1, 3); }
inline constexpr int kGradientColumns = 4;

/// Some output rows and some kernel rows, none of which leaves the image for any of them.
struct GradientStrip {
  const Position* rows;
  std::size_t row_count;
  int source_row;  // of the first kernel row, from a row's origin
  int kernel_row;
};

/// kColumns outputs of one row, from `column` on, added to sums[kernel row][tap]; `source` and
/// `output` are the rows' first pixels.
template <bool kEdge, int kTaps, int kStride, int kRows, int kColumns>
HWY_INLINE void add_columns(const DepthwiseGradient& task, const float* HWY_RESTRICT source,
                            const float* HWY_RESTRICT output, int column, V (&sums)[kRows][kTaps]) {
  constexpr int kSources = (kColumns - 1) * kStride + kTaps;
  const Sweep& sweep = *task.sweep;
  const std::ptrdiff_t pixel = std::ptrdiff_t{sweep.source.channels} * kLanes;
  const std::ptrdiff_t row_pitch = sweep.source.width * pixel;
  const std::ptrdiff_t output_pixel = std::ptrdiff_t{sweep.output.channels} * kLanes;
  const int first = sweep.columns.phases[0].first_source + column * kStride;
  const Range present = inside(first, kSources, sweep.source.width);
  HWY_UNROLL(kUnrolledVectors)
  for (int v = 0; v < kVectors; ++v) {
    V gradient[kColumns];
    HWY_UNROLL(4)
    for (int p = 0; p < kColumns; ++p) {
      gradient[p] = load(output + (column + p) * output_pixel + v * kWidth);
    }
    HWY_UNROLL(3)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(24)
      for (int s = 0; s < kSources; ++s) {
        if (kEdge && (s < present.low || s >= present.high)) continue;
        const V in = load(source + r * row_pitch + (first + s) * pixel + v * kWidth);
        HWY_UNROLL(4)
        for (int p = 0; p < kColumns; ++p) {
          const int t = s - p * kStride;
          if (t >= 0 && t < kTaps) sums[r][t] = hn::MulAdd(in, gradient[p], sums[r][t]);
        }
      }
    }
  }
}

template <int kTaps, int kStride, int kRows>
void gradient_strip(const DepthwiseGradient& task, const GradientStrip& strip) {
  const Sweep& sweep = *task.sweep;
  const Phase& phase = sweep.columns.phases[0];
  const std::ptrdiff_t pixel = std::ptrdiff_t{sweep.source.channels} * kLanes;
  const std::ptrdiff_t output_pixel = std::ptrdiff_t{sweep.output.channels} * kLanes;
  const std::ptrdiff_t row_pitch = sweep.source.width * pixel;
  const Range inner = interior(phase, sweep.source.width);
  for (int c = 0; c < sweep.output.channels; ++c) {
    float* const partial =
        task.partial_sums +
        (std::ptrdiff_t{c} * sweep.rows.kernel + strip.kernel_row) * kTaps * kWidth;
    V sums[kRows][kTaps];
    HWY_UNROLL(3)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(7)
      for (int t = 0; t < kTaps; ++t) sums[r][t] = load(partial + (r * kTaps + t) * kWidth);
    }
    for (std::size_t i = 0; i < strip.row_count; ++i) {
      const Position& row = strip.rows[i];
      const float* const source = task.source + (row.origin + strip.source_row) * row_pitch +
                                  std::ptrdiff_t{c / task.multiplier} * kLanes;
      const float* const output = task.output +
                                  std::ptrdiff_t{row.output} * sweep.output.width * output_pixel +
                                  std::ptrdiff_t{c} * kLanes;
      int column = 0;
      for (; column < inner.low; ++column) {
        add_columns<true, kTaps, kStride, kRows, 1>(task, source, output, column, sums);
      }
      for (; column + kGradientColumns <= inner.high; column += kGradientColumns) {
        add_columns<false, kTaps, kStride, kRows, kGradientColumns>(task, source, output, column,
                                                                    sums);
      }
      for (; column < inner.high; ++column) {
        add_columns<false, kTaps, kStride, kRows, 1>(task, source, output, column, sums);
      }
      for (; column < phase.outputs; ++column) {
        add_columns<true, kTaps, kStride, kRows, 1>(task, source, output, column, sums);
      }
    }
    HWY_UNROLL(3)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(7)
      for (int t = 0; t < kTaps; ++t) store(sums[r][t], partial + (r * kTaps + t) * kWidth);
    }
  }
}

using GradientFunction = void (*)(const DepthwiseGradient&, const GradientStrip&);

template <int kTaps, int kStride>
GradientFunction gradient_function(int rows) {
  constexpr int kMostRows = gradient_rows_for(kTaps);
  static constexpr std::array kFunctions{&gradient_strip<kTaps, kStride, 1>,
                                         &gradient_strip<kTaps, kStride, std::min(2, kMostRows)>,
                                         &gradient_strip<kTaps, kStride, std::min(3, kMostRows)>};
  return kFunctions[static_cast<std::size_t>(rows - 1)];
}

GradientFunction gradient_function_for(const Phase& phase, int rows) {
  const bool one = phase.source_stride == 1;
  if (phase.taps == 3) return one ? gradient_function<3, 1>(rows) : gradient_function<3, 2>(rows);
  if (phase.taps == 5) return one ? gradient_function<5, 1>(rows) : gradient_function<5, 2>(rows);
  return one ? gradient_function<7, 1>(rows) : gradient_function<7, 2>(rows);
}

void sliding_gradient_block(const DepthwiseGradient& task) {
  constexpr int kPixelsOfChunk = 64;  // whose lines of one channel the first cache holds
  const Phase& phase = task.sweep->columns.phases[0];
  const std::size_t chunk =
      static_cast<std::size_t>(std::max(1, kPixelsOfChunk / task.sweep->output.width));
  const int most_rows = gradient_rows_for(phase.taps);
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (std::size_t first = 0; first < rows.positions.size(); first += chunk) {
      const std::size_t count = std::min(chunk, rows.positions.size() - first);
      for (const Span& span : rows.spans) {
        for (int r = 0; r < span.count; r += most_rows) {
          const int together = std::min(most_rows, span.count - r);
          gradient_function_for(phase, together)(task, {.rows = &rows.positions[first],
                                                        .row_count = count,
                                                        .source_row = span.source + r,
                                                        .kernel_row = span.kernel + r});
        }
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(sliding_gradient_block);

bool gradient_slides(const Axis& columns) {
  if (columns.phases.size() != 1) return false;
  const Phase& phase = columns.phases[0];
  return (phase.taps == 3 || phase.taps == 5 || phase.taps == 7) && phase.source_stride <= 2;
}

void accumulate_sliding(const DepthwiseGradient& task) {
  HWY_DYNAMIC_DISPATCH(sliding_gradient_block)(task);
}

}  // namespace thimble::engine
#endif
