#include "sliding.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sliding.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <algorithm>
#include <array>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

inline constexpr int kStripColumns = 8;
/// As many as a kernel of width 7 has at an edge.
inline constexpr int kEdgeColumns = 3;

/// Columns of a tile: their sums, the taps' weights, one line of the source and one register to
/// spare.
constexpr int strip_columns_for(int taps) {
  return std::clamp((kRegisters - 2 - taps) / kVectors, 1, kStripColumns);
}

/// Neighbouring outputs of one row.
struct Strip {
  const TapGroup* rows;
  const Position* row;
  const Phase* phase;
  int first;  // counted in the phase
};

/// At an edge of the image, where some sources are missing, with a question before each of them.
template <bool kEdge, int kTaps, int kStride, int kColumns>
void convolve_strip(const DepthwiseConvolution& task, const Strip& strip) {
  constexpr int kSources = (kColumns - 1) * kStride + kTaps;
  const Sweep& sweep = *task.sweep;
  const Phase& phase = *strip.phase;
  const int first_source = phase.first_source + strip.first * kStride;
  const Range present = inside(first_source, kSources, sweep.source.width);
  const std::ptrdiff_t pixel = std::ptrdiff_t{sweep.source.channels} * kLanes;
  const int first_output = phase.first_output + strip.first * phase.output_step;
  const std::ptrdiff_t output_pixel = std::ptrdiff_t{sweep.output.channels} * kLanes;
  const std::ptrdiff_t output =
      (std::ptrdiff_t{strip.row->output} * sweep.output.width + first_output) * output_pixel;
  const Bounds bounds(task.activation);
  const V low = splat(bounds.low);
  const V high = splat(bounds.high);

  for (int c = 0; c < sweep.output.channels; ++c) {
    V sums[kColumns][kVectors];
    const V bias = task.bias == nullptr ? zero() : splat(task.bias[c]);
    HWY_UNROLL(8)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) sums[p][v] = bias;
    }
    for (int j = 0; j < task.fan_in; ++j) {
      const float* const weights = task.weights + (std::ptrdiff_t{c} * task.fan_in + j) *
                                                      sweep.rows.kernel * sweep.columns.kernel;
      const std::ptrdiff_t channel = std::ptrdiff_t{c / task.fan_out * task.fan_in + j} * kLanes;
      for (const Span& span : strip.rows->spans) {
        for (int r = 0; r < span.count; ++r) {
          const float* HWY_RESTRICT w =
              weights + (span.kernel + r) * sweep.columns.kernel + phase.first_place;
          V weight[kTaps];
          HWY_UNROLL(7)
          for (int t = 0; t < kTaps; ++t) weight[t] = splat(w[t]);
          const std::ptrdiff_t row =
              std::ptrdiff_t{strip.row->origin + span.source + r} * sweep.source.width;
          const std::ptrdiff_t begin = (row + first_source) * pixel + channel;
          HWY_UNROLL(24)
          for (int s = 0; s < kSources; ++s) {
            if (kEdge && (s < present.low || s >= present.high)) continue;
            HWY_UNROLL(kUnrolledVectors)
            for (int v = 0; v < kVectors; ++v) {
              const V in = load(task.source + begin + s * pixel + v * kWidth);
              HWY_UNROLL(8)
              for (int p = 0; p < kColumns; ++p) {
                const int t = s - p * kStride;
                if (t >= 0 && t < kTaps) sums[p][v] = hn::MulAdd(weight[t], in, sums[p][v]);
              }
            }
          }
        }
      }
    }
    HWY_UNROLL(8)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V sum = sums[p][v];
        const std::ptrdiff_t at =
            output + p * phase.output_step * output_pixel + std::ptrdiff_t{c} * kLanes + v * kWidth;
        if (task.addend != nullptr) sum = hn::Add(sum, load(task.addend + at));
        if (task.activation != Activation::kNone) sum = hn::Min(high, hn::Max(low, sum));
        store(sum, task.output + at);
      }
    }
  }
}

using StripFunction = void (*)(const DepthwiseConvolution&, const Strip&);

/// By columns − 1; those wider than a tile stay null.
using StripFunctions = std::array<StripFunction, kStripColumns>;

template <bool kEdge, int kTaps, int kStride, std::size_t... kIndices>
constexpr StripFunctions strip_functions(std::index_sequence<kIndices...>) {
  return {&convolve_strip<kEdge, kTaps, kStride, static_cast<int>(kIndices) + 1>...};
}

struct Strips {
  StripFunctions edge;
  StripFunctions inner;
};

constexpr int edge_columns_for(int taps) { return std::min(kEdgeColumns, strip_columns_for(taps)); }

template <int kTaps, int kStride>
constexpr Strips strips() {
  return {
      strip_functions<true, kTaps, kStride>(std::make_index_sequence<edge_columns_for(kTaps)>()),
      strip_functions<false, kTaps, kStride>(std::make_index_sequence<strip_columns_for(kTaps)>())};
}

const Strips& strips_for(const Phase& phase) {
  static constexpr Strips kNone{};
  static constexpr std::array kAtStrideOne{kNone,          strips<1, 1>(), strips<2, 1>(),
                                           strips<3, 1>(), strips<4, 1>(), strips<5, 1>(),
                                           kNone,          strips<7, 1>()};
  static constexpr std::array kAtStrideTwo{kNone, kNone,          kNone, strips<3, 2>(),
                                           kNone, strips<5, 2>(), kNone, strips<7, 2>()};
  return (phase.source_stride == 1 ? kAtStrideOne
                                   : kAtStrideTwo)[static_cast<std::size_t>(phase.taps)];
}

/// Outputs [range.low, range.high) of a row's phase, in tiles of about the same width.
void convolve_range(const DepthwiseConvolution& task, const StripFunctions& functions, int widest,
                    Range range, Strip strip) {
  const int outputs = range.high - range.low;
  const int tiles = (outputs + widest - 1) / widest;
  for (int tile = 0; tile < tiles; ++tile) {
    strip.first = range.low + outputs * tile / tiles;
    const int end = range.low + outputs * (tile + 1) / tiles;
    functions[static_cast<std::size_t>(end - strip.first - 1)](task, strip);
  }
}

void sliding_block(const DepthwiseConvolution& task) {
  for (const Phase& phase : task.sweep->columns.phases) {
    const Strips& functions = strips_for(phase);
    const Range inner = interior(phase, task.sweep->source.width);
    for (const TapGroup& rows : task.sweep->rows.groups) {
      for (const Position& row : rows.positions) {
        const Strip strip{&rows, &row, &phase, 0};
        const int at_edge = edge_columns_for(phase.taps);
        convolve_range(task, functions.edge, at_edge, {0, inner.low}, strip);
        convolve_range(task, functions.inner, strip_columns_for(phase.taps), inner, strip);
        convolve_range(task, functions.edge, at_edge, {inner.high, phase.outputs}, strip);
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(sliding_block);

bool slides(const Axis& columns) {
  if (gradient_slides(columns)) return true;
  return !columns.phases.empty() && std::ranges::all_of(columns.phases, [](const Phase& phase) {
    return phase.source_stride == 1 && phase.taps >= 1 && phase.taps <= 5;
  });
}

void convolve_sliding(const DepthwiseConvolution& task) {
  HWY_DYNAMIC_DISPATCH(sliding_block)(task);
}

}  // namespace thimble::engine
#endif
