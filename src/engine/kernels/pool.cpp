#include "pool.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool.cpp"
#include <hwy/foreach_target.h>
// After foreach_target, for it is included once for each of them.
#include "lanes-inl.hpp"

#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace thimble::engine::HWY_NAMESPACE {

/// Channels that go together: a window's places are far apart, its channels side by side.
inline constexpr int kManyChannels = kVectors <= 2 ? 2 : 1;
inline constexpr int kUnrolled = kManyChannels * kUnrolledVectors;

// A window's places are at source + taps[i]. `Taps` is a span, of fixed extent for the usual
// windows. The functions work on kSize registers from there: one channel's row of lanes, or those
// of neighbouring channels.

template <int kSize>
struct Registers {
  V values[kSize];
};

template <int kSize, class Taps>
HWY_INLINE Registers<kSize> largest(const float* source, const Taps& taps) {
  Registers<kSize> result;
  HWY_UNROLL(kUnrolled)
  for (int v = 0; v < kSize; ++v) result.values[v] = load(source + taps[0] + v * kWidth);
  for (const std::size_t tap : taps) {
    HWY_UNROLL(kUnrolled)
    for (int v = 0; v < kSize; ++v) {
      result.values[v] = hn::Max(result.values[v], load(source + tap + v * kWidth));
    }
  }
  return result;
}

template <int kSize, class Taps>
HWY_INLINE Registers<kSize> average(const float* source, const Taps& taps) {
  Registers<kSize> result;
  HWY_UNROLL(kUnrolled)
  for (int v = 0; v < kSize; ++v) result.values[v] = load(source + taps[0] + v * kWidth);
  for (const std::size_t tap : taps.template subspan<1>()) {
    HWY_UNROLL(kUnrolled)
    for (int v = 0; v < kSize; ++v) {
      result.values[v] = hn::Add(result.values[v], load(source + tap + v * kWidth));
    }
  }
  const V share = splat(1.0F / static_cast<float>(taps.size()));
  HWY_UNROLL(kUnrolled)
  for (int v = 0; v < kSize; ++v) result.values[v] = hn::Mul(result.values[v], share);
  return result;
}

/// The gradient so far, or zeros where it is to be overwritten.
template <bool kOverwrite>
HWY_INLINE V before(const float* place) {
  return kOverwrite ? zero() : load(place);
}

template <int kSize, bool kOverwrite, class Taps>
HWY_INLINE void spread_to_largest(const float* source, const Taps& taps, const float* gradient,
                                  float* source_gradient) {
  const Registers<kSize> top = largest<kSize>(source, taps);
  Registers<kSize> rest;
  HWY_UNROLL(kUnrolled)
  for (int v = 0; v < kSize; ++v) rest.values[v] = load(gradient + v * kWidth);
  for (const std::size_t tap : taps) {
    HWY_UNROLL(kUnrolled)
    for (int v = 0; v < kSize; ++v) {
      // What an earlier maximum took is zero here and adds nothing.
      const auto here = hn::Eq(load(source + tap + v * kWidth), top.values[v]);
      float* const place = source_gradient + tap + v * kWidth;
      store(hn::Add(before<kOverwrite>(place), hn::IfThenElseZero(here, rest.values[v])), place);
      rest.values[v] = hn::IfThenZeroElse(here, rest.values[v]);
    }
  }
}

template <int kSize, bool kOverwrite, class Taps>
HWY_INLINE void spread_evenly(const Taps& taps, const float* gradient, float* source_gradient) {
  const V part = splat(1.0F / static_cast<float>(taps.size()));
  V share[kSize];
  HWY_UNROLL(kUnrolled)
  for (int v = 0; v < kSize; ++v) share[v] = hn::Mul(load(gradient + v * kWidth), part);
  for (const std::size_t tap : taps) {
    HWY_UNROLL(kUnrolled)
    for (int v = 0; v < kSize; ++v) {
      float* const place = source_gradient + tap + v * kWidth;
      store(hn::Add(before<kOverwrite>(place), share[v]), place);
    }
  }
}

/// One window: where it begins, its places from there, its output.
template <class Taps>
struct Window {
  const float* source;
  Taps taps;
  const float* output_gradient;
  float* output;           // forward, or null
  float* source_gradient;  // backward, or null
};

template <int kSize, class Taps>
HWY_INLINE void pool_channels(const Pooling& task, const Window<Taps>& window, std::size_t at) {
  const bool maximum = task.kind == PoolKind::kMax;
  const float* const source = window.source + at;
  if (window.source_gradient == nullptr) {
    const Registers<kSize> result =
        maximum ? largest<kSize>(source, window.taps) : average<kSize>(source, window.taps);
    HWY_UNROLL(kUnrolled)
    for (int v = 0; v < kSize; ++v) store(result.values[v], window.output + at + v * kWidth);
    return;
  }
  const float* const gradient = window.output_gradient + at;
  float* const to = window.source_gradient + at;
  if (maximum && task.overwrite) {
    spread_to_largest<kSize, true>(source, window.taps, gradient, to);
  } else if (maximum) {
    spread_to_largest<kSize, false>(source, window.taps, gradient, to);
  } else if (task.overwrite) {
    spread_evenly<kSize, true>(window.taps, gradient, to);
  } else {
    spread_evenly<kSize, false>(window.taps, gradient, to);
  }
}

template <class Taps>
void pool_window(const Pooling& task, const Window<Taps>& window) {
  constexpr std::size_t kMany = kManyChannels * kLanes;
  const std::size_t floats = static_cast<std::size_t>(task.sweep->source.channels) * kLanes;
  std::size_t at = 0;
  for (; at + kMany <= floats; at += kMany) {
    pool_channels<kManyChannels * kVectors>(task, window, at);
  }
  for (; at < floats; at += kLanes) pool_channels<kVectors>(task, window, at);
}

std::span<const std::size_t> taps_of(const Pooling& task, const TapGroup& rows,
                                     const TapGroup& columns) {
  const Shape in = task.sweep->source;
  std::size_t count = 0;
  for (const Span& row : rows.spans) {
    for (int r = 0; r < row.count; ++r) {
      for (const Span& column : columns.spans) {
        for (int c = 0; c < column.count; ++c) {
          task.scratch[count++] =
              static_cast<std::size_t>((row.source + r) * in.width + column.source + c) *
              static_cast<std::size_t>(in.channels) * kLanes;
        }
      }
    }
  }
  return task.scratch.first(count);
}

void pool_block(const Pooling& task, const float* output_gradient, float* output,
                float* source_gradient) {
  const Shape in = task.sweep->source;
  const Shape out = task.sweep->output;
  const std::size_t pixel_floats = static_cast<std::size_t>(in.channels) * kLanes;
  for (const TapGroup& rows : task.sweep->rows.groups) {
    for (const TapGroup& columns : task.sweep->columns.groups) {
      const auto taps = taps_of(task, rows, columns);
      for (const Position& row : rows.positions) {
        for (const Position& column : columns.positions) {
          const std::size_t origin =
              static_cast<std::size_t>(row.origin * in.width + column.origin) * pixel_floats;
          const std::size_t place =
              static_cast<std::size_t>(row.output * out.width + column.output) * pixel_floats;
          const auto pool_taps = [&](const auto& some) {
            pool_window(task,
                        Window<std::remove_cvref_t<decltype(some)>>{
                            .source = task.source + origin,
                            .taps = some,
                            .output_gradient =
                                output_gradient == nullptr ? nullptr : output_gradient + place,
                            .output = output == nullptr ? nullptr : output + place,
                            .source_gradient =
                                source_gradient == nullptr ? nullptr : source_gradient + origin});
          };
          if (taps.size() == 4) {
            pool_taps(taps.first<4>());
          } else if (taps.size() == 9) {
            pool_taps(taps.first<9>());
          } else {
            pool_taps(taps);
          }
        }
      }
    }
  }
}

}  // namespace thimble::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace thimble::engine {

HWY_EXPORT(pool_block);

void pool(const Pooling& task, float* output) {
  HWY_DYNAMIC_DISPATCH(pool_block)(task, nullptr, output, nullptr);
}
void pool_backward(const Pooling& task, const float* output_gradient, float* source_gradient) {
  HWY_DYNAMIC_DISPATCH(pool_block)(task, output_gradient, nullptr, source_gradient);
}

}  // namespace thimble::engine
#endif
