#include "sliding.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sliding_gradient.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// The scalar fallback gains nothing from tiles, and would take minutes to compile with them.
inline constexpr bool kTiled = kVectors <= 4;
/// Kernel rows whose taps' sums are held at once.
constexpr int gradient_rows_for(int taps) {
  return kTiled ? std::clamp((kRegisters - 6) / taps, 1, 3) : 1;
}
/// Outputs of a tile: their gradients, the sums and one line of the source fill the registers.
constexpr int gradient_columns_for(int taps) {
  return kTiled ? std::clamp(kRegisters - 2 - gradient_rows_for(taps) * taps, 1, 5) : 1;
}
inline constexpr int kMostGradientColumns = 5;

/// Neighbouring outputs of one row and some kernel rows, all of which lie in the image.
struct GradientTile {
  int output_row;
  int source_row;  // of the first kernel row
  int kernel_row;
  int passes;  // over the channels, each for as many kernel rows as are held at once
  int column;
};

/// One tile of all channels, one channel after another: a pixel's channels lie side by side, those
/// of its neighbours far away. At an edge of the image some sources are missing.
template <bool kEdge, int kTaps, int kStride, int kRows, int kColumns>
void gradient_tile(const DepthwiseGradient& task, const GradientTile& tile) {
  constexpr int kSources = (kColumns - 1) * kStride + kTaps;
  const Sweep& sweep = *task.sweep;
  const int channels = sweep.output.channels;
  const std::ptrdiff_t pixel = std::ptrdiff_t{channels} * kLanes;
  const std::ptrdiff_t row_pitch = sweep.source.width * pixel;
  const int first = sweep.columns.phases[0].first_source + tile.column * kStride;
  const Range present = inside(first, kSources, sweep.source.width);
  const float* const source = task.source + tile.source_row * row_pitch + first * pixel;
  const float* const gradients =
      task.output + (std::ptrdiff_t{tile.output_row} * sweep.output.width + tile.column) * pixel;
  const std::ptrdiff_t kernel = std::ptrdiff_t{sweep.rows.kernel} * kTaps * kWidth;
  for (int pass = 0; pass < tile.passes; ++pass) {
    const int kernel_row = pass * kRows;
    const float* HWY_RESTRICT x = source + kernel_row * row_pitch;
    const float* HWY_RESTRICT dy = gradients;
    float* partial = task.partial_sums + (tile.kernel_row + kernel_row) * kTaps * kWidth;
    for (int c = 0; c < channels; ++c, x += kLanes, dy += kLanes, partial += kernel) {
      V sums[kRows][kTaps];
      HWY_UNROLL(3)
      for (int r = 0; r < kRows; ++r) {
        HWY_UNROLL(7)
        for (int t = 0; t < kTaps; ++t) sums[r][t] = zero();
      }
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V gradient[kColumns];
        HWY_UNROLL(5)
        for (int p = 0; p < kColumns; ++p) gradient[p] = load(dy + p * pixel + v * kWidth);
        HWY_UNROLL(3)
        for (int r = 0; r < kRows; ++r) {
          HWY_UNROLL(24)
          for (int s = 0; s < kSources; ++s) {
            const float* line = x + r * row_pitch + s * pixel;
            if (kEdge && (s < present.low || s >= present.high)) line = kBlackLine;
            const V in = load(line + v * kWidth);
            HWY_UNROLL(5)
            for (int p = 0; p < kColumns; ++p) {
              const int t = s - p * kStride;
              if (t >= 0 && t < kTaps) sums[r][t] = hn::MulAdd(in, gradient[p], sums[r][t]);
            }
          }
        }
      }
      HWY_UNROLL(3)
      for (int r = 0; r < kRows; ++r) {
        HWY_UNROLL(7)
        for (int t = 0; t < kTaps; ++t) {
          float* const place = partial + (r * kTaps + t) * kWidth;
          store(hn::Add(load(place), sums[r][t]), place);
        }
      }
    }
  }
}

using GradientFunction = void (*)(const DepthwiseGradient&, const GradientTile&);
/// By columns − 1.
using GradientRow = std::array<GradientFunction, kMostGradientColumns>;
/// By whether at an edge, then by rows − 1.
using GradientFunctions = std::array<std::array<GradientRow, 3>, 2>;

template <bool kEdge, int kTaps, int kStride, int kRows, std::size_t... kIndices>
constexpr GradientRow functions_of_rows(std::index_sequence<kIndices...>) {
  return {&gradient_tile<kEdge, kTaps, kStride, std::min(kRows, gradient_rows_for(kTaps)),
                         std::min(static_cast<int>(kIndices) + 1, gradient_columns_for(kTaps))>...};
}

template <int kTaps, int kStride>
constexpr GradientFunctions gradient_functions_for() {
  constexpr auto kColumns = std::make_index_sequence<kMostGradientColumns>();
  return {{{functions_of_rows<false, kTaps, kStride, 1>(kColumns),
            functions_of_rows<false, kTaps, kStride, 2>(kColumns),
            functions_of_rows<false, kTaps, kStride, 3>(kColumns)},
           {functions_of_rows<true, kTaps, kStride, 1>(kColumns),
            functions_of_rows<true, kTaps, kStride, 2>(kColumns),
            functions_of_rows<true, kTaps, kStride, 3>(kColumns)}}};
}

const GradientFunctions& gradient_functions_of(const Phase& phase) {
  static constexpr std::array kAtStrideOne{gradient_functions_for<3, 1>(),
                                           gradient_functions_for<5, 1>(),
                                           gradient_functions_for<7, 1>()};
  static constexpr std::array kAtStrideTwo{gradient_functions_for<3, 2>(),
                                           gradient_functions_for<5, 2>(),
                                           gradient_functions_for<7, 2>()};
  return (phase.source_stride == 1 ? kAtStrideOne
                                   : kAtStrideTwo)[static_cast<std::size_t>(phase.taps - 3) / 2];
}

/// One row of outputs against `rows` kernel rows, in tiles of about the same width.
void gradient_row(const DepthwiseGradient& task, int rows, GradientTile tile) {
  const Phase& phase = task.sweep->columns.phases[0];
  const GradientFunctions& functions = gradient_functions_of(phase);
  const Range inner = interior(phase, task.sweep->source.width);
  const int widest = gradient_columns_for(phase.taps);
  const int count = (phase.outputs + widest - 1) / widest;
  for (int i = 0; i < count; ++i) {
    tile.column = phase.outputs * i / count;
    const int end = phase.outputs * (i + 1) / count;
    const bool edge = tile.column < inner.low || end > inner.high;
    const auto columns = static_cast<std::size_t>(end - tile.column);
    functions[edge ? 1 : 0][static_cast<std::size_t>(rows - 1)][columns - 1](task, tile);
  }
}

void sliding_gradient_block(const DepthwiseGradient& task) {
  const int most_rows = gradient_rows_for(task.sweep->columns.phases[0].taps);
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (const Position& row : rows.positions) {
      for (const Span& span : rows.spans) {
        const int passes = span.count / most_rows;
        const int rest = span.count % most_rows;
        GradientTile tile{.output_row = row.output,
                          .source_row = row.origin + span.source,
                          .kernel_row = span.kernel,
                          .passes = passes,
                          .column = 0};
        if (passes > 0) gradient_row(task, most_rows, tile);
        if (rest == 0) continue;
        tile.source_row += passes * most_rows;
        tile.kernel_row += passes * most_rows;
        tile.passes = 1;
        gradient_row(task, rest, tile);
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(sliding_gradient_block);

bool gradient_slides(const Sweep& sweep) {
  if (sweep.source.channels != sweep.output.channels) return false;
  if (sweep.columns.phases.size() != 1) return false;
  const Phase& phase = sweep.columns.phases[0];
  return (phase.taps == 3 || phase.taps == 5 || phase.taps == 7) && phase.source_stride <= 2;
}

void accumulate_sliding(const DepthwiseGradient& task) {
  HWY_DYNAMIC_DISPATCH(sliding_gradient_block)(task);
}

}  // namespace thimble::engine
#endif
