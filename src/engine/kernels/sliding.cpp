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

inline constexpr int kMostStripColumns = 6;

/// Columns of a strip: their sums, the weights of a row, one line of the source and one register to
/// spare.
constexpr int strip_columns_for(int taps) {
  return std::clamp((kRegisters - 2 - taps) / kVectors, 1, kMostStripColumns);
}

/// A kernel row that falls into the image for the outputs of one row.
struct TapRow {
  std::ptrdiff_t source;   // floats from the source's begin to its row
  std::ptrdiff_t weights;  // from a channel's first weight
};

struct TapRows {
  std::array<TapRow, kMostKernelRows> rows;
  int count = 0;
};

TapRows tap_rows(const Sweep& sweep, const TapGroup& group, const Position& position) {
  TapRows result;
  const std::ptrdiff_t pitch = std::ptrdiff_t{sweep.source.width} * sweep.source.channels * kLanes;
  for (const Span& span : group.spans) {
    for (int r = 0; r < span.count; ++r) {
      result.rows[static_cast<std::size_t>(result.count++)] = {
          .source = (position.origin + span.source + r) * pitch,
          .weights = std::ptrdiff_t{span.kernel + r} * sweep.columns.kernel};
    }
  }
  return result;
}

/// Neighbouring outputs of one row.
struct Strip {
  const TapRows* rows;
  const Phase* phase;
  int output_row;
  int first;  // counted in the phase
};

/// One strip of all channels, one channel after another: a pixel's channels lie side by side. At an
/// edge of the image some sources are missing; a bare strip has neither bias nor addend nor
/// activation.
template <int kTaps, int kStride, int kColumns, bool kEdge, bool kBare>
void convolve_strip(const DepthwiseConvolution& task, const Strip& strip) {
  constexpr int kSources = (kColumns - 1) * kStride + kTaps;
  const Sweep& sweep = *task.sweep;
  const Phase& phase = *strip.phase;
  const int channels = sweep.output.channels;
  const std::ptrdiff_t pixel = std::ptrdiff_t{channels} * kLanes;
  const int first_source = phase.first_source + strip.first * kStride;
  const Range present = inside(first_source, kSources, sweep.source.width);
  const int first_output = phase.first_output + strip.first * phase.output_step;
  const std::ptrdiff_t step = phase.output_step * pixel;
  const std::ptrdiff_t kernel = std::ptrdiff_t{sweep.rows.kernel} * sweep.columns.kernel;
  const TapRows& rows = *strip.rows;
  const Bounds bounds(task.activation);
  const float* source = task.source + first_source * pixel;
  const float* weights = task.weights + phase.first_place;
  std::ptrdiff_t at =
      (std::ptrdiff_t{strip.output_row} * sweep.output.width + first_output) * pixel;

  for (int c = 0; c < channels; ++c, source += kLanes, weights += kernel, at += kLanes) {
    V sums[kColumns][kVectors];
    const V bias = kBare || task.bias == nullptr ? zero() : splat(task.bias[c]);
    HWY_UNROLL(6)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) sums[p][v] = bias;
    }
    for (int r = 0; r < rows.count; ++r) {
      const TapRow row = rows.rows[static_cast<std::size_t>(r)];
      const float* HWY_RESTRICT x = source + row.source;
      const float* HWY_RESTRICT w = weights + row.weights;
      V weight[kTaps];
      HWY_UNROLL(7)
      for (int t = 0; t < kTaps; ++t) weight[t] = splat(w[t]);
      HWY_UNROLL(24)
      for (int s = 0; s < kSources; ++s) {
        const float* line = x + s * pixel;
        if (kEdge && (s < present.low || s >= present.high)) line = kBlackLine;
        HWY_UNROLL(kUnrolledVectors)
        for (int v = 0; v < kVectors; ++v) {
          const V in = load(line + v * kWidth);
          HWY_UNROLL(6)
          for (int p = 0; p < kColumns; ++p) {
            const int t = s - p * kStride;
            if (t >= 0 && t < kTaps) sums[p][v] = hn::MulAdd(weight[t], in, sums[p][v]);
          }
        }
      }
    }
    HWY_UNROLL(6)
    for (int p = 0; p < kColumns; ++p) {
      HWY_UNROLL(kUnrolledVectors)
      for (int v = 0; v < kVectors; ++v) {
        V sum = sums[p][v];
        const std::ptrdiff_t place = at + p * step + v * kWidth;
        if constexpr (!kBare) {
          if (task.addend != nullptr) sum = hn::Add(sum, load(task.addend + place));
          sum = hn::Min(splat(bounds.high), hn::Max(splat(bounds.low), sum));
        }
        store(sum, task.output + place);
      }
    }
  }
}

using StripFunction = void (*)(const DepthwiseConvolution&, const Strip&);
using StripFunctions = std::array<StripFunction, kMostStripColumns>;  // by columns − 1

template <int kTaps, int kStride, bool kEdge, bool kBare, std::size_t... kIndices>
constexpr StripFunctions strip_functions(std::index_sequence<kIndices...>) {
  return {&convolve_strip<kTaps, kStride,
                          std::min(static_cast<int>(kIndices) + 1, strip_columns_for(kTaps)), kEdge,
                          kBare>...};
}

struct Strips {
  /// By whether at an edge, then by whether bare.
  std::array<std::array<StripFunctions, 2>, 2> functions;
};

template <int kTaps, int kStride>
constexpr Strips strips() {
  constexpr auto kColumns = std::make_index_sequence<kMostStripColumns>();
  return {{{{strip_functions<kTaps, kStride, false, false>(kColumns),
             strip_functions<kTaps, kStride, false, true>(kColumns)},
            {strip_functions<kTaps, kStride, true, false>(kColumns),
             strip_functions<kTaps, kStride, true, true>(kColumns)}}}};
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

/// A row of a phase, in strips of about the same width.
void convolve_row(const DepthwiseConvolution& task, const TapRows& rows, const Phase& phase,
                  int output_row) {
  const bool bare =
      task.bias == nullptr && task.addend == nullptr && task.activation == Activation::kNone;
  const Strips& strips = strips_for(phase);
  const Range inner = interior(phase, task.sweep->source.width);
  const int widest = strip_columns_for(phase.taps);
  const int count = (phase.outputs + widest - 1) / widest;
  for (int strip = 0; strip < count; ++strip) {
    const int first = phase.outputs * strip / count;
    const int end = phase.outputs * (strip + 1) / count;
    const bool edge = first < inner.low || end > inner.high;
    strips.functions[edge ? 1 : 0][bare ? 1 : 0][static_cast<std::size_t>(end - first - 1)](
        task, {.rows = &rows, .phase = &phase, .output_row = output_row, .first = first});
  }
}

void sliding_block(const DepthwiseConvolution& task) {
  for (const TapGroup& group : task.sweep->rows.groups) {
    for (const Position& position : group.positions) {
      const TapRows rows = tap_rows(*task.sweep, group, position);
      for (const Phase& phase : task.sweep->columns.phases) {
        convolve_row(task, rows, phase, position.output);
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(sliding_block);

bool slides(const Sweep& sweep) {
  if (sweep.source.channels != sweep.output.channels) return false;
  if (sweep.rows.kernel > kMostKernelRows) return false;
  const std::vector<Phase>& phases = sweep.columns.phases;
  return !phases.empty() && std::ranges::all_of(phases, [](const Phase& phase) {
    const bool odd = phase.taps == 3 || phase.taps == 5 || phase.taps == 7;
    return phase.source_stride == 1 ? odd || phase.taps == 1 || phase.taps == 2 || phase.taps == 4
                                    : odd && phase.source_stride == 2;
  });
}

void convolve_sliding(const DepthwiseConvolution& task) {
  HWY_DYNAMIC_DISPATCH(sliding_block)(task);
}

}  // namespace thimble::engine
#endif
